#include "model/lora.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"         // InputError
#include "base/random.h"        // Random
#include "spec/lora_targets.h"  // lora_targets

namespace lmc::model {

void attach_lora(Qwen3Vl& model, const spec::LoraConfig& config, uint64_t seed) {
  if (config.rank < 1) throw InputError("rank", cat("expected 1 or more, found ", config.rank));
  for (const std::string& path : spec::lora_targets(config, model.config())) {
    Linear& linear = *model.linears().at(path);
    const int64_t rank = spec::lora_rank(config, path);
    const int64_t in = linear.in_width();
    auto pair = std::make_shared<LoraPair>();
    pair->name = path;
    // kaiming_uniform with a = sqrt(5) comes to U(-1/sqrt(in), 1/sqrt(in)).
    pair->a_RI = at::empty({rank, in}, torch::kFloat32);
    Random random = Random::named(seed, path);
    const double bound = 1 / std::sqrt(static_cast<double>(in));
    std::generate_n(pair->a_RI.data_ptr<float>(), pair->a_RI.numel(),
                    [&] { return static_cast<float>(random.uniform(-bound, bound)); });
    pair->a_RI = pair->a_RI.to(model.device());
    pair->b_OR = at::zeros({linear.out_width(), rank}, pair->a_RI.options());
    pair->scale = spec::lora_scale(config, path);
    pair->dropout = config.dropout;
    linear.lora = std::move(pair);
    if (config.use_dora) linear.lora->magnitude_O = linear.row_norms_O();  // of W: B is zero
  }
}

void fold_adapter(Qwen3Vl& model) {
  for (const auto& [path, linear] : model.linears()) {
    const bool loses_nothing = !linear->quantised && model.dtype() == torch::kFloat32 &&
                               linear->weight_OI.scalar_type() == torch::kFloat32;
    if (linear->lora && loses_nothing) linear->merge_lora();
  }
}

std::vector<std::pair<std::string, torch::Tensor>> named_tensors(const std::string& path,
                                                                 const LoraPair& pair) {
  std::vector<std::pair<std::string, torch::Tensor>> named = {{spec::lora_a_name(path), pair.a_RI},
                                                              {spec::lora_b_name(path), pair.b_OR}};
  if (pair.magnitude_O.defined()) {
    named.emplace_back(spec::lora_magnitude_name(path), pair.magnitude_O);
  }
  return named;
}

std::map<std::string, LoraPair*> lora_pairs(Qwen3Vl& model) {
  std::map<std::string, LoraPair*> pairs;
  for (const auto& [path, linear] : model.linears()) {
    if (linear->lora) pairs[path] = linear->lora.get();
  }
  return pairs;
}

}  // namespace lmc::model
