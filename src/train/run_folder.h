// The files of a training run, but for its checkpoints (checkpoints.h) and what it made.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"           // AppendLog
#include "base/json.h"            // Json
#include "record/manifest.h"      // Manifest
#include "train/event_file.h"     // EventFile
#include "train/train_options.h"  // TrainOptions

namespace lmc::train {

struct TrainResult {
  bool was_finished = false;  // by an earlier call; nothing was done
  bool dry_run = false;       // only the plan was made
  int64_t steps = 0;
  int64_t samples = 0;          // in the set
  int64_t skipped_samples = 0;  // draws whose picture was unreadable, or too long
  int64_t skipped_steps = 0;    // that had nothing to learn from
  int64_t trained_parameters = 0;
  int64_t tokens = 0;
  int64_t computed_tokens = 0;  // that went through the model: shared ones once
  double seconds = 0;
  double final_loss = 0;               // mean over the last tenth of the steps
  int64_t best_step = 0;               // of the lowest validation loss; 0: not validated
  double best_validation_loss = 0;     // there
  bool stopped_early = false;          // validation got no better
  int64_t estimated_peak_bytes = 0;    // of the plan
  int64_t measured_peak_bytes = 0;     // 0: not known
  int64_t pictures_from_cache = 0;     // whose features were found, since the last start
  int64_t pictures_through_tower = 0;  // and that were computed
};

Json to_json(const TrainResult& result);
TrainResult result_from_json(const Json& json, const std::string& where);
std::string summary(const TrainResult& result);

// The manifest of the run, with the options and inputs of the training added.
Json manifest_of(const TrainOptions& options, record::Manifest manifest);

struct StepFigures {
  int64_t step = 0;
  double loss = 0, learning_rate = 0, gradient_norm = 0;
  int64_t target_tokens = 0;
  int64_t tokens = 0;  // since the run began
  double seconds = 0;  // since the run began, over all starts
  double tokens_per_second = 0;
  double utilisation = 0;  // of the machine's arithmetic; 0: not measured
  int64_t skipped_samples = 0;
  bool skipped = false;  // it had nothing to learn from
};

// metrics.jsonl, one line a step or validation, and the same as TensorBoard events under
// tensorboard/. Opened by a run that continues after `step`: lines of later steps, which a kill
// left, are cut off.
class Metrics {
 public:
  Metrics(const std::string& folder, int64_t step);

  void add(const StepFigures& figures);
  // `accuracy` negative: not measured.
  void add_validation(int64_t step, double loss, double accuracy);

 private:
  std::string path_;
  std::unique_ptr<AppendLog> log_;
  EventFile events_;
};

// Of the steps in metrics.jsonl: the mean loss of the last tenth.
double mean_of_last_tenth(const std::string& folder);

}  // namespace lmc::train
