#include "train/train.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <iomanip>
#include <sstream>

#include "base/check.h"      // InputError, Interrupted
#include "base/files.h"      // AppendLog, write_file
#include "base/interrupt.h"  // interrupt_requested
#include "base/parallel.h"   // parallel_for
#include "base/progress.h"   // Progress, format_duration
#include "base/random.h"     // Random
#include "model/lora.h"      // attach_lora
#include "train/adamw.h"
#include "train/checkpoints.h"
#include "train/samples.h"
#include "train/save_model.h"
#include "train/training_pass.h"

namespace lmc::train {

namespace {

constexpr int kMostBadSteps = 10;  // in a row

// What follows from the options and the number of samples.
struct Plan {
  int64_t steps = 0;
  int64_t draws = 0;  // samples drawn over all steps
  int64_t warmup_steps = 0;
};

Plan make_plan(const TrainOptions& options, size_t num_samples) {
  Plan plan;
  if (options.steps > 0) {
    plan.steps = options.steps;
    plan.draws = options.steps * options.batch;
  } else {
    plan.draws =
        std::max<int64_t>(1, std::llround(options.epochs * static_cast<double>(num_samples)));
    plan.steps = (plan.draws + options.batch - 1) / options.batch;
  }
  plan.warmup_steps =
      static_cast<int64_t>(std::ceil(options.warmup * static_cast<double>(plan.steps)));
  return plan;
}

model::LoraConfig lora_config(const TrainOptions& options, const std::string& model_folder) {
  model::LoraConfig config;
  config.rank = options.rank;
  config.alpha = options.alpha;
  config.dropout = options.dropout;
  config.use_rslora = options.rslora;
  config.target_modules = options.target_modules;
  config.base_model = model_folder;
  return config;
}

// Inputs of one step; `problems` counts the draws that could not be used, by reason.
struct StepInputs {
  std::vector<prompt::ModelInput> samples;
  std::vector<std::string> problems;
};

StepInputs load_step(const std::vector<Sample>& samples, const std::vector<size_t>& indexes,
                     const prompt::Processor& processor, int64_t max_tokens) {
  std::vector<LoadedSample> loaded(indexes.size());
  parallel_for(indexes.size(), [&](size_t i) {
    loaded[i] = load_sample(samples[indexes[i]], processor, max_tokens);
  });
  StepInputs inputs;
  for (size_t i = 0; i < loaded.size(); ++i) {
    if (loaded[i].input) {
      inputs.samples.push_back(std::move(*loaded[i].input));
    } else {
      inputs.problems.push_back(cat(samples[indexes[i]].id, ": ", loaded[i].problem));
    }
  }
  return inputs;
}

// Keeps the lines of steps up to `step`: a kill may have come after a line and before a checkpoint.
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

std::vector<double> losses_in(const std::string& path) {
  std::vector<double> losses;
  for_each_line(path, [&](size_t, std::string_view line) {
    const Json json = parse_json(line, path);
    if (json.contains("loss") && json["loss"].is_number()) losses.push_back(json["loss"]);
  });
  return losses;
}

double mean_of_last_tenth(const std::vector<double>& losses) {
  if (losses.empty()) return 0;
  const size_t count = std::max<size_t>(1, losses.size() / 10);
  double sum = 0;
  for (size_t i = losses.size() - count; i < losses.size(); ++i) sum += losses[i];
  return sum / static_cast<double>(count);
}

Json to_json(const TrainResult& result) {
  return {{"schema", 1},
          {"steps", result.steps},
          {"samples", result.samples},
          {"skipped_samples", result.skipped_samples},
          {"skipped_steps", result.skipped_steps},
          {"trained_parameters", result.trained_parameters},
          {"tokens", result.tokens},
          {"seconds", result.seconds},
          {"final_loss", result.final_loss}};
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
  result.seconds = json_get<double>(json, "seconds", where);
  result.final_loss = json_get<double>(json, "final_loss", where);
  return result;
}

void print_plan(const TrainOptions& options, const Plan& plan, const SampleSet& set,
                int64_t parameters, const prompt::Processor& processor, std::ostream& out) {
  out << "train: " << set.samples.size() << " samples, " << plan.steps << " steps of "
      << options.batch << ", " << parameters << " parameters "
      << (options.full ? "(all)" : cat("(LoRA, rank ", options.rank, ")")) << "\n";
  for (const auto& [reason, count] : set.left_out) {
    out << "  left out, " << reason << ": " << count << "\n";
  }
  const size_t count = std::min(set.samples.size(), static_cast<size_t>(options.show));
  for (size_t i = 0; i < count; ++i) {
    const Sample& sample = set.samples[i * set.samples.size() / count];
    const LoadedSample loaded = load_sample(sample, processor, options.max_tokens);
    out << "--- sample " << sample.id;
    if (loaded.input) {
      const auto& targets = loaded.input->is_target;
      out << ", " << targets.size() << " tokens, learns the last "
          << std::count(targets.begin(), targets.end(), uint8_t{1});
    } else {
      out << ", unusable: " << loaded.problem;
    }
    out << "\n" << sample.prompt << "\n>>>\n" << sample.reply << "\n";
  }
  if (count > 0) out << "---\n";
}

// What decides the weights: the options, and the hashes of all inputs.
Json run_identity(const TrainOptions& options, const Json& manifest) {
  Json identity = identity_of(options);
  Json hashes = Json::array();
  for (const Json& input : manifest["inputs"]) hashes.push_back(input["sha256"]);
  identity["inputs"] = std::move(hashes);
  identity["dtype"] = manifest["options"].value("dtype", "");
  return identity;
}

Json begin_folder(const TrainOptions& options, record::Manifest manifest) {
  TrainOptions copy = options;
  const Json fields = fields_to_json(copy.fields());
  if (manifest.options.is_null()) manifest.options = Json::object();
  for (const auto& [key, value] : fields.items()) manifest.options[key] = value;
  manifest.command = "train";
  for (const std::string& path : {options.questions, options.explanations, options.conversations}) {
    if (!path.empty()) manifest.inputs.push_back(path);
  }
  return record::to_json(manifest);
}

// One line of metrics.jsonl, and the line beside the progress bar.
class Metrics {
 public:
  explicit Metrics(const std::string& path) : log_(path) {}

