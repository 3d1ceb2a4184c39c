#include "train/trained_weights.h"

#include "model/lora.h"     // attach_lora, load_adapter, save_adapter
#include "model/weights.h"  // torch_dtype
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

TrainedWeights::TrainedWeights(const TrainingRun& run) : run_(run) {
  const TrainOptions& options = run.options;
  if (options.full) return;
  if (!options.continue_from.empty()) {
    lora_ = model::load_adapter(run.model, options.continue_from);
  } else {
    lora_ = lora_config(options);
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
