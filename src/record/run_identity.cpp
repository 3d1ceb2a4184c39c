#include "record/run_identity.h"

#include "base/check.h"           // cat
#include "base/field_identity.h"  // difference_of, text_of

namespace lmc::record {

namespace {

constexpr char kInputs[] = "inputs";

const Json& member(const Json& object, const char* key) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

// Manifests of versions up to 0.1.0 do not say which options are free.
std::vector<std::string> free_before_they_were_named(const Json& manifest) {
  if (member(manifest, "command") == "train") {
    return {"model",         "device",        "threads",
            "questions",     "explanations",  "out",
            "validation",    "conversations", "save-dtype",
            "save-every",    "keep",          "show",
            "recompute",     "dry-run",       "collectives",
            "continue-from", "vision-cache",  "validation-explanations"};
  }
  std::vector<std::string> names = {"out",  "name",         "questions", "threads",
                                    "maps", "faithfulness", "rescore",   "endpoint"};
  // The model behind an endpoint is known by its name alone.
  if (member(manifest, "device") != "endpoint") names.insert(names.end(), {"model", "adapter"});
  return names;
}

}  // namespace

std::vector<std::string> free_options_of(const Json& manifest) {
  const Json& recorded = member(manifest, "free_options");
  if (!recorded.is_array()) return free_before_they_were_named(manifest);
  std::vector<std::string> names;
  for (const Json& name : recorded) {
    if (name.is_string()) names.push_back(name);
  }
  return names;
}

Json run_identity(const Json& manifest, const std::vector<std::string>& free) {
  const Json& options = member(manifest, "options");
  Json identity = options.is_object() ? options : Json::object();
  for (const std::string& name : free) identity.erase(name);
  Json hashes = Json::array();
  for (const Json& input : member(manifest, kInputs)) hashes.push_back(member(input, "sha256"));
  identity[kInputs] = std::move(hashes);
  return identity;
}

Json run_identity(const Json& manifest) {
  return run_identity(manifest, free_options_of(manifest));
}

std::string identity_difference(const Json& recorded, const Json& asked) {
  std::vector<Difference> options;
  bool has_other_inputs = false;
  for (const Difference& one : difference_of(recorded, asked)) {
    if (one.name == kInputs) {
      has_other_inputs = true;
    } else {
      options.push_back(one);
    }
  }
  std::string text = text_of(options);
  // Hashes say nothing to a reader.
  if (has_other_inputs) {
    text += cat(text.empty() ? "" : "; ", "inputs (a file has changed, or another is named)");
  }
  return text;
}

}  // namespace lmc::record
