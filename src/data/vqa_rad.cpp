// Traps of the set: types are mixed (a string `qid`, numeric answers), "CLOSED " has a blank, texts
// end in blanks, and some closed questions are answered "Maybe" or by something they do not name.
#include <filesystem>

#include "data/closed_question.h"
#include "data/question_set.h"

namespace lmc::data {

QuestionSet read_vqa_rad(const std::string& path) {
  namespace fs = std::filesystem;
  const std::string file_name = fs::path(path).filename().string();
  return read_closed_questions(path, {"image_name", "phrase_type"},
                               [&](const Json&, const std::string& id,
                                   const std::string& phrase_type, record::Question& question) {
                                 question.id = "vqa-rad/" + id;
                                 question.split =
                                     phrase_type.starts_with("test") ? "test" : "train";
                                 question.source = "vqa-rad:" + file_name;
                                 question.group = fs::path(question.image).stem().string();
                               });
}

}  // namespace lmc::data
