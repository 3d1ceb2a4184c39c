// What a run trains, a LoRA adapter or all weights: made ready before it, saved after it.
#pragma once

#include <string>
#include <vector>

#include "spec/lora_config.h"    // LoraConfig
#include "train/adamw.h"         // Parameter
#include "train/training_run.h"  // TrainingRun

namespace lmc::train {

class TrainedWeights {
 public:
  // Attaches the adapter, fresh or that of --continue-from, where not all weights are trained.
  // `run` must outlive it.
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
