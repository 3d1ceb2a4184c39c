// Opens the engine a command asked for, by the options all model-running commands share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/enum_names.h"        // Named
#include "base/fields.h"            // Field
#include "infer/engine.h"           // Engine
#include "record/manifest.h"        // Manifest
#include "runtime/kv_pages.h"       // KvForm
#include "runtime/weight_memory.h"  // WeightPlacement
#include "tensorio/dtype_choice.h"  // DtypeChoice

namespace lmc::apps {

// How the large matrices lie in memory.
enum class StorageChoice { kAuto, kComputeDtype, kCheckpoint, kInt8, kNf4 };
constexpr auto names_of(StorageChoice) {
  return std::to_array<Named<StorageChoice>>({{StorageChoice::kAuto, "auto"},
                                              {StorageChoice::kComputeDtype, "arithmetic"},
                                              {StorageChoice::kCheckpoint, "checkpoint"},
                                              {StorageChoice::kInt8, "int8"},
                                              {StorageChoice::kNf4, "nf4"}});
}

struct EngineOptions {
  std::string model;
  std::string adapter;
  tensorio::DtypeChoice dtype = tensorio::DtypeChoice::kAuto;
  std::string device = "auto";
  StorageChoice storage = StorageChoice::kAuto;
  int64_t threads = 0;
  std::string tier = "auto";
  runtime::WeightPlacement memory = runtime::WeightPlacement::kAuto;
  runtime::KvForm kv = runtime::KvForm::kAuto;

  std::vector<Field> fields();
  // Of them, those of models in folders: what is for device files alone is left out.
  std::vector<Field> folder_fields();
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
