// manifest.json: what a stage ran with, so that its output can be traced and repeated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"  // Field
#include "base/json.h"    // Json

namespace lmc::record {

struct Manifest {
  std::string command;              // "train"
  Json options;                     // resolved, defaults included; no secret
  std::vector<std::string> inputs;  // files and folders whose SHA-256 is recorded
  Json libraries = Json::object();  // name -> version
  std::string device;
  std::vector<std::string> free_options = {};  // that decide nothing: see base/field_identity.h

  // Options and what is free among them.
  void add_options(const std::vector<Field>& fields);
};

// What the program was built from: "0.1.0"; "<40 hex digits>", with "+changes" after it when files
// differed from that commit, or "unknown".
std::string_view program_version();
std::string_view program_commit();

// SHA-256 of a file. Of a folder: of the lines "<hash of file>  <path in the folder>\n" of all its
// files in byte order of the paths.
// Errors: InputError for a path that is not there.
std::string sha256_of_input(const std::string& path);

// The manifest with version, git commit, compiler, time and input hashes added.
Json to_json(const Manifest& manifest);

// Writes FOLDER/manifest.json whole.
void write_manifest(const std::string& folder, const Manifest& manifest);

}  // namespace lmc::record
