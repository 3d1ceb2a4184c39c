// Opens the engine a command asked for, by the options all model-running commands share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/fields.h"      // Field
#include "infer/engine.h"     // Engine
#include "record/manifest.h"  // Manifest

namespace lmc::apps {

struct EngineOptions {
  std::string model;
  std::string adapter;
  std::string dtype = "auto";
  std::string device = "auto";
  std::string storage = "auto";
  int64_t threads = 0;
  std::string tier = "auto";

  std::vector<Field> fields();
};

// The engine for what lies at `model`: a device file's own (runtime), else libtorch's where the
// program has it.
// Errors: InputError for options that the engine does not take, and when there is none.
std::unique_ptr<infer::Engine> load_engine(const EngineOptions& options);

// Whether there is an engine for checkpoint folders.
bool can_run_folders();

// What a run's manifest says of its engine: options, inputs, device.
record::Manifest engine_manifest(const EngineOptions& options, const infer::Engine& engine);

}  // namespace lmc::apps
