#include "record/manifest.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>

#include "base/field_identity.h"  // free_options
#include "base/files.h"           // write_file, make_folder
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

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::string_view compiler() {
#if defined(__clang__)
  return "Clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

}  // namespace

void Manifest::add_options(const std::vector<Field>& fields) {
  options.update(fields_to_json(fields));
  for (const std::string& name : lmc::free_options(fields)) free_options.push_back(name);
}

std::string sha256_of_input(const std::string& path) {
  if (!file_exists(path)) throw InputError(path, "no such file or folder");
  if (!fs::is_directory(path)) return sha256_hex_of_file(path);
  const std::vector<std::string> names = files_in(path);
  std::vector<std::string> hashes(names.size());
  parallel_for(names.size(), [&](size_t i) {
    hashes[i] = sha256_hex_of_file((fs::path(path) / names[i]).string());
  });
  Sha256 all;
  for (size_t i = 0; i < names.size(); ++i) all.update(cat(hashes[i], "  ", names[i], "\n"));
  return all.hex();
}

Json to_json(const Manifest& manifest) {
  Json inputs = Json::array();
  for (const std::string& path : manifest.inputs) {
    inputs.push_back({{"path", path}, {"sha256", sha256_of_input(path)}});
  }
  return {{"schema", 1},
          {"command", manifest.command},
          {"version", program_version()},
          {"commit", program_commit()},
          {"compiler", compiler()},
          {"time", utc_now()},
          {"device", manifest.device},
          {"libraries", manifest.libraries},
          {"options", manifest.options},
          {"free_options", manifest.free_options},
          {"inputs", std::move(inputs)}};
}

void write_manifest(const std::string& folder, const Manifest& manifest) {
  make_folder(folder);
  write_file((fs::path(folder) / "manifest.json").string(), to_pretty_text(to_json(manifest)));
}

}  // namespace lmc::record
