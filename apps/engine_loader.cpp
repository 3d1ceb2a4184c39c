#include "apps/engine_loader.h"

#include "base/check.h"         // cat
#include "spec/model_folder.h"  // model_files

namespace lmc::apps {

std::vector<Field> EngineOptions::fields() {
  return {{"model", "checkpoint folder (config, tokenizer, safetensors)",
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
           from_to(0, 1024)}};
}

record::Manifest engine_manifest(const EngineOptions& options, const infer::Engine& engine) {
  record::Manifest manifest;
  manifest.add_options(EngineOptions(options).fields());
  for (const std::string& folder : {options.model, options.adapter}) {
    if (!folder.empty()) manifest.inputs.emplace_back(folder, spec::model_files(folder));
  }
  const infer::EngineInfo info = engine.info();
  manifest.device = cat(info.device, ", ", info.dtype);
  return manifest;
}

}  // namespace lmc::apps
