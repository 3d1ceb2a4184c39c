// Explanations that other projects published, as lines of our ledger.
//
// A row is matched to a question of questions.jsonl (QuestionIndex), its letter is read by
// reading::answer_letter and put into our lettering by the options' texts, and the caller's rules
// judge it as if our own teacher had said it. Rows of one question that follow each other make one
// line: the first accepted explanation, the others in further_reasonings. Later ones are left out.
// What belongs to no question stands in <out>.unmatched.jsonl: row, id, reason.
// Reads JSON Lines, or one JSON list of up to 2 GB, row by row.
// Memory: see QuestionIndex.
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "base/fields.h"         // Field
#include "record/explanation.h"  // Explanation
#include "record/question.h"     // Question
#include "teacher/acceptance.h"  // AcceptanceOptions

namespace lmc::teacher {

struct ImportOptions {
  std::string questions;
  std::string source;  // the foreign file
  std::string out;     // the ledger, which the caller writes; names the file of unmatched rows
  std::string form = "auto";
  std::string teacher;  // who wrote the explanations; empty: as the row says, else the form's name
  bool match_images = true;

  std::vector<Field> fields();
};

struct ImportResult {
  std::string form;
  int64_t rows = 0;
  int64_t explanations = 0;                  // pairs of question and reply in them
  int64_t lines = 0;                         // given to the caller
  int64_t already_done = 0;                  // of these, not added: the ledger had the question
  int64_t accepted = 0;                      // lines
  std::map<std::string, int64_t> rejected;   // lines, by the caller's reason
  int64_t further = 0;                       // accepted, beside the first of a question
  int64_t relettered = 0;                    // answers whose options had other letters
  std::map<std::string, int64_t> unmatched;  // explanations, by reason
};

std::string summary(const ImportResult& result);

// Sets `accepted` and `reason`. question_id, reasoning, answer and reply (the reasoning, an empty
// line, "Answer: B" in our letters) are there already.
using Rules = std::function<void(record::Explanation& explanation, const record::Question&)>;

// Calls `add` for each line, in the order of the source: mode "import", no prompt hash, no tokens.
// `progress` (when given) is called after each row.
// Errors: InputError for options and files. A row that cannot be read is counted as unmatched.
ImportResult import_explanations(const ImportOptions& options, const Rules& rules,
                                 const std::function<void(const record::Explanation&)>& add,
                                 const std::function<void()>& progress = {});

// Imports into the ledger options.out, judged by `rules`; a question that has a line there already
// is left alone, so a run that was killed can be repeated. Progress goes to `out`.
ImportResult import_into_ledger(const ImportOptions& options, const AcceptanceOptions& rules,
                                std::ostream& out);

}  // namespace lmc::teacher
