#include "apps/engine_loader.h"

#include <array>

#include "base/check.h"             // InputError, cat
#include "base/device_file.h"       // DeviceFile
#include "runtime/device_engine.h"  // DeviceEngine
#include "runtime/kernels/tiers.h"  // tier_names
#include "spec/model_folder.h"      // model_files
#ifdef LMC_HAVE_TORCH
#include "apps/torch_model.h"  // load_torch_engine
#endif

namespace lmc::apps {

namespace {

std::unique_ptr<infer::Engine> load_device_engine(const EngineOptions& options) {
  if (!options.adapter.empty()) {
    throw InputError("--adapter", "a device file takes no adapter",
                     "export both: litemedcot export --format device --adapter DIR");
  }
  if (options.device != "auto" && options.device != "cpu") {
    throw InputError("--device " + options.device, "a device file runs on the CPU");
  }
  if (options.dtype != tensorio::DtypeChoice::kAuto || options.storage != StorageChoice::kAuto) {
    throw InputError(options.dtype != tensorio::DtypeChoice::kAuto ? "--dtype" : "--storage",
                     "a device file has its own", "export it anew with other --weights");
  }
  return std::make_unique<runtime::DeviceEngine>(
      options.model,
      runtime::DeviceOptions{options.tier, options.threads, options.memory, options.kv});
}

#ifndef LMC_HAVE_TORCH
std::unique_ptr<infer::Engine> load_torch_engine(const EngineOptions& options) {
  throw InputError(options.model,
                   "this program was built without libtorch and runs device files only",
                   "litemedcot export --format device --model DIR --out F.lmcd, or build with "
                   "-DLMC_TORCH=ON");
}
#endif

// Options for device files alone, each "auto" unless something was chosen.
constexpr std::array kDeviceFileOptions = {"tier", "memory", "kv"};

std::unique_ptr<infer::Engine> load_folder_engine(const EngineOptions& options) {
  const Json given = fields_to_json(EngineOptions(options).fields());
  for (const char* option : kDeviceFileOptions) {
    if (given.at(option) == "auto") continue;
    throw InputError(cat("--", option), cat("is for device files; ", options.model, " is a folder"),
                     "litemedcot export --format device --model DIR --out F.lmcd");
  }
  return load_torch_engine(options);
}

// One way to run a model.
struct EngineKind {
  bool (*runs)(const std::string& path);
  std::unique_ptr<infer::Engine> (*load)(const EngineOptions& options);
};

// The first that runs what lies there; the last one looks at folders and says what is wrong with
// them.
const EngineKind kEngines[] = {
    {DeviceFile::is_one, load_device_engine},
    {[](const std::string&) { return true; }, load_folder_engine},
};

}  // namespace

std::unique_ptr<infer::Engine> load_engine(const EngineOptions& options) {
  for (const EngineKind& kind : kEngines) {
    if (kind.runs(options.model)) return kind.load(options);
  }
  LMC_CHECK(false, "no engine");
}

std::vector<Field> EngineOptions::fields() {
  std::vector<std::string> tiers = runtime::tier_names();
  tiers.insert(tiers.begin(), "auto");
  return {
      {"model", "checkpoint folder (config, tokenizer, safetensors), or a device file (.lmcd)",
       free_to_change(as_folder(&model)), true},
      {"adapter", "PEFT adapter folder to apply", free_to_change(as_folder(&adapter))},
      {"dtype",
       "arithmetic; auto: as stored, but float32 for small models on a CPU",
       &dtype,
       false,
       {"auto", "float32", "bfloat16"}},
      {"device", "auto takes the first GPU if there is one", &device},
      {"storage",
       "how the large matrices lie in memory; auto: as the arithmetic takes them, or as stored "
       "where that saves memory in training; int8 and nf4 quantise them",
       &storage},
      {"threads", "CPU threads; 0: as many as the machine has", free_to_change(&threads),
       from_to(0, 1024)},
      {"tier", "instruction set for device files; auto: the best that the processor has", &tier,
       false, tiers},
      {"memory",
       "where a device file's weights lie; auto: in huge pages, which are faster, where there "
       "is room",
       free_to_change(&memory)},
      {"kv",
       "as what a device file's keys and values are kept; auto: f16 (f32 beside weights in f32); "
       "int8 takes half of that and rounds them",
       &kv}};
}

std::vector<Field> EngineOptions::folder_fields() {
  std::vector<Field> all = fields();
  for (const char* option : kDeviceFileOptions) {
    std::erase_if(all, [&](const Field& field) { return field.name == option; });
  }
  return all;
}

bool can_run_folders() {
#ifdef LMC_HAVE_TORCH
  return true;
#else
  return false;
#endif
}

record::Manifest engine_manifest(const EngineOptions& options, const infer::Engine& engine) {
  record::Manifest manifest;
  manifest.add_options(EngineOptions(options).fields());
  // Left out where nothing was chosen, so that runs of before there were tiers can be continued.
  for (const char* option : kDeviceFileOptions) {
    if (manifest.options.at(option) == "auto") manifest.options.erase(option);
  }
  for (const std::string& folder : {options.model, options.adapter}) {
    if (!folder.empty()) manifest.inputs.emplace_back(folder, spec::model_files(folder));
  }
  const infer::EngineInfo info = engine.info();
  manifest.device = cat(info.device, ", ", info.dtype);
  return manifest;
}

}  // namespace lmc::apps
