// Traps of the set: types are mixed (a string `qid`, numeric answers), "CLOSED " has a blank, texts
// end in blanks, and some closed questions are answered "Maybe" or by something they do not name.
#include <filesystem>

#include "data/closed_question.h"
#include "data/source_row.h"

namespace lmc::data {

void for_each_vqa_rad(const std::string& path, const VisitRow& visit) {
  namespace fs = std::filesystem;
  const std::string file_name = fs::path(path).filename().string();
  const auto complete = [&](const Json&, const std::string& id, const std::string& phrase_type,
                            record::Question& question) {
    question.id = "vqa-rad/" + id;
    question.split = phrase_type.starts_with("test") ? "test" : "train";
    question.source = "vqa-rad:" + file_name;
    question.group = fs::path(question.image).stem().string();
  };
  for_each_closed_question(path, {"image_name", "phrase_type"}, complete, visit);
}

}  // namespace lmc::data
