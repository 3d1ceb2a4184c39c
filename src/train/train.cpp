#include "train/train.h"

#include <utility>

#include "base/check.h"  // InputError
#include "model/device_memory.h"
#include "record/run_files.h"     // manifest_path, result_path
#include "record/run_identity.h"  // run_identity
#include "train/checkpoints.h"
#include "train/loader.h"
#include "train/planner.h"
#include "train/ranks.h"
#include "train/trained_weights.h"
#include "train/training_loop.h"
#include "train/validator.h"

namespace lmc::train {

namespace {

ImageStore images_of(const TrainingRun& run, const prompt::Processor& processor) {
  const TrainOptions& options = run.options;
  return {processor, trains_vision(run.model) ? nullptr : &run.model, options.vision_cache,
          options.vision_cache_dtype == tensorio::DtypeChoice::kFloat32 ? torch::kFloat32
                                                                        : torch::kBFloat16};
}

// The finished run's result, if the folder holds one; else the state to go on from.
std::optional<TrainResult> resume(const TrainOptions& options, const Json& identity,
                                  AdamW& optimiser, Ranks& ranks, RunState& state) {
  std::optional<TrainResult> finished;  // by an earlier call
  const std::string result_path = record::result_path(options.out);
  if (ranks.is_first()) {
    if (const auto found = load_run(options.out, optimiser, identity)) state = *found;
    if (state.step > 0 && file_exists(result_path)) {
      const TrainResult before = result_from_json(read_json(result_path), result_path);
      if (before.steps == state.step) finished = before;
    }
  }
  if (ranks.any(finished.has_value())) return finished.value_or(TrainResult{});
  ranks.broadcast(state, optimiser);
  return std::nullopt;
}

TrainResult result_of(const TrainingRun& run, const Loader& loader, const Plan& plan,
                      const RunState& state, bool ended_early) {
  TrainResult result;
  result.steps = state.step;
  result.samples = static_cast<int64_t>(loader.set().samples.size());
  result.trained_parameters = plan.trained_parameters;
  result.skipped_samples = state.skipped_samples;
  result.skipped_steps = state.skipped_steps;
  result.tokens = state.tokens;
  result.computed_tokens = state.computed_tokens;
  result.seconds = state.seconds;
  result.final_loss = mean_of_last_tenth(run.options.out);
  result.best_step = state.best_step;
  result.best_validation_loss = state.best_validation_loss;
  result.stopped_early = ended_early;
  result.estimated_peak_bytes = plan.memory.total();
  result.measured_peak_bytes = model::device_memory(run.model.device()).peak;
  result.images_from_cache = loader.images().found();
  result.images_through_tower = loader.images().made();
  return result;
}

void check(const TrainingRun& run) {
  TrainOptions(run.options).check();
  if (run.options.full && run.model.dtype() != torch::kFloat32) {
    throw InputError("--full", "all weights are trained in float32 only", "--dtype float32");
  }
}

}  // namespace

TrainResult train(const TrainingRun& run) {
  check(run);
  const TrainOptions& options = run.options;
  const prompt::Processor processor = run.processor.with_max_area_px(options.max_image_area);
  Ranks ranks(run.group);
  const SampleSet set = read_samples(options, processor.style());
  const record::Manifest manifest = manifest_of(options, run.manifest);
  const Json identity = record::run_identity(manifest);
  TrainedWeights trained(run);
  AdamW optimiser(trained.parameters(), options);
  ImageStore images = images_of(run, processor);
  const Loader loader(set, options, processor, images);

  ranks.agree_on("the run", to_text(identity));
  RunState state;
  if (const auto finished = resume(options, identity, optimiser, ranks, state)) return *finished;
  const PlannedRun planned = plan_run(run, loader, optimiser, ranks);
  print_plan(options, planned.plan, set, planned.micro_batches, run.out);
  if (loader.kept_in_order() > 0) {
    run.out << "  options keep their order in " << loader.kept_in_order()
            << " samples: a text names others by place, or by letters that cannot be followed\n";
  }
  if (ranks.size() > 1) run.out << "  " << ranks.size() << " processes share each step\n";
  loader.show(run.out);
  if (options.dry_run) {
    TrainResult planned_only;
    planned_only.dry_run = true;
    return planned_only;
  }

  std::optional<Validator> validator;
  if (ranks.is_first()) {
    make_folder(options.out);
    write_file(record::manifest_path(options.out), to_pretty_text(record::to_json(manifest)));
    if (!options.validation.empty()) validator.emplace(run, loader, planned.micro_batches, trained);
  }
  if (state.step > 0) run.out << "train: continues after step " << state.step << "\n";
  TrainingLoop loop(run, loader, planned, optimiser, ranks, validator ? &*validator : nullptr,
                    identity);
  loop.run_from(state);
  TrainResult result;
  if (ranks.is_first()) {
    result = result_of(run, loader, planned.plan, state, loop.ended_early());
    trained.save(options.out);
    write_file(record::result_path(options.out), to_pretty_text(record::to_json(result)));
  }
  ranks.barrier();
  return result;
}

}  // namespace lmc::train
