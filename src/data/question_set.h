// What a data set's file holds: questions, and the rows that make none, with the reason.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "record/question.h"  // Question

namespace lmc::data {

// A row of the source; its questions are kept or it is rejected, never guessed at.
struct RejectedRow {
  std::string file;
  int64_t row = 0;     // from 1, a table's header not counted
  std::string reason;  // one of a few fixed sentences, so that reasons can be counted
  std::string detail;  // what was found
};

struct SourceQuestion {
  record::Question question;  // `image` as the source names it; no hash yet
  int64_t row = 0;
};

struct QuestionSet {
  std::string file;
  std::vector<SourceQuestion> questions;
  std::vector<RejectedRow> rejected;
  std::map<std::string, int64_t> notes;  // oddities that do not spoil a question, counted
};

// PMC-VQA: version 1 (8 columns, the gold letter in Answer_label) or version 2 (10 columns, the
// gold letter in Answer, a caption); the header tells which, and names the columns in any order.
// Ids: "pmc-vqa-2/<index>"; "pmc-vqa-1/<file stem>/<figure stem>/<hash of the row>".
// Errors: InputError when the header is neither.
QuestionSet read_pmc_vqa(const std::string& path);

// VQA-RAD: its closed questions as choices: yes or no, and "A or B?" where the question itself
// names both alternatives. Ids: "vqa-rad/<qid>". The split is that of phrase_type ("test_...":
// test).
QuestionSet read_vqa_rad(const std::string& path);

// SLAKE: its closed questions as choices, in both languages; the boxes of detection.json beside an
// image. The file's name is the split (train.json, validation.json, test.json). Ids:
// "slake/<split>/<qid>"; the source names the language ("slake-en:test.json").
QuestionSet read_slake(const std::string& path, const std::string& image_folder);

// Own data as JSON Lines: the keys of questions.jsonl, of which question, options, answer and image
// are required. `options` may also be a list, lettered in its order. Without an id it is
// "<file stem>/<hash of the line>".
QuestionSet read_json_lines(const std::string& path);

// The first 12 digits of a hash: enough to tell the rows of one figure apart.
std::string short_hash(std::string_view text);

// Two reasons that more than one format has.
inline constexpr char kBadGold[] = "the gold answer is not the letter of an option";
inline constexpr char kRepeatedId[] = "the same row stands in the file twice";

}  // namespace lmc::data
