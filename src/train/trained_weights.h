// What a run trains, a LoRA adapter or all weights: made ready before it, saved after it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/qwen3_vl.h"      // Qwen3Vl
#include "spec/lora_config.h"    // LoraConfig
#include "train/adamw.h"         // Parameter
#include "train/training_run.h"  // TrainingRun

namespace lmc::train {

// What a fresh adapter takes while it is trained: values, gradients and AdamW's two moments.
int64_t adapter_training_bytes(model::Qwen3Vl& model, const spec::LoraConfig& lora);

// To be called before such an adapter is made. `usable_bytes` 0: not known.
// Errors: InputError when it cannot fit.
void check_adapter_fits(model::Qwen3Vl& model, const spec::LoraConfig& lora, int64_t usable_bytes);

class TrainedWeights {
 public:
  // Attaches the adapter, fresh or that of --continue-from, where not all weights are trained.
  // `run` must outlive it.
  // Errors: InputError for an adapter that does not fit the model, or the memory.
  explicit TrainedWeights(const TrainingRun& run);

  // Makes what is trained take gradients.
  std::vector<Parameter> parameters();

  // As peft writes an adapter, or as a Hugging Face model folder.
  void save(const std::string& folder) const;

 private:
  const TrainingRun& run_;
  spec::LoraConfig lora_;
};

}  // namespace lmc::train
