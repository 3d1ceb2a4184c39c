// manifest.json: what a stage ran with, so that its output can be traced and repeated.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fields.h"  // Field
#include "base/json.h"    // Json

namespace lmc::record {

// A file or folder that was read.
struct ManifestInput {
  ManifestInput(std::string given) : path(std::move(given)) {}  // NOLINT: a path is an input
  ManifestInput(std::string folder, std::vector<std::string> files_read)
      : path(std::move(folder)), files(std::move(files_read)) {}

  std::string path;
  std::vector<std::string> files = {};  // of a folder: those that are read; empty: every file
  std::string sha256 = {};              // empty: not hashed yet
};

struct Manifest {
  std::string command = {};       // "train"
  Json options = Json::object();  // resolved, defaults included; no secret
  std::vector<ManifestInput> inputs = {};
  Json libraries = Json::object();  // name -> version
  std::string device = {};
  std::vector<std::string> free_options = {};  // that decide nothing: see base/field_identity.h
  // What the program was built from, and when it ran; empty until completed().
  std::string version = {};
  std::string commit = {};
  std::string compiler = {};
  std::string time = {};
  // What a stage says beside all this, under keys of its own: "merged_from", "prompts".
  Json further = Json::object();

  // Options and what is free among them.
  void add_options(const std::vector<Field>& fields);
};

// What the program was built from: "0.1.0"; "<40 hex digits>", with "+changes" after it when files
// differed from that commit, or "unknown".
std::string_view program_version();
std::string_view program_commit();

// SHA-256 of a file. Of a folder: of the lines "<hash of file>  <path in the folder>\n" of the
// files that are read, in byte order of their paths.
// Errors: InputError for a path that is not there.
std::string sha256_of_input(const ManifestInput& input);

// The manifest with version, git commit, compiler, time and input hashes filled in where they are
// not.
Manifest completed(Manifest manifest);

// As it stands in the file. What is empty because the file lacks it is left out.
Json to_json(const Manifest& manifest);

// Errors: InputError naming `where` and the key that is wrong.
Manifest manifest_from_json(const Json& json, const std::string& where);

// Errors: as above, and when there is no such file.
Manifest read_manifest(const std::string& path);

// Completes the manifest and writes it whole.
void write_manifest(const std::string& path, Manifest manifest);

// An option that is a text; empty where the manifest lacks it or it is something else.
std::string text_option(const Manifest& manifest, const std::string& name);

}  // namespace lmc::record
