#include "train/run_folder.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "base/progress.h"  // format_duration

namespace lmc::train {

namespace {

std::string metrics_path(const std::string& folder) { return folder + "/metrics.jsonl"; }

void cut_metrics(const std::string& path, int64_t step) {
  if (!file_exists(path)) return;
  std::string kept;
  for_each_line(path, [&](size_t, std::string_view line) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || json.value("step", int64_t{0}) > step) return;
    kept += cat(line, "\n");
  });
  write_file(path, kept);
}

std::string in_gigabytes(int64_t bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << static_cast<double>(bytes) / 1e9 << " GB";
  return text.str();
}

}  // namespace

Json to_json(const TrainResult& result) {
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
               {"pictures_from_cache", result.pictures_from_cache},
               {"pictures_through_tower", result.pictures_through_tower}};
  if (result.best_step > 0) {
    json["best_step"] = result.best_step;
    json["best_validation_loss"] = result.best_validation_loss;
  }
  return json;
}

TrainResult result_from_json(const Json& json, const std::string& where) {
  TrainResult result;
  result.was_finished = true;
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
  result.best_step = json_get_or<int64_t>(json, "best_step", where, 0);
  result.best_validation_loss = json_get_or<double>(json, "best_validation_loss", where, 0);
  return result;
}

std::string summary(const TrainResult& result) {
  if (result.dry_run) return "";
  std::ostringstream text;
  text << (result.was_finished ? "was finished before: " : "") << result.steps << " steps, "
       << result.tokens << " tokens, loss at the end " << std::fixed << std::setprecision(4)
       << result.final_loss << ", " << format_duration(result.seconds) << "\n";
  if (result.best_step > 0) {
    text << "  best validation loss " << result.best_validation_loss << " after step "
         << result.best_step << (result.stopped_early ? "; no better since, so it ended early" : "")
         << "\n";
  }
  if (result.measured_peak_bytes > 0) {
    text << "  peak memory " << in_gigabytes(result.measured_peak_bytes) << ", estimated "
         << in_gigabytes(result.estimated_peak_bytes) << "\n";
  }
  if (result.skipped_samples > 0) text << "  samples left out: " << result.skipped_samples << "\n";
  if (result.skipped_steps > 0) {
    text << "  steps with nothing to learn from: " << result.skipped_steps << "\n";
  }
  return text.str();
}

Json manifest_of(const TrainOptions& options, record::Manifest manifest) {
  TrainOptions copy = options;
  manifest.add_options(copy.fields());
  manifest.command = "train";
  for (const std::string& path : {options.questions, options.explanations, options.conversations,
                                  options.continue_from, options.validation}) {
    if (!path.empty()) manifest.inputs.push_back(path);
  }
  return record::to_json(manifest);
}

Metrics::Metrics(const std::string& folder, int64_t step)
    : path_(metrics_path(folder)), events_(folder + "/tensorboard") {
  cut_metrics(path_, step);
  log_ = std::make_unique<AppendLog>(path_);
}

void Metrics::add(const StepFigures& figures) {
  // JSON has no NaN: such values are written as null.
  Json line = {{"step", figures.step},
               {"loss", figures.loss},
               {"learning_rate", figures.learning_rate},
               {"grad_norm", figures.gradient_norm},
               {"target_tokens", figures.target_tokens},
               {"tokens", figures.tokens},
               {"seconds", figures.seconds},
               {"tokens_per_second", figures.tokens_per_second}};
  if (figures.utilisation > 0) line["utilisation"] = figures.utilisation;
  if (figures.skipped_samples > 0) line["skipped_samples"] = figures.skipped_samples;
  if (figures.skipped) line["skipped_step"] = true;
  log_->append(to_text(line));
  events_.add_scalar("train/loss", figures.step, figures.loss);
  events_.add_scalar("train/grad_norm", figures.step, figures.gradient_norm);
  events_.add_scalar("train/learning_rate", figures.step, figures.learning_rate);
  events_.add_scalar("train/tokens_per_second", figures.step, figures.tokens_per_second);
  events_.flush();
}

void Metrics::add_validation(int64_t step, double loss, double accuracy) {
  Json line = {{"step", step}, {"validation_loss", loss}};
  if (accuracy >= 0) line["validation_accuracy"] = accuracy;
  log_->append(to_text(line));
  events_.add_scalar("validation/loss", step, loss);
  if (accuracy >= 0) events_.add_scalar("validation/accuracy", step, accuracy);
  events_.flush();
}

double mean_of_last_tenth(const std::string& folder) {
  const std::string path = metrics_path(folder);
  std::vector<double> losses;
  for_each_line(path, [&](size_t, std::string_view line) {
    const Json json = parse_json(line, path);
    if (json.contains("loss") && json["loss"].is_number()) losses.push_back(json["loss"]);
  });
  if (losses.empty()) return 0;
  const size_t count = std::max<size_t>(1, losses.size() / 10);
  double sum = 0;
  for (size_t i = losses.size() - count; i < losses.size(); ++i) sum += losses[i];
  return sum / static_cast<double>(count);
}

}  // namespace lmc::train
