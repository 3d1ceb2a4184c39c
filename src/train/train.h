// The stage `train`: a LoRA adapter, or all weights, from questions with explanations or from
// conversations.
//
// Writes into the folder `out`:
//   manifest.json    options, inputs, versions
//   metrics.jsonl    one line a step: step, loss, learning_rate, grad_norm, tokens, seconds
//   checkpoints/     to continue from (checkpoints.h)
//   result.json      the figures of the run; a run that has it is finished
//   adapter_config.json, adapter_model.safetensors   as peft writes them; with --full a
//                    Hugging Face model folder instead
// A run that was stopped, however it was, continues from its newest checkpoint with the same
// command and ends with the same bytes (on one machine with the same number of threads).
#pragma once

#include <ostream>
#include <string>

#include "model/qwen3_vl.h"       // Qwen3Vl
#include "prompt/processor.h"     // Processor
#include "record/manifest.h"      // Manifest
#include "train/train_options.h"  // TrainOptions

namespace lmc::train {

struct TrainResult {
  bool was_finished = false;  // by an earlier call; nothing was done
  int64_t steps = 0;
  int64_t samples = 0;          // in the set
  int64_t skipped_samples = 0;  // draws whose picture was unreadable, or too long
  int64_t skipped_steps = 0;    // whose gradient was not finite
  int64_t trained_parameters = 0;
  int64_t tokens = 0;
  double seconds = 0;
  double final_loss = 0;  // mean over the last tenth of the steps
};

// `model_folder` is where `model` was loaded from. `manifest` says how (options, inputs, libraries,
// device); the run's own options and inputs are added. The plan, a few samples and the progress go
// to `out`. Errors: InputError for options and files, and when ten steps in a row have no finite
// gradient; Interrupted after a stop was asked for, with a checkpoint written.
TrainResult train(model::Qwen3Vl& model, const std::string& model_folder,
                  prompt::Processor& processor, const TrainOptions& options,
                  record::Manifest manifest, std::ostream& out);

std::string summary(const TrainResult& result);

}  // namespace lmc::train
