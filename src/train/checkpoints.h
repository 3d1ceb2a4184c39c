// Training checkpoints: everything a run needs to continue bit for bit.
//
// OUT/checkpoints/step-000120/ holds state.safetensors ("value/<name>", "first_moment/<name>",
// "second_moment/<name>") and state.json. A folder appears whole or not at all: it is written under
// another name and renamed. Order and dropout follow from seed and step, so no generator is stored.
// Errors: InputError for a folder of another run or a damaged file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"    // Json
#include "train/adamw.h"  // AdamW

namespace lmc::train {

struct RunState {
  int64_t step = 0;             // finished optimiser steps
  int64_t tokens = 0;           // of the samples
  int64_t computed_tokens = 0;  // that went through the model: shared ones once
  int64_t skipped_samples = 0;
  int64_t skipped_steps = 0;
  double seconds = 0;  // of training, over all starts
  double best_validation_loss = 0;
  int64_t best_step = 0;          // 0: not validated yet
  int64_t validations_since = 0;  // without a lower loss
};

void save_run(const std::string& out, const RunState& state, AdamW& optimiser,
              const Json& identity);

// The newest checkpoint under `out`, loaded into the optimiser and its parameters; none: nothing.
std::optional<RunState> load_run(const std::string& out, AdamW& optimiser, const Json& identity);

// Of the newest checkpoint under `out`; -1: none.
int64_t newest_step(const std::string& out);

// Where the checkpoint of a step lies, or would.
std::string checkpoint_folder(const std::string& out, int64_t step);

// Removes all but the newest `keep`.
void remove_old_runs(const std::string& out, int64_t keep);

}  // namespace lmc::train
