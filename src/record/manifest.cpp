#include "record/manifest.h"

#include <algorithm>
#include <filesystem>

#include "base/clock.h"           // utc_time
#include "base/field_identity.h"  // free_options
#include "base/files.h"           // file_exists, write_file
#include "base/parallel.h"        // parallel_for
#include "base/sha256.h"          // sha256_hex_of_file

namespace lmc::record {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path().lexically_relative(folder).string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string_view compiler() {
#if defined(__clang__)
  return "Clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

// The keys of every manifest, in their order.
constexpr const char* kKeys[] = {"schema",   "command",      "version", "commit",
                                 "compiler", "time",         "device",  "libraries",
                                 "options",  "free_options", "inputs"};

void add_text(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

Json object_at(const Json& json, const char* key, const std::string& where) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return Json::object();
  if (!found->is_object()) fail_json_type(where, key, "object", *found);
  return *found;
}

std::vector<ManifestInput> inputs_at(const Json& json, const std::string& where) {
  std::vector<ManifestInput> inputs;
  const auto found = json.find("inputs");
  if (found == json.end() || found->is_null()) return inputs;
  if (!found->is_array()) fail_json_type(where, "inputs", "list", *found);
  for (const Json& one : *found) {
    const std::string place = where + ": inputs";
    ManifestInput input(json_get<std::string>(one, "path", place));
    input.sha256 = json_get<std::string>(one, "sha256", place);
    inputs.push_back(std::move(input));
  }
  return inputs;
}

}  // namespace

void Manifest::add_options(const std::vector<Field>& fields) {
  options.update(fields_to_json(fields));
  for (const std::string& name : lmc::free_options(fields)) free_options.push_back(name);
}

std::string sha256_of_input(const ManifestInput& input) {
  const std::string& path = input.path;
  if (!file_exists(path)) throw InputError(path, "no such file or folder");
  if (!fs::is_directory(path)) return sha256_hex_of_file(path);
  std::vector<std::string> names = input.files.empty() ? files_in(path) : input.files;
  std::sort(names.begin(), names.end());
  std::vector<std::string> hashes(names.size());
  parallel_for(names.size(), [&](size_t i) {
    hashes[i] = sha256_hex_of_file((fs::path(path) / names[i]).string());
  });
  Sha256 all;
  for (size_t i = 0; i < names.size(); ++i) all.update(cat(hashes[i], "  ", names[i], "\n"));
  return all.hex();
}

Manifest completed(Manifest manifest) {
  for (ManifestInput& input : manifest.inputs) {
    if (input.sha256.empty()) input.sha256 = sha256_of_input(input);
  }
  if (manifest.version.empty()) manifest.version = program_version();
  if (manifest.commit.empty()) manifest.commit = program_commit();
  if (manifest.compiler.empty()) manifest.compiler = compiler();
  if (manifest.time.empty()) manifest.time = utc_time();
  return manifest;
}

Json to_json(const Manifest& manifest) {
  Json json = {{"schema", 1}};
  add_text(json, "command", manifest.command);
  add_text(json, "version", manifest.version);
  add_text(json, "commit", manifest.commit);
  add_text(json, "compiler", manifest.compiler);
  add_text(json, "time", manifest.time);
  json["device"] = manifest.device;
  json["libraries"] = manifest.libraries;
  json["options"] = manifest.options;
  if (!manifest.free_options.empty()) json["free_options"] = manifest.free_options;
  json["inputs"] = Json::array();
  for (const ManifestInput& input : manifest.inputs) {
    json["inputs"].push_back({{"path", input.path}, {"sha256", input.sha256}});
  }
  json.update(manifest.further);
  return json;
}

Manifest manifest_from_json(const Json& json, const std::string& where) {
  if (!json.is_object()) {
    throw InputError(where, cat("expected a manifest, found ", json_type_name(json)));
  }
  Manifest manifest;
  manifest.command = json_get_or<std::string>(json, "command", where, "");
  manifest.options = object_at(json, "options", where);
  manifest.free_options = json_get_or<std::vector<std::string>>(json, "free_options", where, {});
  manifest.inputs = inputs_at(json, where);
  manifest.libraries = object_at(json, "libraries", where);
  manifest.device = json_get_or<std::string>(json, "device", where, "");
  manifest.version = json_get_or<std::string>(json, "version", where, "");
  manifest.commit = json_get_or<std::string>(json, "commit", where, "");
  manifest.compiler = json_get_or<std::string>(json, "compiler", where, "");
  manifest.time = json_get_or<std::string>(json, "time", where, "");
  manifest.further = json;
  for (const char* key : kKeys) manifest.further.erase(key);
  return manifest;
}

Manifest read_manifest(const std::string& path) {
  return manifest_from_json(read_json(path), path);
}

void write_manifest(const std::string& path, Manifest manifest) {
  write_file(path, to_pretty_text(to_json(completed(std::move(manifest)))));
}

std::string text_option(const Manifest& manifest, const std::string& name) {
  const auto found = manifest.options.find(name);
  return found != manifest.options.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace lmc::record
