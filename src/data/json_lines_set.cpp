#include <filesystem>
#include <unordered_set>

#include "base/check.h"  // InputError
#include "base/files.h"  // for_each_line
#include "base/json.h"   // parse_json
#include "data/question_set.h"

namespace lmc::data {

namespace {

// A list of options becomes A, B, C, ...
Json lettered(const Json& options) {
  if (!options.is_array() || options.size() > 26) return options;
  Json object = Json::object();
  for (size_t i = 0; i < options.size(); ++i) {
    object[std::string(1, static_cast<char>('A' + i))] = options[i];
  }
  return object;
}

// The line in the form of questions.jsonl: what own data may leave out is filled in.
record::Question question_of(std::string_view line, const std::string& path,
                             const std::string& where) {
  Json json = parse_json(line, where);
  if (!json.is_object()) fail_json_type(where, "", "object", json);
  if (json.contains("options")) json["options"] = lettered(json["options"]);
  const std::filesystem::path file(path);
  const auto default_to = [&](const char* key, const std::string& value) {
    if (!json.contains(key)) json[key] = value;
  };
  default_to("id", cat(file.stem().string(), "/", short_hash(line)));
  default_to("split", "");
  default_to("source", "jsonl:" + file.filename().string());
  json["image_sha256"] = "";
  record::Question question = record::question_from_json(json, where);
  if (question.question.empty()) throw InputError(where, "key \"question\" is empty");
  if (question.image.empty()) throw InputError(where, "key \"image\" is empty");
  return question;
}

}  // namespace

QuestionSet read_json_lines(const std::string& path) {
  QuestionSet set;
  set.file = path;
  std::unordered_set<std::string> ids;
  for_each_line(path, [&](size_t number, std::string_view line) {
    const auto row = static_cast<int64_t>(number);
    SourceQuestion source;
    source.row = row;
    try {
      source.question = question_of(line, path, cat("line ", number));
    } catch (const InputError& error) {
      set.rejected.push_back({path, row, "the line is not a question", error.what()});
      return;
    }
    if (!ids.insert(source.question.id).second) {
      set.rejected.push_back({path, row, kRepeatedId, source.question.id});
      return;
    }
    set.questions.push_back(std::move(source));
  });
  return set;
}

}  // namespace lmc::data
