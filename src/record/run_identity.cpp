#include "record/run_identity.h"

#include <algorithm>
#include <filesystem>

#include "base/check.h"           // cat
#include "base/field_identity.h"  // difference_of, text_of

namespace lmc::record {

namespace {

constexpr char kInputs[] = "inputs";

// Manifests of versions up to 0.1.0 do not say which options are free.
std::vector<std::string> free_before_they_were_named(const Manifest& manifest) {
  if (manifest.command == "train") {
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
  if (manifest.device != "endpoint") names.insert(names.end(), {"model", "adapter"});
  return names;
}

std::vector<std::string> free_options_of(const Manifest& manifest) {
  return manifest.free_options.empty() ? free_before_they_were_named(manifest)
                                       : manifest.free_options;
}

bool names_input(const Manifest& manifest, const Json& value) {
  if (!value.is_string()) return false;
  const auto path = value.get<std::string>();
  return std::any_of(manifest.inputs.begin(), manifest.inputs.end(),
                     [&](const ManifestInput& input) { return input.path == path; });
}

Json without(const Json& options, const std::vector<std::string>& free) {
  Json deciding = options;
  for (const std::string& name : free) deciding.erase(name);
  return deciding;
}

void add(std::string& text, const std::string& difference) {
  if (!difference.empty()) text += cat(text.empty() ? "" : "; ", difference);
}

}  // namespace

bool has_same_content(const ManifestInput& recorded, const ManifestInput& asked) {
  if (recorded.sha256 == asked.sha256) return true;
  return !asked.files.empty() && std::filesystem::is_directory(asked.path) &&
         recorded.sha256 == sha256_of_input(ManifestInput(asked.path));
}

Json run_identity(const Manifest& manifest) {
  Json identity = Json::object();
  const Json deciding = without(manifest.options, free_options_of(manifest));
  for (const auto& [name, value] : deciding.items()) {
    if (!names_input(manifest, value)) identity[name] = value;
  }
  Json hashes = Json::array();
  for (const ManifestInput& input : manifest.inputs) hashes.push_back(input.sha256);
  identity[kInputs] = std::move(hashes);
  return identity;
}

std::string run_difference(const Manifest& recorded, const Manifest& asked,
                           const std::vector<std::string>& also_free) {
  std::vector<std::string> free = free_options_of(asked);
  free.insert(free.end(), also_free.begin(), also_free.end());
  std::vector<Difference> options =
      difference_of(without(recorded.options, free), without(asked.options, free));
  std::erase_if(options, [&](const Difference& one) {
    return names_input(recorded, one.recorded) && names_input(asked, one.asked);
  });
  std::string text = text_of(options);
  if (recorded.inputs.size() != asked.inputs.size()) {
    if (text.empty()) {
      add(text,
          cat(recorded.inputs.size(), " files and folders were read, now ", asked.inputs.size()));
    }
    return text;
  }
  for (size_t i = 0; i < asked.inputs.size(); ++i) {
    if (!has_same_content(recorded.inputs[i], asked.inputs[i])) {
      add(text, cat("the content of ", asked.inputs[i].path));
    }
  }
  return text;
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
  if (has_other_inputs) add(text, "inputs (a file has changed, or another is named)");
  return text;
}

}  // namespace lmc::record