  void add(int64_t step, const StepLoss& loss, double learning_rate, double norm, size_t skipped,
           bool applied, const RunState& state) {
    Json line = {{"step", step},
                 {"loss", loss.mean()},
                 {"learning_rate", learning_rate},
                 {"grad_norm", norm},
                 {"target_tokens", loss.target_tokens},
                 {"tokens", state.tokens},
                 {"seconds", state.seconds}};
    if (skipped > 0) line["skipped_samples"] = skipped;
    // JSON has no NaN: such values are written as null.
    if (!applied) line["skipped_step"] = true;
    log_.append(to_text(line));
  }

 private:
  AppendLog log_;
};

}  // namespace

TrainResult train(model::Qwen3Vl& model, const std::string& model_folder,
                  prompt::Processor& processor, const TrainOptions& options,
                  record::Manifest manifest, std::ostream& out) {
  TrainOptions(options).check();
  if (options.full && model.dtype() != torch::kFloat32) {
    throw InputError("--full", "all weights are trained in float32 only", "--dtype float32");
  }
  if (options.max_image_area > 0) processor.set_max_area_px(options.max_image_area);
  const SampleSet set = read_samples(options, processor.style());
  const Plan plan = make_plan(options, set.samples.size());
  const Json manifest_json = begin_folder(options, std::move(manifest));
  const Json identity = run_identity(options, manifest_json);

  const model::LoraConfig lora = lora_config(options, model_folder);
  if (!options.full) model::attach_lora(model, lora, static_cast<uint64_t>(options.seed));
  AdamW optimiser(options.full ? all_parameters(model) : lora_parameters(model), options);
  const std::optional<RunState> found = load_run(options.out, optimiser, identity);
  const std::string result_path = options.out + "/result.json";
  if (found && found->step == plan.steps && file_exists(result_path)) {
    return result_from_json(read_json(result_path), result_path);
  }
  RunState state = found.value_or(RunState{});
  make_folder(options.out);
  write_file(options.out + "/manifest.json", to_pretty_text(manifest_json));

  TrainResult result;
  result.steps = plan.steps;
  result.samples = static_cast<int64_t>(set.samples.size());
  for (const Parameter& parameter : optimiser.parameters()) {
    result.trained_parameters += parameter.value.numel();
  }
  print_plan(options, plan, set, result.trained_parameters, processor, out);
  if (found) out << "train: continues after step " << state.step << "\n";

