// SLAKE: bilingual questions (English, Chinese) on radiology images, one JSON list a split. Beside
// each image, in its folder, lies detection.json: [{"Liver": [left, top, width, height]}, ...].
//
// Source: Liu et al., "SLAKE: A Semantically-Labeled Knowledge-Enhanced Dataset for Medical Visual
//         Question Answering", ISBI 2021; the keys as the published files have them.
#include <filesystem>
#include <map>

#include "base/check.h"  // InputError
#include "base/files.h"  // file_exists
#include "base/json.h"   // read_json
#include "data/closed_question.h"
#include "data/source_row.h"

namespace lmc::data {

namespace {

namespace fs = std::filesystem;

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

void for_each_slake(const std::string& path, const std::string& image_folder,
                    const VisitRow& visit) {
  const std::string file_name = fs::path(path).filename().string();
  const std::string split = fs::path(path).stem().string();
  std::map<std::string, std::vector<record::Box>> boxes_of;  // by the image's folder
  const auto complete = [&](const Json& row, const std::string& id, const std::string& language,
                            record::Question& question) {
    question.id = cat("slake/", split, "/", id);
    question.split = split;
    question.source = cat("slake-", language, ":", file_name);
    question.group = fs::path(question.image).parent_path().string();
    question.modality = text_of(row, "modality").value_or("");
  };
  const auto add_boxes = [&](SourceRow& row) {
    if (!row.is_rejected()) {
      const std::string& group = row.question.group;
      const auto [known, is_new] = boxes_of.try_emplace(group);
      const std::string beside = (fs::path(image_folder) / group / "detection.json").string();
      if (is_new && file_exists(beside)) known->second = read_boxes(beside);
      row.question.boxes = known->second;
    }
    visit(row);
  };
  for_each_closed_question(path, {"img_name", "q_lang"}, complete, add_boxes);
}

}  // namespace lmc::data
