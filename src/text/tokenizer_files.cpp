#include "text/tokenizer_files.h"

#include <sstream>
#include <utility>

#include "base/check.h"        // InputError
#include "base/large_json.h"   // parse_large_json
#include "base/named_files.h"  // open_named_files
#include "text/split.h"        // kQwen2Pattern

namespace lmc::text {

namespace {

// Far beyond any vocabulary: tables are made of as many entries as the largest id asks for.
constexpr int64_t kMaxId = 9'999'999;

std::pair<std::string, std::string> split_merge(std::string_view line, std::string_view where) {
  const size_t blank = line.find(' ');
  if (blank == std::string_view::npos || line.find(' ', blank + 1) != std::string_view::npos) {
    throw InputError(where,
                     cat("a merge is two tokens with one blank between; found \"", line, "\""));
  }
  return {std::string(line.substr(0, blank)), std::string(line.substr(blank + 1))};
}

void read_vocabulary(const LargeJson& json, std::string_view where, TokenizerFiles& files) {
  if (!json.is_object()) throw InputError(where, "\"vocab\": expected an object of token ids");
  files.vocabulary.reserve(json.size());
  for (const auto& [token, id] : json.items()) {
    const bool is_id =
        id.is_number_integer() && id.get<int64_t>() >= 0 && id.get<int64_t>() <= kMaxId;
    if (!is_id) {
      throw InputError(where, cat("token \"", token, "\": expected its id, 0 to ", kMaxId));
    }
    files.vocabulary[token] = id.get<int32_t>();
  }
}

void read_merges(const LargeJson& json, std::string_view where, TokenizerFiles& files) {
  files.merges.reserve(json.size());
  for (const LargeJson& merge : json) {
    if (merge.is_string()) {
      files.merges.push_back(split_merge(merge.get_ref<const std::string&>(), where));
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
               merge[1].is_string()) {
      files.merges.emplace_back(merge[0], merge[1]);
    } else {
      throw InputError(where, cat("merge ", files.merges.size(), " is not a pair of tokens"));
    }
  }
}

// Blanks around an added token, and matching inside words, are rules of other tokenizers.
AddedToken read_added(const Json& json, int32_t id, const std::string& where) {
  for (const char* flag : {"lstrip", "rstrip", "single_word", "normalized"}) {
    if (json_get_or<bool>(json, flag, where, false)) {
      throw InputError(where, cat("added token ", id, ": \"", flag, "\" is not supported"));
    }
  }
  AddedToken token{id, json_get<std::string>(json, "content", where),
                   json_get_or<bool>(json, "special", where, false)};
  if (token.text.empty()) throw InputError(where, cat("added token ", id, " is empty"));
  return token;
}

void check_is_ours(bool ours, const std::string& where, std::string_view what) {
  if (!ours) {
    throw InputError(where, cat(what, " is not that of a Qwen2 or Qwen3 tokenizer"),
                     "take the tokenizer files of the base model");
  }
}

// What stands there, whatever type it has; `absent` where nothing does.
Json member(const Json& json, const char* key, Json absent = nullptr) {
  return json.is_object() && json.contains(key) ? json[key] : std::move(absent);
}

void check_pre_tokenizer(const Json& step, const std::string& where) {
  const Json steps = member(step, "pretokenizers");
  check_is_ours(member(step, "type") == "Sequence" && steps.is_array() && steps.size() == 2 &&
                    member(steps[0], "type") == "Split" && member(steps[1], "type") == "ByteLevel",
                where, "\"pre_tokenizer\"");
  check_is_ours(member(member(steps[0], "pattern"), "Regex") == kQwen2Pattern &&
                    member(steps[0], "behavior") == "Isolated" &&
                    member(steps[0], "invert", false) == false,
                where, "the split pattern");
  check_is_ours(
      member(steps[1], "add_prefix_space") == false && member(steps[1], "use_regex") == false,
      where, "the byte-level step");
}

TokenizerFiles read_tokenizer_json(const std::string& text, const std::string& path) {
  TokenizerFiles files;
  files.where = path;
  LargeJson whole = parse_large_json(text, path);
  if (!whole.is_object() || !whole.contains("model") || !whole["model"].contains("vocab") ||
      !whole["model"].contains("merges")) {
    throw InputError(path, "\"model\" with \"vocab\" and \"merges\" is missing");
  }
  read_vocabulary(whole["model"]["vocab"], path, files);
  read_merges(whole["model"]["merges"], path, files);
  whole["model"].erase("vocab");
  whole["model"].erase("merges");
  const Json json = whole;
  check_is_ours(member(json["model"], "type", "BPE") == "BPE", path, "\"model\"");
  check_is_ours(member(member(json, "normalizer"), "type") == "NFC", path, "\"normalizer\"");
  check_pre_tokenizer(member(json, "pre_tokenizer"), path);
  const Json added = member(json, "added_tokens", Json::array());
  if (!added.is_null() && !added.is_array()) fail_json_type(path, "added_tokens", "list", added);
  for (const Json& token : added) {
    const auto id = json_get<int64_t>(token, "id", path);
    if (id < 0 || id > kMaxId) {
      throw InputError(path, cat("added token: expected an id of 0 to ", kMaxId, ", found ", id));
    }
    files.added.push_back(read_added(token, static_cast<int32_t>(id), path));
  }
  return files;
}

TokenizerFiles read_vocabulary_and_merges(const NamedFiles& model, const std::string& vocabulary,
                                          const std::string& merge_list) {
  TokenizerFiles files;
  files.where = model.path_of("vocab.json");
  read_vocabulary(parse_large_json(vocabulary, files.where), files.where, files);
  const std::string merges = model.path_of("merges.txt");
  std::istringstream lines(merge_list);
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    const bool is_blank = line.find_first_not_of(" \t") == std::string::npos;
    if (is_blank || (number == 1 && line.starts_with("#version"))) continue;
    files.merges.push_back(split_merge(line, cat(merges, ":", number)));
  }
  const std::string config = model.path_of("tokenizer_config.json");
  const auto text = model.find("tokenizer_config.json");
  if (!text) return files;
  const Json json = parse_json(*text, config);
  if (!json.contains("added_tokens_decoder")) return files;
  for (const auto& [id, token] : json["added_tokens_decoder"].items()) {
    if (id.empty() || id.size() > 7 || id.find_first_not_of("0123456789") != std::string::npos) {
      throw InputError(config,
                       cat("\"added_tokens_decoder\": expected a token id, found \"", id, "\""));
    }
    files.added.push_back(read_added(token, std::stoi(id), config));
  }
  return files;
}

}  // namespace

TokenizerFiles read_tokenizer_files(const std::string& path) {
  const auto model = open_named_files(path);
  if (const auto text = model->find("tokenizer.json")) {
    return read_tokenizer_json(*text, model->path_of("tokenizer.json"));
  }
  const auto vocabulary = model->find("vocab.json"), merges = model->find("merges.txt");
  if (!vocabulary || !merges) {
    throw InputError(model->path_of(vocabulary ? "merges.txt" : "vocab.json"),
                     "is missing, and so is tokenizer.json",
                     "copy the tokenizer files of the base model");
  }
  return read_vocabulary_and_merges(*model, *vocabulary, *merges);
}

}  // namespace lmc::text
