// manifest.json: what a stage ran with, so that its output can be traced and repeated.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

struct Manifest {
  std::string command;                // "train"
  Json options;                       // resolved, defaults included; no secret
  std::vector<std::string> inputs;    // files whose SHA-256 is recorded
  Json libraries = Json::object();    // name -> version
  std::string device;
};

// Adds version, git commit, compiler, time, input hashes, and writes FOLDER/manifest.json whole.
void write_manifest(const std::string& folder, const Manifest& manifest);

}  // namespace lmc::record
