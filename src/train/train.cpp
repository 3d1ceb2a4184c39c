#include "train/train.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <future>
#include <iomanip>
#include <sstream>

#include "base/check.h"          // InputError, Interrupted
#include "base/heap.h"           // return_free_heap
#include "base/interrupt.h"      // interrupt_requested
#include "base/parallel.h"       // parallel_for
#include "base/progress.h"       // Progress
#include "base/random.h"         // Random
#include "model/large_blocks.h"  // give_back_kept_blocks
#include "model/lora.h"          // attach_lora
#include "record/run_files.h"    // manifest_path, result_path
#include "train/adamw.h"
#include "train/checkpoints.h"
#include "train/device_memory.h"
#include "train/drawn_samples.h"
#include "train/objective.h"
#include "train/pictures.h"
#include "train/plan.h"
#include "train/ranks.h"
#include "train/samples.h"
#include "train/save_model.h"
#include "train/training_pass.h"

namespace lmc::train {

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kSamplesLookedAt = 64;  // for the plan
constexpr size_t kCalibrated = 4;        // samples that are timed for the plan
constexpr int64_t kTokensPerPass = 768, kTokensPerPassOnGpu = 8192;
// Workers are as many as keep no more than this between them, whatever is free: what a run computes
// should not depend on that. It leaves large models to one worker, whose products are large enough
// for all threads.
constexpr int64_t kKeptByWorkers = int64_t{2} << 30;
// Of a chunk of the loss: 32 MB of logits, which is memory the allocator has at hand, and rows
// enough for a matrix product.
constexpr int64_t kLogitsAtOnce = int64_t{1} << 23, kLeastRows = 64, kMostRows = 1024;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Inputs of one step; `problems` counts the draws that could not be used, by reason.
struct StepInputs {
  std::vector<TrainingInput> samples;
  std::vector<std::string> problems;
};

class Trainer {
 public:
  Trainer(model::Qwen3Vl& model, const std::string& model_folder, prompt::Processor& processor,
          const TrainOptions& options, record::Manifest manifest, const MeasureAccuracy& accuracy,
          ProcessGroup& group, std::ostream& out)
      : model_(model),
        model_folder_(model_folder),
        processor_(processor),
        options_(options),
        accuracy_(accuracy),
        ranks_(group),
        out_(out),
        set_(read_samples(options, processor.style())),
        groups_(sample_groups(set_.samples, options.order == "by-picture")),
        drawn_(set_.samples, options),
        objective_(options, processor.tokenizer()),
        manifest_(manifest_of(options, std::move(manifest))),
        identity_(run_identity(options, manifest_)),
        lora_(prepare_lora()),
        optimiser_(options.full ? all_parameters(model) : lora_parameters(model), options),
        pictures_(processor, trains_vision(model) ? nullptr : &model, options.vision_cache,
                  options.vision_cache_dtype == "float32" ? torch::kFloat32 : torch::kBFloat16) {}

  TrainResult run();

 private:
  spec::LoraConfig prepare_lora();
  void choose_passes();
  std::vector<Draw> first_draws();
  void make_plan();
  void measure_program(std::vector<TrainingInput>& looked_at);
  int64_t picture_bytes() const;
  void choose_recompute();
  void calibrate(const std::vector<TrainingInput>& looked_at);
  void show_samples();
  StepInputs load(const std::vector<Draw>& draws);
  std::vector<TrainingInput> validation_samples();
  bool validate(RunState& state, Metrics& metrics);
  void save_trained(const std::string& folder);
  void train_from(RunState& state);
  StepFigures take_step(const StepInputs& inputs, RunState& state);
  void check_step(const StepFigures& figures);
  bool loss_is_finite(const StepInputs& inputs);
  void check_trained(int64_t step, const StepInputs& inputs);
  void save_checkpoint(const RunState& state);
  void keep_last_step(const RunState& state, const StepInputs& inputs);
  [[noreturn]] void stop_not_finite(int64_t step, const std::string& what);
  TrainResult result_of(const RunState& state);
  std::optional<TrainResult> resume(RunState& state);

