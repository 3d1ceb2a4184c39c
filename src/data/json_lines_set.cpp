// Own data as JSON: JSON Lines, or a list.
#include <filesystem>
#include <optional>
#include <unordered_set>

#include "base/check.h"  // InputError
#include "base/digest.h"
#include "base/json.h"        // parse_json
#include "data/clean_text.h"  // trim, is_written_nan
#include "data/json_rows.h"
#include "data/own_answer.h"
#include "data/source_row.h"

namespace lmc::data {

namespace {

// The letters and texts of an object, of a list in its order, or of either written as a string.
Options read_options(Json json, const std::string& where) {
  if (json.is_string()) {
    const std::string text = json.get<std::string>();
    try {
      json = parse_json(text, where);
    } catch (const InputError&) {
      throw InputError(where, "key \"options\": the text is neither a JSON object nor a list",
                       text.find('\'') == text.npos ? "" : "Python's single quotes are not JSON");
    }
  }
  if (!json.is_object() && !json.is_array()) {
    fail_json_type(where, "options", "object or list", json);
  }
  Options options;
  char next = 'A';
  for (const auto& [key, value] : json.items()) {
    const char letter = json.is_array() || key.size() != 1 ? next++ : key[0];
    const bool is_small = letter >= 'a' && letter <= 'z';
    const char capital = is_small ? static_cast<char>(letter - 'a' + 'A') : letter;
    if ((json.is_object() && key.size() != 1) || capital < 'A' || capital > 'Z') {
      throw InputError(where, cat("key \"options\": expected letters A to Z, found \"", key, "\""));
    }
    // A table's rows have options that they do not need: null, "" or NaN.
    if (value.is_null()) continue;
    const auto text = text_in(value);
    if (!text) fail_json_type(where, "options", "strings", value);
    if (trim(*text).empty() || is_written_nan(*text)) continue;
    if (!options.emplace(capital, std::string(trim(*text))).second) {
      throw InputError(where, cat("key \"options\": the letter ", capital, " stands twice"));
    }
  }
  if (options.size() < 2) {
    throw InputError(where, cat("key \"options\": expected two or more, found ", options.size()));
  }
  return options;
}

// `image`, or the only one of `images`.
void read_image(Json& json, const std::string& where) {
  for (const char* key : {"image", "images"}) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_array()) continue;
    if (found->size() != 1) {
      throw InputError(where, cat("key \"", key, "\": expected one image, found ", found->size()));
    }
    const Json only = found->front();
    json[key] = only;
  }
  if (!json.contains("image") && json.contains("images")) json["image"] = json["images"];
}

class JsonSetReader {
 public:
  explicit JsonSetReader(const std::string& path) : path_(path), file_(path) {}
  JsonSetReader(const JsonSetReader&) = delete;  // `answers_` knows where it stands
  JsonSetReader& operator=(const JsonSetReader&) = delete;

  void read(JsonRow& json, SourceRow& row) {
    try {
      row.question = question_of(json, row);
      if (!ids_.insert(digest_of(row.question.id)).second) {
        row.reject(kRepeatedId, row.question.id);
      }
    } catch (const InputError& error) {
      row.reject("the line is not a question", error.what());
    }
  }

 private:
  // The row in the form of questions.jsonl: what own data may leave out is filled in.
  record::Question question_of(JsonRow& row, SourceRow& out) {
    const std::string where = lines_of(out);
    Json& json = row.value;
    if (!json.is_object()) fail_json_type(where, "", "object", json);
    read_image(json, where);
    for (const char* key : {"id", "caption", "split", "source", "group", "modality"}) {
      if (!json.contains(key)) continue;
      const auto text = text_in(json[key]);
      if (text) json[key] = *text;
      if (text && is_written_nan(*text)) json.erase(key);
    }
    const auto default_to = [&](const char* key, const std::string& value) {
      if (!json.contains(key)) json[key] = value;
    };
    default_to("id", cat(file_.stem().string(), "/", short_hash(row.text)));
    default_to("split", "");
    default_to("source", "jsonl:" + file_.filename().string());
    json["image_sha256"] = "";
    if (!json.contains("options")) throw InputError(where, "key \"options\" is missing");
    Options options = read_options(json["options"], where);
    if (strip_own_letters(options)) {
      out.notes.push_back(kOwnLetters);
    } else if (const char other = other_letter(options)) {
      throw InputError(where, cat(kOtherLetters, ": \"", options.at(other).substr(0, 80), "\""));
    }
    const OwnGold gold = gold_of(json);
    const OwnAnswer answer = answers_.read(gold, options);
    if (answer.letter == 0) {
      throw InputError(where, cat(answer.problem, ": \"", gold.text().substr(0, 80), "\""));
    }
    if (has_twin(options, answer.letter)) out.notes.push_back(kSameText);
    json["answer"] = std::string(1, answer.letter);
    json["options"] = Json::object();
    for (const auto& [letter, text] : options) json["options"][std::string(1, letter)] = text;
    record::Question question = record::question_from_json(json, where);
    if (question.question.empty()) throw InputError(where, "key \"question\" is empty");
    if (question.image.empty()) throw InputError(where, "key \"image\" is empty");
    return question;
  }

  static OwnGold gold_of(const Json& json) {
    OwnGold gold;
    if (json.contains("answer")) gold.answer = text_in(json["answer"]).value_or("");
    for (const char* key : {"answer_idx", "answer_index"}) {
      if (json.contains(key)) gold.add_index(text_in(json[key]).value_or(""));
    }
    return gold;
  }

  // A second pass over the file.
  void collect(OwnAnswers& answers) const {
    for_each_json_row(path_, [&](JsonRow& row) {
      if (!row.value.is_object() || !row.value.contains("options")) return;
      try {
        Options options = read_options(row.value["options"], "");
        strip_own_letters(options);
        answers.add(gold_of(row.value), options);
      } catch (const InputError&) {  // told when the row itself is read
      }
    });
  }

  std::string path_;
  std::filesystem::path file_;
  std::unordered_set<Digest> ids_;
  OwnAnswers answers_{[this](OwnAnswers& answers) { collect(answers); }};
};

}  // namespace

void for_each_json_line(const std::string& path, const VisitRow& visit) {
  JsonSetReader reader(path);
  for_each_json_source_row(
      path, [&](JsonRow& json, SourceRow& row) { reader.read(json, row); }, visit);
}

}  // namespace lmc::data
