#include <filesystem>
#include <unordered_set>

#include "base/check.h"  // InputError
#include "base/digest.h"
#include "base/files.h"  // for_each_line
#include "base/json.h"   // parse_json
#include "data/source_row.h"

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

void for_each_json_line(const std::string& path, const VisitRow& visit) {
  std::unordered_set<Digest> ids;
  for_each_line(path, [&](size_t number, std::string_view line) {
    SourceRow row;
    row.number = static_cast<int64_t>(number);
    try {
      row.question = question_of(line, path, cat("line ", number));
      if (!ids.insert(digest_of(row.question.id)).second) {
        row.reject(kRepeatedId, row.question.id);
      }
    } catch (const InputError& error) {
      row.reject("the line is not a question", error.what());
    }
    visit(row);
  });
}

}  // namespace lmc::data
