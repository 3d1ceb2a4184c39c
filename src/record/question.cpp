#include "record/question.h"

#include <filesystem>
#include <set>

#include "record/json_lines.h"  // for_each_record

namespace lmc::record {

namespace {

char letter_from(const std::string& text, std::string_view where, std::string_view key) {
  if (text.size() != 1 || text[0] < 'A' || text[0] > 'Z') {
    throw InputError(where,
                     cat("key \"", key, "\": expected one letter A to Z, found \"", text, "\""));
  }
  return text[0];
}

std::map<char, std::string> options_from(const Json& json, std::string_view where) {
  const auto found = json.find("options");
  if (found == json.end()) throw InputError(where, "key \"options\" is missing");
  if (!found->is_object()) fail_json_type(where, "options", "object", *found);
  std::map<char, std::string> options;
  for (const auto& [key, value] : found->items()) {
    options[letter_from(key, where, "options")] = json_as<std::string>(value, where, "options");
  }
  if (options.size() < 2) {
    throw InputError(where, cat("key \"options\": expected two or more, found ", options.size()));
  }
  return options;
}

Box box_from(const Json& json, std::string_view where) {
  Box box;
  box.label = json_get<std::string>(json, "label", where);
  const auto found = json.find("ltrb_px");
  if (found == json.end()) throw InputError(where, "key \"ltrb_px\" of a box is missing");
  const auto sides = json_as<std::vector<double>>(*found, where, "ltrb_px");
  if (sides.size() != box.ltrb_px.size()) {
    throw InputError(where, cat("key \"ltrb_px\": expected left, top, right, bottom; found ",
                                sides.size(), " numbers"));
  }
  std::copy(sides.begin(), sides.end(), box.ltrb_px.begin());
  return box;
}

std::string image_beside(const std::string& image, const std::string& questions_path) {
  const std::filesystem::path path(image);
  if (path.empty() || path.is_absolute()) return image;
  return (std::filesystem::path(questions_path).parent_path() / path).lexically_normal().string();
}

}  // namespace

std::string image_group_of(const Question& question) {
  if (!question.group.empty()) return question.group;
  return question.image_sha256.empty() ? question.image : question.image_sha256;
}

Json to_json(const std::vector<Box>& boxes) {
  Json list = Json::array();
  for (const Box& box : boxes) list.push_back({{"label", box.label}, {"ltrb_px", box.ltrb_px}});
  return list;
}

std::vector<Box> boxes_from_json(const Json& json, std::string_view where) {
  const auto found = json.find("boxes");
  if (found == json.end() || found->is_null()) return {};
  if (!found->is_array()) fail_json_type(where, "boxes", "list", *found);
  std::vector<Box> boxes;
  for (const Json& one : *found) boxes.push_back(box_from(one, where));
  return boxes;
}

Json to_json(const Question& question) {
  Json options = Json::object();
  for (const auto& [letter, text] : question.options) options[std::string(1, letter)] = text;
  Json json = {{"id", question.id},
               {"image", question.image},
               {"image_sha256", question.image_sha256},
               {"question", question.question},
               {"options", std::move(options)},
               {"answer", std::string(1, question.answer)}};
  if (!question.caption.empty()) json["caption"] = question.caption;
  json["split"] = question.split;
  json["source"] = question.source;
  if (!question.group.empty()) json["group"] = question.group;
  if (!question.boxes.empty()) json["boxes"] = to_json(question.boxes);
  if (!question.modality.empty()) json["modality"] = question.modality;
  return json;
}

Question question_from_json(const Json& json, std::string_view where) {
  Question question;
  question.id = json_get<std::string>(json, "id", where);
  if (question.id.empty()) throw InputError(where, "key \"id\" is empty");
  question.image = json_get<std::string>(json, "image", where);
  question.image_sha256 = json_get<std::string>(json, "image_sha256", where);
  question.question = json_get<std::string>(json, "question", where);
  question.options = options_from(json, where);
  question.answer = letter_from(json_get<std::string>(json, "answer", where), where, "answer");
  if (!question.options.contains(question.answer)) {
    throw InputError(where, cat("key \"answer\": there is no option ", question.answer));
  }
  question.caption = json_get_or<std::string>(json, "caption", where, "");
  question.split = json_get<std::string>(json, "split", where);
  question.source = json_get<std::string>(json, "source", where);
  question.group = json_get_or<std::string>(json, "group", where, "");
  question.boxes = boxes_from_json(json, where);
  question.modality = json_get_or<std::string>(json, "modality", where, "");
  return question;
}

Question question_of_file(const Json& json, const std::string& path, std::string_view where) {
  Question question = question_from_json(json, where);
  if (!question.image.empty()) question.image = image_beside(question.image, path);
  return question;
}

void for_each_question(
    const std::string& path,
    const std::function<void(Question question, const std::string& where)>& visit) {
  for_each_record(path, LastLine::kIsWhole, [&](const Json& json, const std::string& where) {
    visit(question_of_file(json, path, where), where);
  });
}

std::vector<Question> read_questions(const std::string& path) {
  std::vector<Question> questions;
  std::set<std::string> ids;
  for_each_question(path, [&](Question question, const std::string& where) {
    if (!ids.insert(question.id).second) {
      throw InputError(where, cat("the id \"", question.id, "\" occurs twice"));
    }
    questions.push_back(std::move(question));
  });
  return questions;
}

}  // namespace lmc::record
