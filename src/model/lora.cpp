#include "model/lora.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "base/check.h"         // InputError
#include "base/random.h"        // Random
#include "spec/tensor_table.h"  // linear_table

namespace lmc::model {

namespace {

// peft tries a list entry as a whole name or as an ending after a dot.
bool matches_entry(const std::string& path, const std::string& entry) {
  return path == entry || path.ends_with("." + entry);
}

std::regex parse_regex(const std::string& pattern) {
  try {
    return std::regex(pattern);
  } catch (const std::regex_error& error) {
    throw InputError("target_modules",
                     cat("\"", pattern, "\" is no regular expression: ", error.what()));
  }
}

// rank_pattern and alpha_pattern: the key matches a module's name or its ending, as an expression.
template <class Value>
Value pattern_value(const std::map<std::string, Value>& patterns, const std::string& path,
                    Value fallback) {
  for (const auto& [key, value] : patterns) {
    if (std::regex_match(path, parse_regex("(.*\\.)?(" + key + ")"))) return value;
  }
  return fallback;
}

}  // namespace

int64_t lora_rank(const LoraConfig& config, const std::string& path) {
  return pattern_value(config.rank_pattern, path, config.rank);
}

double lora_scale(const LoraConfig& config, const std::string& path) {
  const double alpha = pattern_value(config.alpha_pattern, path, config.alpha);
  const auto rank = static_cast<double>(lora_rank(config, path));
  return config.use_rslora ? alpha / std::sqrt(rank) : alpha / rank;
}

std::vector<std::string> lora_targets(const LoraConfig& config, const spec::ModelConfig& model) {
  const std::vector<spec::LinearSpec> linears = spec::linear_table(model);
  std::vector<std::string> chosen;
  if (config.target_modules == std::vector<std::string>{"all-linear"}) {
    for (const spec::LinearSpec& linear : linears) chosen.push_back(linear.path);
    return chosen;
  }
  for (const std::string& target : config.target_modules) {
    const std::regex pattern = config.target_is_regex ? parse_regex(target) : std::regex();
    size_t found = 0;
    for (const spec::LinearSpec& linear : linears) {
      const bool matches = config.target_is_regex ? std::regex_match(linear.path, pattern)
                                                  : matches_entry(linear.path, target);
      if (!matches) continue;
      ++found;
      if (std::find(chosen.begin(), chosen.end(), linear.path) == chosen.end()) {
        chosen.push_back(linear.path);
      }
    }
    if (found == 0) {
      throw InputError("target_modules", cat("\"", target, "\" names no linear layer of the model"),
                       "names are like q_proj, gate_proj, attn.qkv, linear_fc1");
    }
  }
  if (chosen.empty()) throw InputError("target_modules", "is empty");
  return chosen;
}

void attach_lora(Qwen3Vl& model, const LoraConfig& config, uint64_t seed) {
  if (config.rank < 1) throw InputError("rank", cat("expected 1 or more, found ", config.rank));
  for (const std::string& path : lora_targets(config, model.config())) {
    Linear& linear = *model.linears().at(path);
    const int64_t rank = lora_rank(config, path);
    const int64_t in = linear.in_width();
    auto pair = std::make_shared<LoraPair>();
    // kaiming_uniform with a = sqrt(5) comes to U(-1/sqrt(in), 1/sqrt(in)).
    pair->a_RI = at::empty({rank, in}, torch::kFloat32);
    Random random = Random::named(seed, path);
    const double bound = 1 / std::sqrt(static_cast<double>(in));
    std::generate_n(pair->a_RI.data_ptr<float>(), pair->a_RI.numel(),
                    [&] { return static_cast<float>(random.uniform(-bound, bound)); });
    pair->a_RI = pair->a_RI.to(model.device());
    pair->b_OR = at::zeros({linear.out_width(), rank}, pair->a_RI.options());
    pair->scale = lora_scale(config, path);
    pair->dropout = config.dropout;
    linear.lora = std::move(pair);
  }
}

std::map<std::string, LoraPair*> lora_pairs(Qwen3Vl& model) {
  std::map<std::string, LoraPair*> pairs;
  for (const auto& [path, linear] : model.linears()) {
    if (linear->lora) pairs[path] = linear->lora.get();
  }
  return pairs;
}

}  // namespace lmc::model
