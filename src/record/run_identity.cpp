#include "record/run_identity.h"

#include <algorithm>
#include <filesystem>

#include "base/check.h"  // cat

namespace lmc::record {

namespace {

bool is_free(const FreeOptions& free, const std::string& name) {
  return std::find(free.begin(), free.end(), name) != free.end();
}

bool names_input(const Manifest& manifest, const Json& value) {
  if (!value.is_string()) return false;
  const auto path = value.get<std::string>();
  return std::any_of(manifest.inputs.begin(), manifest.inputs.end(),
                     [&](const ManifestInput& input) { return input.path == path; });
}

Json option_of(const Manifest& manifest, const std::string& name) {
  const auto found = manifest.options.find(name);
  return found == manifest.options.end() ? Json() : *found;
}

std::string shown(const Json& value) { return value.is_null() ? "not given" : to_text(value); }

void add(std::string& text, const std::string& difference) {
  text += cat(text.empty() ? "" : "; ", difference);
}

}  // namespace

const FreeOptions& free_run_options() {
  static const FreeOptions names = {"out", "name", "questions", "threads", "endpoint"};
  return names;
}

bool has_same_content(const ManifestInput& recorded, const ManifestInput& asked) {
  if (recorded.sha256 == asked.sha256) return true;
  return !asked.files.empty() && std::filesystem::is_directory(asked.path) &&
         recorded.sha256 == sha256_of_input(ManifestInput(asked.path));
}

Json run_identity(const Manifest& manifest, const FreeOptions& free) {
  Json options = Json::object();
  for (const auto& [name, value] : manifest.options.items()) {
    if (!is_free(free, name) && !names_input(manifest, value)) options[name] = value;
  }
  Json hashes = Json::array();
  for (const ManifestInput& input : manifest.inputs) hashes.push_back(input.sha256);
  return {{"options", options}, {"inputs", hashes}};
}

std::string run_difference(const Manifest& recorded, const Manifest& asked,
                           const FreeOptions& free) {
  std::string text;
  const auto compare = [&](const std::string& name) {
    if (is_free(free, name)) return;
    const Json before = option_of(recorded, name), now = option_of(asked, name);
    if (before == now || (names_input(recorded, before) && names_input(asked, now))) return;
    add(text, cat(name, " was ", shown(before), ", is ", shown(now)));
  };
  for (const auto& [name, value] : recorded.options.items()) compare(name);
  for (const auto& [name, value] : asked.options.items()) {
    if (!recorded.options.contains(name)) compare(name);
  }
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

}  // namespace lmc::record
