// The alternatives that a question names, in English ("Is it in the liver or the right kidney?",
// "MRI, CT or X-Ray?") and Chinese ("这是CT还是MRI？", "肝脏和脾脏哪个更大？").
//
// An alternative is right or there is none: a question whose phrases can be cut in more than one
// way makes no choice. What decides: commas and colons around a list; articles before both phrases;
// words that are known to be of one kind (left and right, CT and MRI, liver and kidney) or that
// differ by a prefix (regular and irregular); a noun that both phrases end with. A noun that two
// adjectives share stands behind the second alone ("gray or white matter").
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lmc::data {

struct Alternatives {
  std::vector<std::string> texts;  // in the question's order and words; empty: see `problem`
  size_t gold = 0;                 // the one that is the answer
  const char* problem = nullptr;   // a fixed sentence
};

Alternatives read_alternatives(std::string_view question, std::string_view answer);

inline constexpr char kNoAlternatives[] = "closed, but the question names no alternatives";
inline constexpr char kUnclearAlternatives[] =
    "closed, but where the question's alternatives begin and end is not certain";
inline constexpr char kOtherAnswer[] =
    "closed, but the answer is none of the alternatives that the question names";

}  // namespace lmc::data
