#include "train/training_loop.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <optional>
#include <span>
#include <sstream>

#include "base/check.h"          // InputError, Interrupted
#include "base/interrupt.h"      // interrupt_requested
#include "base/passing_error.h"  // PassingError
#include "base/progress.h"       // Progress
#include "base/random.h"         // Random

namespace lmc::train {

namespace {

using Clock = std::chrono::steady_clock;

std::string note_of(const StepMetrics& step_metrics) {
  std::ostringstream note;
  note << "loss " << std::fixed << std::setprecision(4) << step_metrics.loss << ", norm "
       << std::setprecision(2) << step_metrics.gradient_norm << ", " << std::setprecision(0)
       << step_metrics.tokens_per_second << " tokens/s, " << 100 * step_metrics.mfu
       << " % of peak arithmetic";
  return note.str();
}

}  // namespace

struct TrainingLoop::Step {
  StepLoss loss;  // over all ranks
  double learning_rate = 0, gradient_norm = 0;
  int64_t skipped_samples = 0;
  bool skipped = false;  // it had nothing to learn from
};

TrainingLoop::TrainingLoop(const TrainingRun& run, const Loader& loader, const PlannedRun& planned,
                           AdamW& optimiser, Ranks& ranks, Validator* validator,
                           const Json& identity)
    : run_(run),
      options_(run.options),
      loader_(loader),
      plan_(planned.plan),
      micro_batches_(planned.micro_batches),
      optimiser_(optimiser),
      ranks_(ranks),
      validator_(validator),
      identity_(identity),
      seconds_per_token_at_peak_(flops_of_sample(run.model.config(), plan_.samples, options_.full,
                                                 !micro_batches_.features) /
                                 std::max(1.0, plan_.samples.tokens) / planned.peak_flops) {}

// Every rank gets here in the same step: what they test is summed over all, or asked of all.
void TrainingLoop::stop_not_finite(int64_t step, const std::string& what) {
  const int64_t good = ranks_.broadcast(newest_step(options_.out));
  std::string hint = cat("a lower --learning-rate than ", options_.learning_rate);
  if (run_.model.dtype() != torch::kFloat32) hint += ", or --dtype float32";
  const std::string saved =
      good < 0 ? std::string("no checkpoint was written before")
               : cat("the last good state is in ", checkpoint_folder(options_.out, good));
  throw InputError(cat(options_.out, ": step ", step),
                   cat(what, " is not finite: training ends, ", saved), hint);
}

void TrainingLoop::check_step(const StepMetrics& step_metrics) {
  if (!std::isfinite(step_metrics.loss)) stop_not_finite(step_metrics.step, "the loss");
  if (!std::isfinite(step_metrics.gradient_norm)) {
    stop_not_finite(step_metrics.step, "the norm of the gradient");
  }
}

// The loss of one sample shows what no later step may be there to show.
bool TrainingLoop::loss_is_finite(const StepInputs& inputs) {
  const std::span<const TrainingInput> some(inputs.samples.data(),
                                            std::min<size_t>(inputs.samples.size(), 1));
  return some.empty() || std::isfinite(measure_loss(run_.model, some, micro_batches_).mean());
}

// What step `step` made, before any of it is saved.
void TrainingLoop::check_trained(int64_t step, const StepInputs& inputs) {
  if (ranks_.any(!optimiser_.values_are_finite())) stop_not_finite(step, "a trained value");
  if (ranks_.any(!loss_is_finite(inputs))) stop_not_finite(step, "the loss after the step");
}

void TrainingLoop::save_checkpoint(const RunState& state) {
  save_run(options_.out, state, optimiser_, identity_);
  remove_old_runs(options_.out, options_.keep);
}

// No further step can be taken: another rank is gone, and with it what this step had begun, or the
// images are. The model is as the last finished step left it.
void TrainingLoop::keep_last_step(const RunState& state, const StepInputs& inputs) {
  if (!ranks_.is_first() || state.step == 0) return;
  optimiser_.zero_gradients();
  if (!optimiser_.values_are_finite() || !loss_is_finite(inputs)) return;
  save_checkpoint(state);
  run_.out << "train: step " << state.step << " is kept\n";
}

// The inputs of the step after `state`. What is finished is kept where they cannot be had for now.
StepInputs TrainingLoop::next_inputs(StepLoader& steps, const RunState& state) {
  try {
    return steps.next();
  } catch (const PassingError&) {
    keep_last_step(state, {});
    throw;
  }
}

TrainingLoop::Step TrainingLoop::take(const StepInputs& inputs, RunState& state) {
  Step step;
  step.learning_rate =
      options_.learning_rate *
      schedule_factor(options_.schedule, state.step, plan_.steps.warmup_steps, plan_.steps.steps);
  const uint64_t dropout_seed = Random::named(static_cast<uint64_t>(options_.seed), "dropout",
                                              static_cast<uint64_t>(state.step))
                                    .next_bits();
  std::array sums = {total_weight(inputs.samples), static_cast<double>(inputs.problems.size())};
  ranks_.all_reduce(sums);
  const double divisor = sums[0];
  step.skipped_samples = static_cast<int64_t>(sums[1]);
  step.loss = ranks_.all_reduce(
      accumulate_gradients(run_.model, inputs.samples, micro_batches_, divisor, dropout_seed));
  ranks_.all_reduce_gradients(optimiser_);
  // From here on no other rank is asked: the step is finished, or as if it had not begun.
  step.gradient_norm = optimiser_.clip_gradients(options_.clip);
  step.skipped = step.loss.target_tokens == 0;
  const bool is_finite = std::isfinite(step.loss.mean()) && std::isfinite(step.gradient_norm);
  if (is_finite && !step.skipped) optimiser_.step(step.learning_rate);
  optimiser_.zero_gradients();
  ++state.step;
  state.tokens += step.loss.tokens;
  state.computed_tokens += step.loss.computed_tokens;
  state.skipped_samples += step.skipped_samples;
  state.skipped_steps += step.skipped ? 1 : 0;
  return step;
}

StepMetrics TrainingLoop::metrics_of(const Step& step, const RunState& state,
                                     double seconds) const {
  return {
      .step = state.step,
      .loss = step.loss.mean(),
      .learning_rate = step.learning_rate,
      .gradient_norm = step.gradient_norm,
      .target_tokens = step.loss.target_tokens,
      .tokens = state.tokens,
      .seconds = state.seconds,
      .tokens_per_second = static_cast<double>(step.loss.tokens) / seconds,
      .mfu = static_cast<double>(step.loss.computed_tokens) * seconds_per_token_at_peak_ / seconds,
      .skipped_samples = step.skipped_samples,
      .skipped = step.skipped};
}

void TrainingLoop::validate(RunState& state, Metrics* metrics) {
  const bool measures = validator_ != nullptr && metrics != nullptr;
  if (ranks_.any(measures && !validator_->validate(state, *metrics))) {
    stop_not_finite(state.step, "the validation loss");
  }
  ended_early_ = ranks_.any(is_out_of_patience(options_, state));
}

void TrainingLoop::run_from(RunState& state) {
  std::optional<Metrics> metrics;
  if (ranks_.is_first()) metrics.emplace(options_.out, state.step);
  Progress progress(run_.out, "train", plan_.steps.steps, "steps", state.step);
  StepLoader steps(loader_, ranks_, state.step, plan_.steps.steps, plan_.steps.draws);
  ended_early_ = is_out_of_patience(options_, state);
  while (state.step < plan_.steps.steps && !ended_early_) {
    const auto start = Clock::now();
    const StepInputs inputs = next_inputs(steps, state);
    for (const std::string& problem : inputs.problems) {
      run_.out << "train: left out " << problem << "\n";
    }
    // Whether model, state and metrics are those of one finished step.
    bool is_whole = true;
    try {
      const Step step = take(inputs, state);
      is_whole = false;
      const std::chrono::duration<double> seconds = Clock::now() - start;
      state.seconds += seconds.count();
      const StepMetrics step_metrics = metrics_of(step, state, seconds.count());
      if (metrics) metrics->add(step_metrics);
      progress.add(1, note_of(step_metrics));
      check_step(step_metrics);
      const bool is_last = state.step == plan_.steps.steps;
      const bool validates =
          !options_.validation.empty() && (state.step % options_.validate_every == 0 || is_last);
      if (validates) {
        check_trained(state.step, inputs);
        validate(state, metrics ? &*metrics : nullptr);
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
  check_trained(state.step, {});
}

}  // namespace lmc::train