  model::Qwen3Vl& model_;
  const std::string& model_folder_;
  prompt::Processor& processor_;
  const TrainOptions& options_;
  const MeasureAccuracy& accuracy_;
  Ranks ranks_;
  std::ostream& out_;
  SampleSet set_;
  std::vector<std::vector<size_t>> groups_;
  DrawnSamples drawn_;
  Objective objective_;
  Json manifest_;
  Json identity_;
  spec::LoraConfig lora_;
  AdamW optimiser_;
  Pictures pictures_;
  std::optional<PassWorkers> workers_;
  PassOptions passes_;
  Plan plan_;
  double peak_flops_ = 0;
  std::vector<TrainingInput> validation_;
  bool ended_early_ = false;
  std::optional<TrainResult> finished_;  // by an earlier call
};

spec::LoraConfig Trainer::prepare_lora() {
  if (options_.full) return {};
  if (!options_.continue_from.empty()) {
    spec::LoraConfig config = model::load_adapter(model_, options_.continue_from);
    config.base_model = model_folder_;
    return config;
  }
  spec::LoraConfig config;
  config.rank = options_.rank;
  config.alpha = options_.alpha;
  config.dropout = options_.dropout;
  config.use_rslora = options_.rslora;
  config.use_dora = options_.dora;
  config.target_is_regex = !options_.target_regex.empty();
  config.target_modules = config.target_is_regex ? std::vector<std::string>{options_.target_regex}
                                                 : options_.target_modules;
  for (const auto& [name, rank] : parse_pattern(options_.rank_pattern, "--rank-pattern")) {
    config.rank_pattern.emplace_back(name, static_cast<int64_t>(rank));
  }
  config.alpha_pattern = parse_pattern(options_.alpha_pattern, "--alpha-pattern");
  config.base_model = model_folder_;
  model::attach_lora(model_, config, static_cast<uint64_t>(options_.seed));
  return config;
}

StepInputs Trainer::load(const std::vector<Draw>& draws) {
  std::vector<LoadedSample> loaded(draws.size());
  parallel_for(draws.size(), [&](size_t i) {
    loaded[i] =
        load_sample(drawn_.draw(draws[i]), processor_, pictures_, objective_, options_.max_tokens);
  });
  StepInputs inputs;
  for (size_t i = 0; i < loaded.size(); ++i) {
    if (loaded[i].input) {
      inputs.samples.push_back(std::move(*loaded[i].input));
    } else {
      inputs.problems.push_back(cat(set_.samples[draws[i].sample].id, ": ", loaded[i].problem));
    }
  }
  return inputs;
}

void Trainer::choose_passes() {
  const auto is_on = [&](const char* saving) {
    return std::find(options_.without.begin(), options_.without.end(), saving) ==
           options_.without.end();
  };
  passes_.packed = is_on("packing");
  passes_.tokens_per_pass = options_.tokens_per_pass > 0 ? options_.tokens_per_pass
                            : model_.device().is_cpu()   ? kTokensPerPass
                                                         : kTokensPerPassOnGpu;
  // All weights' gradients, which each pass hands over by itself, would be there several times.
  if (model_.device().is_cpu() && !options_.full && is_on("parallel-passes")) {
    const PassShape shape{.tokens = passes_.tokens_per_pass, .row_tokens = passes_.tokens_per_pass};
    const int64_t kept = estimate_memory(model_, 0, shape, passes_).activations;
    const int threads = at::get_num_threads();
    const auto count = static_cast<int>(std::clamp<int64_t>(kKeptByWorkers / kept, 1, threads));
    if (count > 1) passes_.workers = &workers_.emplace(static_cast<size_t>(count), threads / count);
  }
  passes_.shares_prefixes = passes_.packed && is_on("shared-prefixes");
  passes_.loss.teacher_share = options_.teacher_share;
  passes_.loss.rows_per_chunk =
      is_on("chunked-loss")
          ? std::clamp(kLogitsAtOnce / model_.config().text.vocab_size, kLeastRows, kMostRows)
          : 0;
  if (!trains_vision(model_) && is_on("shared-pictures")) {
    passes_.features = [this](const auto& picture) { return pictures_.features(picture); };
  }
}

void Trainer::calibrate(const std::vector<TrainingInput>& looked_at) {
  const auto start = Clock::now();
  const StepLoss loss =
      accumulate_gradients(model_, looked_at, passes_, std::max(1.0, total_weight(looked_at)), 0);
  const double seconds = seconds_since(start);
  optimiser_.zero_gradients();
  plan_.seconds_per_step = seconds / static_cast<double>(std::max<int64_t>(1, loss.tokens)) *
                           plan_.samples.tokens * static_cast<double>(options_.batch);
}

// What the first steps will take: at most kSamplesLookedAt.
std::vector<Draw> Trainer::first_draws() {
  const auto count = static_cast<int64_t>(std::min(set_.samples.size(), kSamplesLookedAt));
  return SampleOrder(groups_, count, options_.seed).batch_of_step(0, count);
}

void Trainer::make_plan() {
  choose_passes();
  plan_.steps = plan_steps(options_, set_.samples.size());
  for (const Parameter& parameter : optimiser_.parameters()) {
    plan_.trained_parameters += parameter.value.numel();
  }
  StepInputs looked_at = load(first_draws());
  const int64_t samples_a_rank = (options_.batch + ranks_.size() - 1) / ranks_.size();
  plan_.samples =
      shape_of(looked_at.samples, samples_a_rank, static_cast<int64_t>(looked_at.problems.size()),
               passes_, static_cast<int32_t>(model_.config().image_token_id));
  measure_program(looked_at.samples);
  choose_recompute();
  if (!options_.vision_cache.empty() && passes_.features) {
    const auto& config = model_.config();
    const int64_t merge = config.vision.spatial_merge_size * config.vision.spatial_merge_size;
    plan_.picture_bytes = std::llround(plan_.samples.patches) / merge * config.text.hidden_size *
                          static_cast<int64_t>(1 + config.vision.deepstack_indexes.size()) *
                          (options_.vision_cache_dtype == "float32" ? 4 : 2);
  }
  peak_flops_ = measured_peak_flops(model_.device(), model_.dtype());
  if (model_.dtype() == torch::kFloat32 && !options_.full) {
    plan_.bf16_speed = measured_peak_flops(model_.device(), torch::kBFloat16) / peak_flops_;
  }
  if (!looked_at.samples.empty()) calibrate(looked_at.samples);
  return_free_heap();
}

// Leaves `looked_at` the samples that are timed. What the libraries load and keep shows once a
// sample has gone through them, forward and backward.
void Trainer::measure_program(std::vector<TrainingInput>& looked_at) {
  looked_at.resize(std::min(looked_at.size(), kCalibrated));
  if (!looked_at.empty()) {
    const std::span<const TrainingInput> one(looked_at.data(), 1);
    PassOptions careful = passes_;
    careful.recompute = model::Recompute::kLayers;
    accumulate_gradients(model_, one, careful, std::max(1.0, total_weight(one)), 0);
    optimiser_.zero_gradients();
  }
  plan_.memory.products =
      kept_products(model_, plan_.samples.pass,
                    std::llround(plan_.samples.passes * static_cast<double>(plan_.steps.steps)));
  model::give_back_kept_blocks();
  return_free_heap();
  plan_.memory.program = held_by_program(model_, plan_.trained_parameters, model_folder_);
  plan_.memory.pictures = picture_bytes();
}

// The pixels of two steps, one of them loaded ahead, and the features that are kept in memory.
int64_t Trainer::picture_bytes() const {
  const SampleShape& shape = plan_.samples;
  const double per_rank = static_cast<double>(options_.batch) / ranks_.size();
  const double drawn = std::min(static_cast<double>(set_.samples.size()),
                                per_rank * static_cast<double>(plan_.steps.steps));
  const double at_hand = std::min(drawn, 2 * per_rank);
  double bytes = model_.device().is_cpu() ? at_hand * shape.pixel_bytes : 0;
  if (passes_.features) {
    const auto& config = model_.config();
    const double merged = shape.own_patches / static_cast<double>(config.vision.spatial_merge_size *
                                                                  config.vision.spatial_merge_size);
    bytes += std::min(drawn * merged, static_cast<double>(kMostKeptTokens)) *
             static_cast<double>(config.text.hidden_size *
                                 static_cast<int64_t>(1 + config.vision.deepstack_indexes.size()) *
                                 static_cast<int64_t>(c10::elementSize(model_.dtype())));
  }
  return std::llround(bytes);
}

void Trainer::choose_recompute() {
  const MemoryEstimate outside = plan_.memory;
  const PassShape& largest = plan_.samples.pass;
  plan_.usable_bytes = device_memory(model_.device()).usable();
  if (options_.recompute == "auto") {
    // A tenth of what there is is left to others.
    passes_.recompute = plan_.usable_bytes > 0
                            ? cheapest_recompute(model_, plan_.trained_parameters, largest, passes_,
                                                 plan_.usable_bytes / 10 * 9 - outside.total())
                            : model::Recompute::kLayers;
  } else if (options_.recompute != "nothing") {
    passes_.recompute =
        options_.recompute == "layers" ? model::Recompute::kLayers : model::Recompute::kFeedForward;
  }
  // What one rank recomputes, all do, so that all are as fast and the plan is one.
  passes_.recompute =
      static_cast<model::Recompute>(ranks_.broadcast(static_cast<int64_t>(passes_.recompute)));
  plan_.memory = estimate_memory(model_, plan_.trained_parameters, largest, passes_);
  plan_.memory.program = outside.program;
  plan_.memory.products = outside.products;
  plan_.memory.pictures = outside.pictures;
}

void Trainer::show_samples() {
  const size_t count = std::min(set_.samples.size(), static_cast<size_t>(options_.show));
  for (size_t i = 0; i < count; ++i) {
    const Sample sample = drawn_.draw({i * set_.samples.size() / count, 0});
    const LoadedSample loaded =
        load_sample(sample, processor_, pictures_, objective_, options_.max_tokens);
    out_ << "--- sample " << sample.id;
    if (loaded.input) {
      const auto& weights = loaded.input->weights;
      out_ << ", " << weights.size() << " tokens, learns "
           << std::count_if(weights.begin(), weights.end(), [](float w) { return w != 0; });
    } else {
      out_ << ", unusable: " << loaded.problem;
    }
    out_ << "\n" << sample.prompt << "\n>>> learnt from here\n" << sample.reply << "\n";
  }
  if (count > 0) out_ << "---\n";
}

std::vector<TrainingInput> Trainer::validation_samples() {
  TrainOptions options = options_;
  options.questions = options_.validation;
  options.explanations = options_.validation_explanations;
  options.conversations.clear();
  options.shuffle_pictures = false;
  if (options.explanations.empty()) options.target = "answer";
  const SampleSet set = read_samples(options, processor_.style());
  std::vector<TrainingInput> inputs;
  for (const Sample& sample : set.samples) {
    LoadedSample loaded =
        load_sample(sample, processor_, pictures_, objective_, options_.max_tokens);
    if (!loaded.input) continue;
    inputs.push_back(std::move(*loaded.input));
    if (!passes_.features) continue;
    // So that not the pixels of all are held at once.
    for (const auto& picture : inputs.back().input.images) passes_.features(picture);
  }
  if (inputs.empty()) throw InputError(options_.validation, "no usable sample to validate on");
  return inputs;
}

void Trainer::save_trained(const std::string& folder) {
  if (!options_.full) {
    model::save_adapter(model_, lora_, folder);
    return;
  }
  const torch::Dtype dtype = options_.save_dtype == "float32"    ? torch::kFloat32
                             : options_.save_dtype == "bfloat16" ? torch::kBFloat16
                                                                 : stored_dtype_of(model_folder_);
  save_model(model_, dtype, model_folder_, folder);
}

// False: the loss is not finite, and nothing was saved.
bool Trainer::validate(RunState& state, Metrics& metrics) {
  const double loss = measure_loss(model_, validation_, passes_).mean();
  if (!std::isfinite(loss)) return false;
  const double accuracy = accuracy_ ? accuracy_(state.step) : -1;
  metrics.add_validation(state.step, loss, accuracy);
  std::ostringstream line;
  line << "train: after step " << state.step << ": validation loss " << std::fixed
       << std::setprecision(4) << loss;
  if (accuracy >= 0) line << ", accuracy " << std::setprecision(1) << 100 * accuracy << " %";
  out_ << line.str() << "\n";
  if (state.best_step == 0 || loss < state.best_validation_loss) {
    state.best_step = state.step;
    state.best_validation_loss = loss;
    state.validations_since = 0;
    save_trained(options_.out + "/best");
  } else {
    ++state.validations_since;
  }
  ended_early_ = options_.patience > 0 && state.validations_since >= options_.patience;
  return true;
}

// Every rank gets here in the same step: what they test is summed over all, or asked of all.
void Trainer::stop_not_finite(int64_t step, const std::string& what) {
  const int64_t good = ranks_.broadcast(newest_step(options_.out));
  std::string hint = cat("a lower --learning-rate than ", options_.learning_rate);
  if (model_.dtype() != torch::kFloat32) hint += ", or --dtype float32";
  const std::string saved =
      good < 0 ? std::string("no checkpoint was written before")
               : cat("the last good state is in ", checkpoint_folder(options_.out, good));
  throw InputError(cat(options_.out, ": step ", step),
                   cat(what, " is not finite: training ends, ", saved), hint);
}

void Trainer::check_step(const StepFigures& figures) {
  if (!std::isfinite(figures.loss)) stop_not_finite(figures.step, "the loss");
  if (!std::isfinite(figures.gradient_norm)) {
    stop_not_finite(figures.step, "the norm of the gradient");
  }
}

// The loss of one sample shows what no later step may be there to show.
bool Trainer::loss_is_finite(const StepInputs& inputs) {
  const std::span<const TrainingInput> some(inputs.samples.data(),
                                            std::min<size_t>(inputs.samples.size(), 1));
  return some.empty() || std::isfinite(measure_loss(model_, some, passes_).mean());
}

// What step `step` made, before any of it is saved.
void Trainer::check_trained(int64_t step, const StepInputs& inputs) {
  if (ranks_.any(!optimiser_.values_are_finite())) stop_not_finite(step, "a trained value");
  if (ranks_.any(!loss_is_finite(inputs))) stop_not_finite(step, "the loss after the step");
}

void Trainer::save_checkpoint(const RunState& state) {
  save_run(options_.out, state, optimiser_, identity_);
  remove_old_runs(options_.out, options_.keep);
}

// Another rank is gone, and with it what this step had begun. The model is as the last finished
// step left it.
void Trainer::keep_last_step(const RunState& state, const StepInputs& inputs) {
  if (!ranks_.is_first() || state.step == 0) return;
  optimiser_.zero_gradients();
  if (!optimiser_.values_are_finite() || !loss_is_finite(inputs)) return;
  save_checkpoint(state);
  out_ << "train: step " << state.step << " is kept\n";
}

StepFigures Trainer::take_step(const StepInputs& inputs, RunState& state) {
  StepFigures figures;
  figures.learning_rate =
      options_.learning_rate *
      schedule_factor(options_.schedule, state.step, plan_.steps.warmup_steps, plan_.steps.steps);
  const uint64_t dropout_seed = Random::named(static_cast<uint64_t>(options_.seed), "dropout",
                                              static_cast<uint64_t>(state.step))
                                    .next_bits();
  std::array sums = {total_weight(inputs.samples), static_cast<double>(inputs.problems.size())};
  ranks_.all_reduce(sums);
  const double divisor = sums[0];
  figures.skipped_samples = static_cast<int64_t>(sums[1]);
  const StepLoss loss = ranks_.all_reduce(
      accumulate_gradients(model_, inputs.samples, passes_, divisor, dropout_seed));
  ranks_.all_reduce_gradients(optimiser_);
  // From here on no other rank is asked: the step is finished, or as if it had not begun.
  figures.loss = loss.mean();
  figures.gradient_norm = optimiser_.clip_gradients(options_.clip);
  figures.target_tokens = loss.target_tokens;
  figures.skipped = loss.target_tokens == 0;
  const bool is_finite = std::isfinite(figures.loss) && std::isfinite(figures.gradient_norm);
  if (is_finite && !figures.skipped) optimiser_.step(figures.learning_rate);
  optimiser_.zero_gradients();
  ++state.step;
  state.tokens += loss.tokens;
  state.computed_tokens += loss.computed_tokens;
  state.skipped_samples += figures.skipped_samples;
  state.skipped_steps += figures.skipped ? 1 : 0;
  figures.step = state.step;
  figures.tokens = state.tokens;
  // Divided by the time later.
  figures.tokens_per_second = static_cast<double>(loss.tokens);
  figures.utilisation = static_cast<double>(loss.computed_tokens);
  return figures;
}

std::string note_of(const StepFigures& figures) {
  std::ostringstream note;
  note << "loss " << std::fixed << std::setprecision(4) << figures.loss << ", norm "
       << std::setprecision(2) << figures.gradient_norm << ", " << std::setprecision(0)
       << figures.tokens_per_second << " tokens/s, " << 100 * figures.utilisation
       << " % of peak arithmetic";
  return note.str();
}

void Trainer::train_from(RunState& state) {
  std::optional<Metrics> metrics;
  if (ranks_.is_first()) metrics.emplace(options_.out, state.step);
  Progress progress(out_, "train", plan_.steps.steps, "steps", state.step);
  SampleOrder order(groups_, options_.batch, options_.seed);
  // The next step's pictures are read while this one computes.
  const auto load_ahead = [&](int64_t step) {
    return std::async(std::launch::async,
                      [&, draws = order.batch_of_step(step, plan_.steps.draws)] {
                        return load(ranks_.share_of(draws));
                      });
  };
  const double flops_per_token =
      flops_of_sample(model_.config(), plan_.samples, options_.full, !passes_.features) /
      std::max(1.0, plan_.samples.tokens);
  std::future<StepInputs> ahead;
  if (state.step < plan_.steps.steps) ahead = load_ahead(state.step);
  while (state.step < plan_.steps.steps && !ended_early_) {
    const auto start = Clock::now();
    const StepInputs inputs = ahead.get();
    if (state.step + 1 < plan_.steps.steps) ahead = load_ahead(state.step + 1);
    for (const std::string& problem : inputs.problems)
      out_ << "train: left out " << problem << "\n";
    // Whether model, state and metrics are those of one finished step.
    bool is_whole = true;
    try {
      StepFigures figures = take_step(inputs, state);
      is_whole = false;
      const double seconds = seconds_since(start);
      state.seconds += seconds;
      figures.seconds = state.seconds;
      figures.tokens_per_second /= seconds;
      figures.utilisation *= flops_per_token / peak_flops_ / seconds;
      if (metrics) metrics->add(figures);
      progress.add(1, note_of(figures));
      check_step(figures);
      const bool is_last = state.step == plan_.steps.steps;
      const bool validates =
          !options_.validation.empty() && (state.step % options_.validate_every == 0 || is_last);
      if (validates) {
        check_trained(state.step, inputs);
        if (ranks_.any(metrics && !validate(state, *metrics))) {
          stop_not_finite(state.step, "the validation loss");
        }
        ended_early_ = ranks_.any(ended_early_);
      }
      is_whole = true;
      const bool stop = ranks_.any(interrupt_requested());
      if (stop || ended_early_ || is_last || state.step % options_.save_every == 0) {
        if (!validates) check_trained(state.step, inputs);
        if (ranks_.is_first()) save_checkpoint(state);
        ranks_.barrier();
      }
      if (stop && !is_last) throw Interrupted("the same command continues from the checkpoint");
    } catch (...) {
      if (is_whole && ranks_.is_broken()) keep_last_step(state, inputs);
      throw;
    }
  }
}

TrainResult Trainer::result_of(const RunState& state) {
  TrainResult result;
  result.steps = state.step;
  result.samples = static_cast<int64_t>(set_.samples.size());
  result.trained_parameters = plan_.trained_parameters;
  result.skipped_samples = state.skipped_samples;
  result.skipped_steps = state.skipped_steps;
  result.tokens = state.tokens;
  result.computed_tokens = state.computed_tokens;
  result.seconds = state.seconds;
  result.final_loss = mean_of_last_tenth(options_.out);
  result.best_step = state.best_step;
  result.best_validation_loss = state.best_validation_loss;
  result.stopped_early = ended_early_;
  result.estimated_peak_bytes = plan_.memory.total();
  result.measured_peak_bytes = device_memory(model_.device()).peak;
  result.pictures_from_cache = pictures_.found();
  result.pictures_through_tower = pictures_.made();
  return result;
}

// The finished run's result, if the folder holds one; else the state to go on from.
std::optional<TrainResult> Trainer::resume(RunState& state) {
  const std::string result_path = record::result_path(options_.out);
  if (ranks_.is_first()) {
    if (const auto found = load_run(options_.out, optimiser_, identity_)) state = *found;
    if (state.step > 0 && file_exists(result_path)) {
      const TrainResult before = result_from_json(read_json(result_path), result_path);
      if (before.steps == state.step) finished_ = before;
    }
  }
  if (ranks_.any(finished_.has_value())) return finished_.value_or(TrainResult{});
  ranks_.broadcast(state, optimiser_);
  return std::nullopt;
}

TrainResult Trainer::run() {
  ranks_.agree_on("the run", to_text(identity_));
  RunState state;
  if (const auto finished = resume(state)) return *finished;
  make_plan();
  print_plan(options_, plan_, set_, passes_, out_);
  if (drawn_.kept_in_order() > 0) {
    out_ << "  options keep their order in " << drawn_.kept_in_order()
         << " samples: a text names others by place, or by letters that cannot be followed\n";
  }
  if (ranks_.size() > 1) out_ << "  " << ranks_.size() << " processes share each step\n";
  show_samples();
  if (options_.dry_run) {
    TrainResult result;
    result.dry_run = true;
    return result;
  }
  if (ranks_.is_first()) {
    make_folder(options_.out);
    write_file(record::manifest_path(options_.out), to_pretty_text(manifest_));
    if (!options_.validation.empty()) validation_ = validation_samples();
  }
  if (state.step > 0) out_ << "train: continues after step " << state.step << "\n";
  ended_early_ = options_.patience > 0 && state.validations_since >= options_.patience;
  train_from(state);
  check_trained(state.step, {});
  TrainResult result;
  if (ranks_.is_first()) {
    result = result_of(state);
    save_trained(options_.out);
    write_file(record::result_path(options_.out), to_pretty_text(to_json(result)));
  }
  ranks_.barrier();
  return result;
}

}  // namespace

TrainResult train(model::Qwen3Vl& model, const std::string& model_folder,
                  prompt::Processor& processor, const TrainOptions& options,
                  record::Manifest manifest, const MeasureAccuracy& accuracy, ProcessGroup& group,
                  std::ostream& out) {
  TrainOptions(options).check();
  if (options.full && model.dtype() != torch::kFloat32) {
    throw InputError("--full", "all weights are trained in float32 only", "--dtype float32");
  }
  if (options.max_image_area > 0) processor.set_max_area_px(options.max_image_area);
  if (options.deterministic) at::globalContext().setDeterministicAlgorithms(true, false);
  return Trainer(model, model_folder, processor, options, std::move(manifest), accuracy, group, out)
      .run();
}

}  // namespace lmc::train
