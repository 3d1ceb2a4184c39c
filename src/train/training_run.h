// What a training run is started with.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "model/qwen3_vl.h"       // Qwen3Vl
#include "prompt/processor.h"     // Processor
#include "record/manifest.h"      // Manifest
#include "train/process_group.h"  // ProcessGroup
#include "train/train_options.h"  // TrainOptions

namespace lmc::train {

// Measures accuracy after `step`, between 0 and 1; the app brings it, for it answers questions as
// `evaluate` does.
using MeasureAccuracy = std::function<double(int64_t step)>;

// All that is named by reference outlives the run.
struct TrainingRun {
  model::Qwen3Vl& model;
  std::string model_folder;  // where `model` was loaded from
  const prompt::Processor& processor;
  const TrainOptions& options;
  // How the model was loaded (options, inputs, libraries, device); the run's own options and inputs
  // are added.
  record::Manifest manifest;
  MeasureAccuracy accuracy;  // empty: validations measure the loss alone
  ProcessGroup& group;
  std::ostream& out;  // of the plan, a few samples and the progress
};

}  // namespace lmc::train
