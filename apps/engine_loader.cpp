#include "apps/engine_loader.h"

namespace lmc::apps {

std::vector<Field> EngineOptions::fields() {
  return {{"model", "checkpoint folder (config.json, tokenizer, safetensors)", &model, true},
          {"adapter", "PEFT adapter folder to apply", &adapter},
          {"dtype",
           "arithmetic; auto: as stored, but float32 for small models on a CPU",
           &dtype,
           false,
           {"auto", "float32", "bfloat16"}},
          {"device", "auto takes the first GPU if there is one", &device},
          {"storage",
           "how the large matrices lie in memory; auto: as the arithmetic takes them, or as stored "
           "where that saves memory in training; int8 and nf4 quantise them",
           &storage,
           false,
           {"auto", "arithmetic", "checkpoint", "int8", "nf4"}},
          {"threads", "CPU threads; 0: as many as the machine has", &threads}};
}

}  // namespace lmc::apps
