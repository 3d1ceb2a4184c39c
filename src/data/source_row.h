// What the readers of data sets hand on: one row at a time, in the order of the file.
//
// A row makes a question or is rejected with its reason; nothing is guessed. The readers hold no
// row after its visit, so a table of any length takes the memory of one row (and of one hash an
// id); the sets that are published as one JSON list are held whole, some MB.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "record/question.h"  // Question

namespace lmc::data {

struct SourceRow {
  int64_t number = 0;      // from 1, a table's header not counted
  int64_t first_line = 0;  // of the file, from 1; 0: the source has no lines
  int64_t last_line = 0;
  record::Question question;  // `image` as the source names it; no hash yet
  std::string reason;         // not empty: rejected. One of a few fixed sentences, to be counted
  std::string detail;         // what was found
  std::vector<const char*> notes;  // oddities that do not spoil the question

  bool is_rejected() const { return !reason.empty(); }
  void reject(std::string_view why, std::string found) {
    reason = why;
    detail = std::move(found);
  }
};

// "line 7" or "lines 7 to 9".
std::string lines_of(const SourceRow& row);

// The row may be moved from.
using VisitRow = std::function<void(SourceRow& row)>;

// PMC-VQA: version 1 (8 columns, the gold letter in Answer_label) or version 2 (10 columns, the
// gold letter in Answer, a caption); the header tells which, and names the columns in any order.
// Ids: "pmc-vqa-2/<index>"; "pmc-vqa-1/<file stem>/<figure stem>/<hash of the row>".
// Errors: InputError when the header is neither.
void for_each_pmc_vqa(const std::string& path, const VisitRow& visit);

// VQA-RAD: its closed questions as choices: yes or no, and the alternatives that the question
// itself names ("A, B or C?"). Ids: "vqa-rad/<qid>". The split is that of phrase_type ("test_...":
// test).
void for_each_vqa_rad(const std::string& path, const VisitRow& visit);

// SLAKE: its closed questions as choices, in both languages; the boxes of detection.json beside an
// image. The file's name is the split (train.json, validation.json, test.json). Ids:
// "slake/<split>/<qid>"; the source names the language ("slake-en:test.json").
void for_each_slake(const std::string& path, const std::string& image_folder,
                    const VisitRow& visit);

// PathVQA: rows of JSON {image, question, answer}; the questions that are answered
// by yes or no. An image name without an extension gets ".jpg". The split is the key `split`, else
// that of the file's name. Ids: "path-vqa/<split>/<image stem>/<hash of the entry>".
void for_each_path_vqa(const std::string& path, const VisitRow& visit);

// Own data as a table whose header names question, image, answer and the options, each
// of which is a column "A", "option_a" or "Choice A"; id, caption, split, group and modality may be
// there. Case does not matter, other columns are ignored, and an empty cell is no option. Without
// an id it is "<file stem>/<hash of the row>". Ways to write the answer: see own_answer.h; the
// column answer_idx may stand in its place.
// Errors: InputError when a column is missing or stands twice.
void for_each_csv(const std::string& path, const VisitRow& visit);

// Own data as JSON: the keys of questions.jsonl, of which question, options, answer (or answer_idx)
// and image (or a list `images` of one) are required. `options` may also be a list, lettered in its
// order, or either of them as a string. Without an id it is "<file stem>/<hash of the row's text>".
void for_each_json_line(const std::string& path, const VisitRow& visit);

// The first 12 digits of a hash: enough to tell the rows of one figure apart.
std::string short_hash(std::string_view text);
std::string short_hash(const std::vector<std::string>& cells);

// The split that a file's name tells: "train_2.csv" -> "train", "val.json" -> "validation"; another
// name is the split itself.
std::string split_of_file(const std::string& path);

// Reasons that more than one format has.
inline constexpr char kBadGold[] = "the gold answer is not the letter of an option";
inline constexpr char kRepeatedId[] = "the same row stands in the file twice";

// Notes that more than one format has.
inline constexpr char kOwnLetters[] = "options began with their own letters, which were taken off";
inline constexpr char kSameText[] = "another option has the gold option's text (the letter counts)";

}  // namespace lmc::data
