// What a training run says of itself: metrics.jsonl, one line a step or validation, and the
// metrics of its result.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

struct TrainingStep {
  int64_t step = 0;
  double loss = 0, learning_rate = 0, gradient_norm = 0;
  int64_t target_tokens = 0;
  int64_t tokens = 0;  // since the run began
  double seconds = 0;  // since the run began, over all starts
  double tokens_per_second = 0;
  double mfu = 0;  // of the machine's arithmetic; 0: not measured
  int64_t skipped_samples = 0;
  bool skipped = false;  // it had nothing to learn from
};

struct TrainingValidation {
  int64_t step = 0;
  double loss = 0;
  double accuracy = -1;  // negative: not measured
};

// JSON has no NaN: such values are written as null.
Json to_json(const TrainingStep& step);
Json to_json(const TrainingValidation& validation);

// As the file is read: what a line says of its step. Other keys are ignored.
struct MetricsLine {
  int64_t step = 0;
  std::optional<double> loss, validation_loss, validation_accuracy;
};

// In the order of the file, without a last line that a kill cut short.
// Errors: InputError naming file and line.
std::vector<MetricsLine> read_metrics(const std::string& path);

struct TrainingResult {
  int64_t steps = 0;
  int64_t samples = 0;          // in the set
  int64_t skipped_samples = 0;  // draws whose image was unreadable, or too long
  int64_t skipped_steps = 0;    // that had nothing to learn from
  int64_t trained_parameters = 0;
  int64_t tokens = 0;
  int64_t computed_tokens = 0;  // that went through the model: shared ones once
  double seconds = 0;
  double final_loss = 0;             // mean over the last tenth of the steps
  bool stopped_early = false;        // validation got no better
  int64_t estimated_peak_bytes = 0;  // of the plan
  int64_t measured_peak_bytes = 0;   // 0: not known
  int64_t images_from_cache = 0;     // whose features were found, since the last start
  int64_t images_through_tower = 0;  // and that were computed
  int64_t best_step = 0;             // of the lowest validation loss; 0: not validated
  double best_validation_loss = 0;   // there
};

Json to_json(const TrainingResult& result);
TrainingResult training_result_from_json(const Json& json, const std::string& where);

}  // namespace lmc::record
