// Closed questions of free-answer sets as choices: yes or no, and "A or B?" where the question
// itself names both alternatives.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"        // Json
#include "record/question.h"  // Question

namespace lmc::data {

// Why a row makes no question.
struct Problem {
  const char* reason;
  std::string detail;
};

// A string (trimmed) or a number as text; nothing for everything else and for an absent key.
std::optional<std::string> text_of(const Json& row, const char* key);

// Fills in options and gold letter from the question's text and its answer. Yes stands at A.
std::optional<Problem> read_choices(const std::string& answer, record::Question& question);

inline constexpr char kOpenQuestion[] = "the question is open, not a choice";
inline constexpr char kMissingKey[] = "a key is missing or is neither text nor number";
inline constexpr char kNoObject[] = "the entry is not an object";

}  // namespace lmc::data
