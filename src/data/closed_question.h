// Closed questions of free-answer sets (VQA-RAD, SLAKE) as choices: yes or no, and the alternatives
// that the question itself names ("A, B or C?"; see alternatives.h).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/json.h"        // Json
#include "data/source_row.h"  // VisitRow

namespace lmc::data {

// A string (trimmed) or a number as text (12.0 is "12"); nothing for all else and an absent key.
std::optional<std::string> text_of(const Json& row, const char* key);

// How a set names what the others do too, beside qid, question, answer and answer_type.
struct ClosedKeys {
  const char* image;
  const char* group;  // what tells the set's parts apart: a phrase type, a language
};

// Fills in what is the set's own (id, split, source, group, ...). `id` and `group` are the values
// of qid and of ClosedKeys::group; question and image are filled in already.
using CompleteQuestion = std::function<void(const Json& row, const std::string& id,
                                            const std::string& group, record::Question& question)>;

// The closed questions of a JSON file; yes stands at A. Open questions, rows without a key, closed
// ones that name no choice for certain, and repeated ids are rejected with their reason.
// Errors: those of json_rows.h.
void for_each_closed_question(const std::string& path, const ClosedKeys& keys,
                              const CompleteQuestion& complete, const VisitRow& visit);

// Fills in the two options, yes at A, and the gold letter of a question that is answered by a word
// that affirms or denies, in English or Chinese; false for any other answer.
bool read_yes_or_no(const std::string& answer, record::Question& question);

inline constexpr char kOpenQuestion[] = "the question is open, not a choice";

}  // namespace lmc::data
