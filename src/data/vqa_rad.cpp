// Traps of the set: types are mixed (a string `qid`, numeric answers), "CLOSED " has a blank, texts
// end in blanks, and some closed questions are answered "Maybe" or by something they do not name.
#include <filesystem>
#include <optional>
#include <unordered_set>

#include "base/check.h"  // InputError
#include "base/json.h"   // read_json
#include "data/closed_question.h"
#include "data/question_set.h"

namespace lmc::data {

namespace {

std::optional<Problem> read_row(const Json& row, const std::string& file_name,
                                record::Question& question) {
  if (!row.is_object()) return Problem{kNoObject, ""};
  const auto id = text_of(row, "qid");
  const auto text = text_of(row, "question");
  const auto answer = text_of(row, "answer");
  const auto image = text_of(row, "image_name");
  const auto answer_type = text_of(row, "answer_type");
  const auto phrase_type = text_of(row, "phrase_type");
  if (!id || !text || !answer || !image || !answer_type || !phrase_type) {
    return Problem{kMissingKey,
                   "needs qid, question, answer, image_name, answer_type, phrase_type"};
  }
  if (text->empty() || image->empty()) return Problem{"the question or its image is empty", *id};
  if (*answer_type != "CLOSED") return Problem{kOpenQuestion, *answer_type};
  question.id = "vqa-rad/" + *id;
  question.question = *text;
  question.image = *image;
  question.split = phrase_type->starts_with("test") ? "test" : "train";
  question.source = "vqa-rad:" + file_name;
  question.group = std::filesystem::path(*image).stem().string();
  return read_choices(*answer, question);
}

}  // namespace

QuestionSet read_vqa_rad(const std::string& path) {
  const Json rows = read_json(path);
  if (!rows.is_array()) throw InputError(path, "expected a list of questions");
  const std::string file_name = std::filesystem::path(path).filename().string();
  QuestionSet set;
  set.file = path;
  std::unordered_set<std::string> ids;
  int64_t row_number = 0;
  for (const Json& row : rows) {
    SourceQuestion source;
    source.row = ++row_number;
    std::optional<Problem> problem = read_row(row, file_name, source.question);
    if (!problem && !ids.insert(source.question.id).second) {
      problem = Problem{kRepeatedId, source.question.id};
    }
    if (problem) {
      set.rejected.push_back({path, row_number, problem->reason, problem->detail});
    } else {
      set.questions.push_back(std::move(source));
    }
  }
  return set;
}

}  // namespace lmc::data
