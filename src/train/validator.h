// What a run measures between its steps: the loss on samples that it does not learn from and, by
// what the app brings (TrainingRun::accuracy), the share of questions answered rightly.
#pragma once

#include <string>
#include <vector>

#include "train/checkpoints.h"      // RunState
#include "train/loader.h"           // Loader
#include "train/micro_batches.h"    // MicroBatchOptions
#include "train/run_folder.h"       // Metrics
#include "train/trained_weights.h"  // TrainedWeights

namespace lmc::train {

// Whether validation has got no better for as long as --patience says.
bool is_out_of_patience(const TrainOptions& options, const RunState& state);

class Validator {
 public:
  // Loads the samples of --validation. All arguments must outlive it.
  // Errors: InputError for files, and when none of the samples is usable.
  Validator(const TrainingRun& run, const Loader& loader, const MicroBatchOptions& micro_batches,
            const TrainedWeights& trained);

  // Measures after the state's step, writes it down, and saves what is trained under best/ where
  // the loss is the lowest so far. False: the loss is not finite, and nothing was written.
  bool validate(RunState& state, Metrics& metrics);

 private:
  const TrainingRun& run_;
  const MicroBatchOptions& micro_batches_;
  const TrainedWeights& trained_;
  std::vector<TrainingInput> samples_;
};

}  // namespace lmc::train
