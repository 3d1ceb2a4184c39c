// The steps of a run, from where its state stands to its end, with what stands between them: the
// metrics, validations, checkpoints and the checks that nothing goes on with numbers that are not
// finite.
#pragma once

#include <string>

#include "base/json.h"           // Json
#include "train/adamw.h"         // AdamW
#include "train/checkpoints.h"   // RunState
#include "train/loader.h"        // Loader
#include "train/planner.h"       // PlannedRun
#include "train/ranks.h"         // Ranks
#include "train/run_folder.h"    // Metrics
#include "train/training_run.h"  // TrainingRun
#include "train/validator.h"     // Validator

namespace lmc::train {

class TrainingLoop {
 public:
  // Null `validator`: this rank measures nothing. `identity` goes into the checkpoints. All
  // arguments must outlive it.
  TrainingLoop(const TrainingRun& run, const Loader& loader, const PlannedRun& planned,
               AdamW& optimiser, Ranks& ranks, Validator* validator, const Json& identity);

  // Errors: as train().
  void run_from(RunState& state);

  // Whether validation got no better, so that the run ended before its last step.
  bool ended_early() const { return ended_early_; }

 private:
  struct Step;  // what one step made

  StepInputs next_inputs(StepLoader& steps, const RunState& state);
  Step take(const StepInputs& inputs, RunState& state);
  StepMetrics metrics_of(const Step& step, const RunState& state, double seconds) const;
  void validate(RunState& state, Metrics* metrics);
  void check_step(const StepMetrics& step_metrics);
  void check_trained(int64_t step, const StepInputs& inputs);
  bool loss_is_finite(const StepInputs& inputs);
  [[noreturn]] void stop_not_finite(int64_t step, const std::string& what);
  void save_checkpoint(const RunState& state);
  void keep_last_step(const RunState& state, const StepInputs& inputs);

  const TrainingRun& run_;
  const TrainOptions& options_;
  const Loader& loader_;
  const Plan& plan_;
  const MicroBatchOptions& micro_batches_;
  AdamW& optimiser_;
  Ranks& ranks_;
  Validator* validator_;
  const Json& identity_;
  double seconds_per_token_at_peak_;  // of the arithmetic
  bool ended_early_ = false;
};

}  // namespace lmc::train
