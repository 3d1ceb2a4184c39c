// Writes the world as a data set: images, PMC-VQA-v2 tables, boxes and reasoning.
//
// Format, in the folder `out`:
//   images/<figure>.png               128 x 128 px
//   <sort>_<split>.csv                index,Figure_path,Caption,Question,Choice A..D,Answer,split
//   <sort>_<split>_boxes.jsonl        {"figure", "boxes": [{"label", "ltrb_px"}]}: the places that
//                                     the question asks about, clear ones too
//   <sort>_<split>_captions.jsonl     conversations for `train`: the image and its caption
//   <sort>_<split>_explanations.jsonl a ledger as of `teach`: the true steps to each answer
//   reading.jsonl                     conversations for `train` (reading.h)
//   dataset.json                      the options; written last: a folder with it is complete
// with sort `single` (one finding; teaches to perceive) or `composite` (findings and a rule), and
// split `train`, `validation` or `test`. One figure belongs to one question, and no image occurs
// twice. The same options give the same bytes. A complete folder is left as it is.
// Errors: InputError when the folder holds another data set, or for a count below zero.
// Threads: renders on all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/fields.h"       // Field
#include "phantom/question.h"  // Question

namespace lmc::phantom {

struct DatasetOptions {
  std::string out;
  int64_t seed = 1;
  int64_t train = 2400;
  int64_t validation = 200;
  int64_t test = 400;
  int64_t single_train = 0;
  int64_t single_validation = 0;
  int64_t single_test = 0;
  int64_t reading = 0;

  std::vector<Field> fields();
};

struct Part {
  std::string sort;   // "single" or "composite"
  std::string split;  // "train", "validation" or "test"
};

// The question of this place in this part: the same for the same seed, whatever else is asked for.
// Kinds take turns; within each kind every outcome and every letter comes once in four questions.
Question question_at(const Part& part, int64_t index, int64_t seed);

// Calls `progress` (when given) after each image, from any thread.
void write_dataset(const DatasetOptions& options, const std::function<void()>& progress = {});

}  // namespace lmc::phantom
