#include "record/training.h"

#include "record/json_lines.h"  // for_each_record

namespace lmc::record {

Json to_json(const TrainingStep& step) {
  Json line = {{"step", step.step},
               {"loss", step.loss},
               {"learning_rate", step.learning_rate},
               {"grad_norm", step.gradient_norm},
               {"target_tokens", step.target_tokens},
               {"tokens", step.tokens},
               {"seconds", step.seconds},
               {"tokens_per_second", step.tokens_per_second}};
  if (step.mfu > 0) line["utilisation"] = step.mfu;
  if (step.skipped_samples > 0) line["skipped_samples"] = step.skipped_samples;
  if (step.skipped) line["skipped_step"] = true;
  return line;
}

Json to_json(const TrainingValidation& validation) {
  Json line = {{"step", validation.step}, {"validation_loss", validation.loss}};
  if (validation.accuracy >= 0) line["validation_accuracy"] = validation.accuracy;
  return line;
}

std::vector<MetricsLine> read_metrics(const std::string& path) {
  std::vector<MetricsLine> lines;
  for_each_record(path, LastLine::kMayBeCut, [&](const Json& json, const std::string& where) {
    lines.push_back({json_get<int64_t>(json, "step", where),
                     json_get_optional<double>(json, "loss", where),
                     json_get_optional<double>(json, "validation_loss", where),
                     json_get_optional<double>(json, "validation_accuracy", where)});
  });
  return lines;
}

Json to_json(const TrainingResult& result) {
  Json json = {{"schema", 1},
               {"steps", result.steps},
               {"samples", result.samples},
               {"skipped_samples", result.skipped_samples},
               {"skipped_steps", result.skipped_steps},
               {"trained_parameters", result.trained_parameters},
               {"tokens", result.tokens},
               {"computed_tokens", result.computed_tokens},
               {"seconds", result.seconds},
               {"final_loss", result.final_loss},
               {"stopped_early", result.stopped_early},
               {"estimated_peak_bytes", result.estimated_peak_bytes},
               {"measured_peak_bytes", result.measured_peak_bytes},
               {"pictures_from_cache", result.images_from_cache},
               {"pictures_through_tower", result.images_through_tower}};
  if (result.best_step > 0) {
    json["best_step"] = result.best_step;
    json["best_validation_loss"] = result.best_validation_loss;
  }
  return json;
}

TrainingResult training_result_from_json(const Json& json, const std::string& where) {
  TrainingResult result;
  result.steps = json_get<int64_t>(json, "steps", where);
  result.samples = json_get<int64_t>(json, "samples", where);
  result.skipped_samples = json_get<int64_t>(json, "skipped_samples", where);
  result.skipped_steps = json_get<int64_t>(json, "skipped_steps", where);
  result.trained_parameters = json_get<int64_t>(json, "trained_parameters", where);
  result.tokens = json_get<int64_t>(json, "tokens", where);
  result.computed_tokens = json_get<int64_t>(json, "computed_tokens", where);
  result.seconds = json_get<double>(json, "seconds", where);
  result.final_loss = json_get<double>(json, "final_loss", where);
  result.stopped_early = json_get_or<bool>(json, "stopped_early", where, false);
  result.estimated_peak_bytes = json_get_or<int64_t>(json, "estimated_peak_bytes", where, 0);
  result.measured_peak_bytes = json_get_or<int64_t>(json, "measured_peak_bytes", where, 0);
  result.images_from_cache = json_get_or<int64_t>(json, "pictures_from_cache", where, 0);
  result.images_through_tower = json_get_or<int64_t>(json, "pictures_through_tower", where, 0);
  result.best_step = json_get_or<int64_t>(json, "best_step", where, 0);
  result.best_validation_loss = json_get_or<double>(json, "best_validation_loss", where, 0);
  return result;
}

}  // namespace lmc::record
