#include "train/trained_weights.h"

#include "base/check.h"           // InputError
#include "model/device_memory.h"  // device_memory
#include "model/lora.h"           // attach_lora, load_adapter, save_adapter
#include "model/weights.h"        // torch_dtype
#include "spec/lora_targets.h"    // lora_targets
#include "train/save_model.h"

namespace lmc::train {

namespace {

spec::LoraConfig lora_config(const TrainOptions& options) {
  spec::LoraConfig config;
  config.rank = options.rank;
  config.alpha = options.alpha;
  config.dropout = options.dropout;
  config.use_rslora = options.rslora;
  config.use_dora = options.dora;
  config.target_is_regex = !options.target_regex.empty();
  config.target_modules = config.target_is_regex ? std::vector<std::string>{options.target_regex}
                                                 : options.target_modules;
  for (const auto& [name, rank] : parse_pattern(options.rank_pattern, "--rank-pattern")) {
    config.rank_pattern.emplace_back(name, static_cast<int64_t>(rank));
  }
  config.alpha_pattern = parse_pattern(options.alpha_pattern, "--alpha-pattern");
  return config;
}

}  // namespace

int64_t adapter_training_bytes(model::Qwen3Vl& model, const spec::LoraConfig& lora) {
  constexpr int64_t kCopies = 4;
  int64_t values = 0;
  for (const std::string& path : spec::lora_targets(lora, model.config())) {
    const model::Linear& linear = *model.linears().at(path);
    values += spec::lora_rank(lora, path) * (linear.in_width() + linear.out_width());
    if (lora.use_dora) values += linear.out_width();
  }
  return values * kCopies * static_cast<int64_t>(sizeof(float));
}

void check_adapter_fits(model::Qwen3Vl& model, const spec::LoraConfig& lora, int64_t usable_bytes) {
  const int64_t bytes = adapter_training_bytes(model, lora);
  if (usable_bytes == 0 || bytes <= usable_bytes) return;
  const auto megabytes = [](int64_t count) { return cat(count / 1'000'000, " MB"); };
  throw InputError("--rank",
                   cat("training the adapter takes ", megabytes(bytes),
                       " beside the model; the memory has ", megabytes(usable_bytes)),
                   "a lower rank, or fewer --target-modules");
}

TrainedWeights::TrainedWeights(const TrainingRun& run) : run_(run) {
  const TrainOptions& options = run.options;
  if (options.full) return;
  if (!options.continue_from.empty()) {
    lora_ = model::load_adapter(run.model, options.continue_from);
  } else {
    lora_ = lora_config(options);
    check_adapter_fits(run.model, lora_, model::device_memory(run.model.device()).usable());
    model::attach_lora(run.model, lora_, static_cast<uint64_t>(options.seed));
  }
  lora_.base_model = run.model_folder;
}

std::vector<Parameter> TrainedWeights::parameters() {
  return run_.options.full ? all_parameters(run_.model) : lora_parameters(run_.model);
}

void TrainedWeights::save(const std::string& folder) const {
  const TrainOptions& options = run_.options;
  if (!options.full) {
    model::save_adapter(run_.model, lora_, folder);
    return;
  }
  const auto named = tensorio::chosen_dtype(options.save_dtype);
  const torch::Dtype dtype =
      named ? model::torch_dtype(*named, "--save-dtype") : stored_dtype_of(run_.model_folder);
  save_model(run_.model, dtype, run_.model_folder, folder);
}

}  // namespace lmc::train
