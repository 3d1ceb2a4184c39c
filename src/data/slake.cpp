// SLAKE: bilingual questions (English, Chinese) on radiology images, one JSON list a split.
//
// Beside each image, in its folder, lies detection.json: [{"Liver": [left, top, width, height]},
// ...]. Source: Liu et al., "SLAKE: A Semantically-Labeled Knowledge-Enhanced Dataset for Medical
// Visual
//         Question Answering", ISBI 2021; the keys as the published files have them.
#include <filesystem>
#include <map>
#include <unordered_set>

#include "base/check.h"  // InputError
#include "base/files.h"  // file_exists
#include "base/json.h"   // read_json
#include "data/closed_question.h"
#include "data/question_set.h"

namespace lmc::data {

namespace {

namespace fs = std::filesystem;

std::optional<Problem> read_row(const Json& row, const std::string& split,
                                const std::string& file_name, record::Question& question) {
  if (!row.is_object()) return Problem{kNoObject, ""};
  const auto id = text_of(row, "qid");
  const auto text = text_of(row, "question");
  const auto answer = text_of(row, "answer");
  const auto image = text_of(row, "img_name");
  const auto answer_type = text_of(row, "answer_type");
  const auto language = text_of(row, "q_lang");
  if (!id || !text || !answer || !image || !answer_type || !language) {
    return Problem{kMissingKey, "needs qid, question, answer, img_name, answer_type, q_lang"};
  }
  if (text->empty() || image->empty()) return Problem{"the question or its image is empty", *id};
  if (*answer_type != "CLOSED") return Problem{kOpenQuestion, *answer_type};
  question.id = cat("slake/", split, "/", *id);
  question.question = *text;
  question.image = *image;
  question.split = split;
  question.source = cat("slake-", *language, ":", file_name);
  question.group = fs::path(*image).parent_path().string();
  question.modality = text_of(row, "modality").value_or("");
  return read_choices(*answer, question);
}

// One entry: a label and [left, top, width, height] in pixels.
std::vector<record::Box> read_boxes(const std::string& path) {
  std::vector<record::Box> boxes;
  const Json list = read_json(path);
  if (!list.is_array()) throw InputError(path, "expected a list of labelled boxes");
  for (const Json& entry : list) {
    if (!entry.is_object()) throw InputError(path, "expected {label: [x, y, width, height]}");
    for (const auto& [label, sides] : entry.items()) {
      const auto xywh = json_as<std::vector<double>>(sides, path, label);
      if (xywh.size() != 4) throw InputError(path, cat("key \"", label, "\": expected 4 numbers"));
      boxes.push_back({label, {xywh[0], xywh[1], xywh[0] + xywh[2], xywh[1] + xywh[3]}});
    }
  }
  return boxes;
}

}  // namespace

QuestionSet read_slake(const std::string& path, const std::string& image_folder) {
  const Json rows = read_json(path);
  if (!rows.is_array()) throw InputError(path, "expected a list of questions");
  const std::string file_name = fs::path(path).filename().string();
  const std::string split = fs::path(path).stem().string();
  QuestionSet set;
  set.file = path;
  std::unordered_set<std::string> ids;
  std::map<std::string, std::vector<record::Box>> boxes_of;  // by the image's folder
  int64_t row_number = 0;
  for (const Json& row : rows) {
    SourceQuestion source;
    source.row = ++row_number;
    record::Question& question = source.question;
    std::optional<Problem> problem = read_row(row, split, file_name, question);
    if (!problem && !ids.insert(question.id).second) problem = Problem{kRepeatedId, question.id};
    if (problem) {
      set.rejected.push_back({path, row_number, problem->reason, problem->detail});
      continue;
    }
    const std::string beside =
        (fs::path(image_folder) / question.group / "detection.json").string();
    const auto [known, is_new] = boxes_of.try_emplace(question.group);
    if (is_new && file_exists(beside)) known->second = read_boxes(beside);
    question.boxes = known->second;
    set.questions.push_back(std::move(source));
  }
  return set;
}

}  // namespace lmc::data
