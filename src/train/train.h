// The stage `train`: a LoRA adapter, or all weights, from questions with explanations or from
// conversations.
//
// Writes into the folder `out`:
//   manifest.json    options, inputs, versions
//   metrics.jsonl    one line a step: step, loss, learning_rate, grad_norm, tokens, seconds; and
//                    one a validation: step, validation_loss, validation_accuracy
//   tensorboard/     the same as events
//   best/            what was trained, as it was at the lowest validation loss
//   checkpoints/     to continue from (checkpoints.h)
//   result.json      the metrics of the run; a run that has it is finished
//   adapter_config.json, adapter_model.safetensors   as peft writes them; with --full a
//                    Hugging Face model folder instead
// A run that was stopped, however it was, continues from its newest checkpoint with the same
// command and ends with the same bytes (on one machine with as many threads and processes).
#pragma once

#include "train/run_folder.h"    // TrainResult
#include "train/training_run.h"  // TrainingRun

namespace lmc::train {

// Errors: InputError for options and files, and for the first loss, gradient norm or trained value
// that is not finite, on all ranks alike; nothing that is not finite is saved, and the last
// checkpoint stays. Interrupted after a stop was asked for, with a checkpoint written.
TrainResult train(const TrainingRun& run);

}  // namespace lmc::train
