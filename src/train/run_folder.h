// The files of a training run, but for its checkpoints (checkpoints.h) and what it made.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"           // AppendLog
#include "base/json.h"            // Json
#include "record/manifest.h"      // Manifest
#include "record/output.h"        // FolderOutput
#include "record/training.h"      // TrainingResult, TrainingStep
#include "train/event_file.h"     // EventFile
#include "train/train_options.h"  // TrainOptions

namespace lmc::train {

// The metrics that a run ends with, as its result.json has them.
struct TrainResult : record::TrainingResult {
  bool was_finished = false;  // by an earlier call; nothing was done
  bool dry_run = false;       // only the plan was made
};

TrainResult result_from_json(const Json& json, const std::string& where);
std::string summary(const TrainResult& result);

// The manifest of the run, with the options and inputs of the training added.
record::Manifest manifest_of(const TrainOptions& options, record::Manifest manifest);

// What the run writes into its folder. `model_folder` is where the model comes from.
record::FolderOutput run_output(const TrainOptions& options, const std::string& model_folder);

using StepMetrics = record::TrainingStep;

// metrics.jsonl, one line a step or validation, and the same as TensorBoard events under
// tensorboard/. Opened by a run that continues after `step`: lines of later steps, which a kill
// left, are cut off.
class Metrics {
 public:
  Metrics(const std::string& folder, int64_t step);

  void add(const StepMetrics& step_metrics);
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
