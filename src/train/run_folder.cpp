#include "train/run_folder.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "base/progress.h"        // format_duration
#include "record/json_lines.h"    // for_each_record
#include "record/run_folder.h"    // stage_manifest, metrics_path
#include "record/run_identity.h"  // has_same_content
#include "spec/model_folder.h"    // model_files

namespace lmc::train {

namespace {

// The folder is locked, so nobody writes what is replaced here.
void cut_metrics(const std::string& path, int64_t step) {
  if (!file_exists(path)) return;
  std::string kept;
  record::for_each_record(path, record::LastLine::kMayBeCut,
                          [&](const Json& json, const std::string& where) {
                            if (json_get<int64_t>(json, "step", where) > step) return;
                            kept += to_text(json) + "\n";
                          });
  write_file(path, kept);
}

std::string in_gigabytes(int64_t bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << static_cast<double>(bytes) / 1e9 << " GB";
  return text.str();
}

}  // namespace

TrainResult result_from_json(const Json& json, const std::string& where) {
  TrainResult result{record::training_result_from_json(json, where)};
  result.was_finished = true;
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

record::Manifest manifest_of(const TrainOptions& options, record::Manifest manifest) {
  std::vector<record::ManifestInput> inputs;
  for (const std::string& path : {options.questions, options.explanations, options.conversations,
                                  options.continue_from, options.validation}) {
    if (!path.empty()) inputs.emplace_back(path, spec::model_files(path));
  }
  manifest =
      record::stage_manifest(std::move(manifest), "train", TrainOptions(options).fields(), inputs);
  // A run that goes on keeps the hashes it has, if what they are of is the same.
  const std::string before = record::manifest_path(options.out);
  if (!file_exists(before)) return manifest;
  const record::Manifest recorded = record::read_manifest(before);
  const size_t count = std::min(recorded.inputs.size(), manifest.inputs.size());
  for (size_t i = 0; i < count; ++i) {
    if (record::has_same_content(recorded.inputs[i], manifest.inputs[i])) {
      manifest.inputs[i].sha256 = recorded.inputs[i].sha256;
    }
  }
  return manifest;
}

record::FolderOutput run_output(const TrainOptions& options, const std::string& model_folder) {
  record::FolderOutput output{options.out, "train", {model_folder}, {}};
  output.inputs.insert(output.inputs.end(),
                       {options.questions, options.explanations, options.conversations,
                        options.continue_from, options.validation});
  output.files = {record::kManifestFile, record::kMetricsFile, record::kResultFile};
  if (options.full) {
    output.files.insert(output.files.end(), {"config.json", "model.safetensors"});
  } else {
    output.files.insert(output.files.end(), {"adapter_config.json", "adapter_model.safetensors"});
  }
  return output;
}

Metrics::Metrics(const std::string& folder, int64_t step)
    : path_(record::metrics_path(folder)), events_(folder + "/tensorboard") {
  cut_metrics(path_, step);
  log_ = std::make_unique<AppendLog>(path_, "step");
}

void Metrics::add(const StepMetrics& step_metrics) {
  log_->append(to_text(record::to_json(step_metrics)));
  events_.add_scalar("train/loss", step_metrics.step, step_metrics.loss);
  events_.add_scalar("train/grad_norm", step_metrics.step, step_metrics.gradient_norm);
  events_.add_scalar("train/learning_rate", step_metrics.step, step_metrics.learning_rate);
  events_.add_scalar("train/tokens_per_second", step_metrics.step, step_metrics.tokens_per_second);
  events_.flush();
}

void Metrics::add_validation(int64_t step, double loss, double accuracy) {
  log_->append(to_text(record::to_json(record::TrainingValidation{step, loss, accuracy})));
  events_.add_scalar("validation/loss", step, loss);
  if (accuracy >= 0) events_.add_scalar("validation/accuracy", step, accuracy);
  events_.flush();
}

double mean_of_last_tenth(const std::string& folder) {
  std::vector<double> losses;
  for (const record::MetricsLine& line : record::read_metrics(record::metrics_path(folder))) {
    if (line.loss) losses.push_back(*line.loss);
  }
  if (losses.empty()) return 0;
  const size_t count = std::max<size_t>(1, losses.size() / 10);
  double sum = 0;
  for (size_t i = losses.size() - count; i < losses.size(); ++i) sum += losses[i];
  return sum / static_cast<double>(count);
}

}  // namespace lmc::train
