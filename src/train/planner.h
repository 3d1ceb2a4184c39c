// Chooses how a run's steps are computed and foresees what they take, by the dimensions of the
// model, some of the samples, and a few of them computed.
#pragma once

#include <memory>

#include "train/adamw.h"                // AdamW
#include "train/loader.h"               // Loader
#include "train/micro_batch_workers.h"  // MicroBatchWorkers
#include "train/micro_batches.h"        // MicroBatchOptions
#include "train/plan.h"                 // Plan
#include "train/ranks.h"                // Ranks
#include "train/training_run.h"         // TrainingRun

namespace lmc::train {

struct PlannedRun {
  Plan plan;
  MicroBatchOptions micro_batches;
  std::unique_ptr<MicroBatchWorkers> workers;  // those of `micro_batches`; null: none
  double peak_flops = 0;                       // of a large product in the run's arithmetic
};

// Loads the first samples, computes some of them and leaves no gradient behind. All ranks call it:
// what rank 0 recomputes, all do. The arguments must outlive what it returns.
PlannedRun plan_run(const TrainingRun& run, const Loader& loader, AdamW& optimiser, Ranks& ranks);

}  // namespace lmc::train