  const std::string metrics_path = options.out + "/metrics.jsonl";
  cut_metrics(metrics_path, state.step);
  Metrics metrics(metrics_path);
  Progress progress(out, "train", plan.steps, "steps", state.step);
  SampleOrder order(set.samples.size(), options.batch, options.seed);
  // The next step's pictures are read while this one computes.
  const auto load_ahead = [&](int64_t step) {
    return std::async(std::launch::async, [&, indexes = order.batch_of_step(step, plan.draws)] {
      return load_step(set.samples, indexes, processor, options.max_tokens);
    });
  };
  std::future<StepInputs> ahead;
  if (state.step < plan.steps) ahead = load_ahead(state.step);
  int bad_steps = 0;
  while (state.step < plan.steps) {
    const auto start = std::chrono::steady_clock::now();
    const StepInputs inputs = ahead.get();
    if (state.step + 1 < plan.steps) ahead = load_ahead(state.step + 1);
    for (const std::string& problem : inputs.problems) out << "train: left out " << problem << "\n";

    const double learning_rate =
        options.learning_rate *
        schedule_factor(options.schedule, state.step, plan.warmup_steps, plan.steps);
    const uint64_t dropout_seed = Random::named(static_cast<uint64_t>(options.seed), "dropout",
                                                static_cast<uint64_t>(state.step))
                                      .next_bits();
    std::vector<TrainingInput> samples;
    for (const prompt::ModelInput& input : inputs.samples) {
      samples.push_back({input, {input.is_target.begin(), input.is_target.end()}, {}});
    }
    const StepLoss loss =
        accumulate_gradients(model, samples, {.tokens_per_pass = options.tokens_per_pass},
                             total_weight(samples), dropout_seed);
    const double norm = optimiser.clip_gradients(options.clip);
    const bool usable = std::isfinite(loss.mean()) && std::isfinite(norm) && loss.target_tokens > 0;
    if (usable) optimiser.step(learning_rate);
    optimiser.zero_gradients();
    bad_steps = usable ? 0 : bad_steps + 1;

    ++state.step;
    state.tokens += loss.tokens;
    state.skipped_samples += static_cast<int64_t>(inputs.problems.size());
    state.skipped_steps += usable ? 0 : 1;
    state.seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    metrics.add(state.step, loss, learning_rate, norm, inputs.problems.size(), usable, state);
    std::ostringstream note;
    note << "loss " << std::fixed << std::setprecision(4) << loss.mean() << ", "
         << std::setprecision(0) << static_cast<double>(state.tokens) / state.seconds
         << " tokens/s";
    progress.add(1, note.str());
    if (bad_steps == kMostBadSteps) {
      throw InputError(
          options.out,
          cat("the loss or its gradient was not finite ", kMostBadSteps, " steps in a row"),
          "a lower --learning-rate");
    }
    const bool stop = interrupt_requested();
    if (stop || state.step % options.save_every == 0 || state.step == plan.steps) {
      save_run(options.out, state, optimiser, identity);
      remove_old_runs(options.out, options.keep);
    }
    if (stop && state.step < plan.steps) {
      throw Interrupted("the same command continues from the checkpoint");
    }
  }

  result.skipped_samples = state.skipped_samples;
  result.skipped_steps = state.skipped_steps;
  result.tokens = state.tokens;
  result.seconds = state.seconds;
  result.final_loss = mean_of_last_tenth(losses_in(metrics_path));
  if (options.full) {
    const torch::Dtype dtype = options.save_dtype == "float32"    ? torch::kFloat32
                               : options.save_dtype == "bfloat16" ? torch::kBFloat16
                                                                  : stored_dtype_of(model_folder);
    save_model(model, dtype, model_folder, options.out);
  } else {
    model::save_adapter(model, lora, options.out);
  }
  write_file(result_path, to_pretty_text(to_json(result)));
  return result;
}

std::string summary(const TrainResult& result) {
  std::ostringstream text;
  text << (result.was_finished ? "was finished before: " : "") << result.steps << " steps, "
       << result.tokens << " tokens, loss at the end " << std::fixed << std::setprecision(4)
       << result.final_loss << ", " << format_duration(result.seconds) << "\n";
  if (result.skipped_samples > 0) text << "  samples left out: " << result.skipped_samples << "\n";
  if (result.skipped_steps > 0) {
    text << "  steps without a finite gradient: " << result.skipped_steps << "\n";
  }
  return text.str();
}

}  // namespace lmc::train
