// Where a reply ends and an invented conversation goes on: a model that did not stop writes the
// next question, and answers it, too.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace lmc::reading {

struct Turn {
  enum class Kind {
    kUser,       // "User:", "Human:", a token that ends a turn
    kAssistant,  // "Assistant:"
    kQuestion,   // "Question:", "Q2:", "Next question"
    kOptions,    // a question with a list of options below it
  };
  Kind kind = Kind::kQuestion;
  size_t begin = 0;  // bytes of the text
  size_t end = 0;    // after the marker
};

// In the order of the text.
std::vector<Turn> turns_of(std::string_view text);

// The reply's own turn. A turn of a user ends it, and so does a question once `answers` holds of
// what stands before it. What a reply repeats of the prompt before it answers is left alone.
std::string_view own_turn(std::string_view text, bool (*answers)(std::string_view, const void*),
                          const void* context);

}  // namespace lmc::reading
