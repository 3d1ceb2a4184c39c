// adapter_config.json against peft (tools/golden/adapters.py).
#include "spec/lora_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"         // InputError
#include "spec/lora_targets.h"  // lora_targets, selected_modules

namespace lmc::spec {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kGolden = LMC_SOURCE_DIR "/tests/golden/";

Json golden() { return read_json(kGolden + "spec/peft.json"); }

ModelConfig model() { return read_model_config(kGolden + "model/wide_query"); }

// "no error" or what is said of peft's own defaults with one key set to another value.
std::string error_with(const std::string& key, const Json& value) {
  Json json = golden()["defaults"];
  json[key] = value;
  try {
    lora_config_from_json(json, "adapter_config.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(LoraConfig, WhatPeftWritesByDefaultIsRead) {
  const Json defaults = golden()["defaults"];
  EXPECT_GT(defaults.size(), 40U);
  const LoraConfig config = lora_config_from_json(defaults, "x");
  EXPECT_EQ(config.rank, 8);
  EXPECT_EQ(config.alpha, 8);
  EXPECT_EQ(config.target_modules, std::vector<std::string>{"q_proj"});
  EXPECT_FALSE(config.targets_are_narrowed);
}

TEST(LoraConfig, AnAlphaBeyondWhatModelsComputeWithIsRefused) {
  EXPECT_THAT(error_with("lora_alpha", 1e39), HasSubstr("key \"lora_alpha\": expected a number"));
  EXPECT_THAT(error_with("alpha_pattern", {{"q_proj", -1e308}}), HasSubstr("alpha_pattern"));
}

// Every key of peft 0.21.2 that makes another sum of it, and some that no version has.
TEST(LoraConfig, ASwitchThatIsOnAndNotComputedIsRefusedByName) {
  const std::vector<std::pair<std::string, Json>> on = {
      {"peft_type", "LOHA"},
      {"bias", "all"},
      {"bias", "lora_only"},
      {"modules_to_save", {"lm_head"}},
      {"trainable_token_indices", {5, 6}},
      {"trainable_token_indices", {{"embed_tokens", {1}}}},
      {"layer_replication", {{0, 2}, {1, 4}}},
      {"target_parameters", {"experts.gate_up_proj"}},
      {"lora_bias", true},
      {"alora_invocation_tokens", {9}},
      {"use_qalora", true},
      {"use_bdlora", {{"nblocks", 2}}},
      {"arrow_config", {{"top_k", 3}}},
      {"velora_config", {{"num_groups", 4}}},
      {"kasa_config", {{"beta", 0.1}}},
      {"monteclora_config", {{"num_samples", 4}}},
      {"megatron_config", {{"tensor_model_parallel_size", 2}}},
      {"init_lora_weights", "pissa"},
      {"init_lora_weights", "pissa_niter_16"},
      {"init_lora_weights", "olora"},
      {"init_lora_weights", "corda"},
      {"init_lora_weights", "loftq"},
      {"init_lora_weights", "lora_ga"},
      {"init_lora_weights", "of_next_year"},
      {"scale_by_norm", 0.5},
      {"use_spectral_rule", true},
      {"gate", "sigmoid"},
      {"extra_ranks", {1, 2}},
      {"router", {{"k", 1}}}};
  for (const auto& [key, value] : on) {
    EXPECT_THAT(error_with(key, value),
                AllOf(HasSubstr("adapter_config.json"), HasSubstr("\"" + key + "\""),
                      HasSubstr(to_text(value)), HasSubstr("merge the adapter with peft")));
  }
}

TEST(LoraConfig, WhatIsOffOrChangesNothingIsRead) {
  const std::vector<std::pair<std::string, Json>> harmless = {
      {"use_spectral_rule", false},
      {"router", nullptr},
      {"router", Json::object()},
      {"extra_ranks", Json::array()},
      {"gate", ""},
      {"modules_to_save", Json::array()},
      {"init_lora_weights", false},
      {"init_lora_weights", "gaussian"},
      {"init_lora_weights", "eva"},
      {"init_lora_weights", "orthogonal"},
      {"init_lora_weights", "mica"},
      {"fan_in_fan_out", true},  // peft corrects it for linear layers
      {"eva_config", {{"rho", 2.0}}},
      {"qalora_group_size", 32},
      {"peft_version", "0.30.0"},
      {"revision", "main"},
      {"auto_mapping", {{"base_model_class", "Qwen3VLForConditionalGeneration"}}},
      {"task_type", "FEATURE_EXTRACTION"}};
  for (const auto& [key, value] : harmless) {
    EXPECT_EQ(error_with(key, value), "no error") << key << " " << to_text(value);
  }
}

// By the modules that peft selected, so without those that it excluded.
TEST(LoraConfig, RanksAndScalesArePefts) {
  size_t looked_at = 0;
  const Json file = golden();
  for (const auto& [name, one] : file["cases"].items()) {
    const LoraConfig config = lora_config_from_json(one["config"], name);
    for (const auto& [path, expected] : one["modules"].items()) {
      EXPECT_EQ(lora_rank(config, path), expected[0].get<int64_t>()) << name << ": " << path;
      EXPECT_EQ(lora_scale(config, path), expected[1].get<double>()) << name << ": " << path;
      ++looked_at;
    }
  }
  EXPECT_GT(looked_at, 100U);
}

TEST(LoraConfig, TheFirstPatternOfTheFileCountsAndItsOrderIsKept) {
  const Json config = golden()["cases"]["first_pattern_counts"]["config"];
  const Json again = to_json(lora_config_from_json(config, "x"));
  EXPECT_EQ(to_text(again["rank_pattern"]), to_text(config["rank_pattern"]));
  EXPECT_EQ(to_text(again["alpha_pattern"]),
            R"({"self_attn.q_proj":11.0,".*layers\\.[13].*":9.0,"q_proj":1.0})");
}

TEST(LoraConfig, PatternsThatCannotBeRead) {
  LoraConfig config{.rank = 4, .alpha = 4, .rank_pattern = {{"(?|x)q_proj", 8}}};
  EXPECT_EQ(rank_by_paths(config, {"a.q_proj"}), std::nullopt);
  EXPECT_THROW(lora_rank(config, "a.q_proj"), InputError);
  config.rank_pattern = {{"layers.0.q_proj", 8}};
  EXPECT_EQ(rank_by_paths(config, {"model.layers.0.q_proj", "model.language.layers.0.q"}), 8);
  EXPECT_EQ(rank_by_paths(config, {"model.layers.1.q_proj"}), 4);
}

// Where something is selected at all, it is what peft selects; where it cannot be said, nothing is.
TEST(LoraTargets, ArePefts) {
  std::vector<std::string> unknown;
  const Json file = golden();
  for (const auto& [name, one] : file["cases"].items()) {
    const auto selected = selected_modules(lora_config_from_json(one["config"], name), model());
    if (!selected) {
      unknown.push_back(name);
      continue;
    }
    std::set<std::string> expected;
    for (const auto& [path, rank_and_scale] : one["modules"].items()) expected.insert(path);
    EXPECT_EQ(*selected, expected) << name;
  }
  EXPECT_THAT(unknown, testing::UnorderedElementsAre("exclude_list", "exclude_regex", "some_layers",
                                                     "layer_zero"));
}

TEST(LoraTargets, OlderPathsNameTheSameModules) {
  const LoraConfig config{
      .target_modules = {"model.layers.2.mlp.up_proj", "visual.merger.linear_fc1"}};
  EXPECT_THAT(*selected_modules(config, model()),
              testing::ElementsAre("model.language_model.layers.2.mlp.up_proj",
                                   "model.visual.merger.linear_fc1"));
}

// "proj" ends the path of the convolution that embeds patches too, which peft would correct.
TEST(LoraTargets, AreWrittenSoThatPeftSelectsTheSame) {
  LoraConfig config{.target_modules = {"proj", "q_proj"}};
  std::vector<std::string> adapted = lora_targets(config, model());
  EXPECT_EQ(with_exact_targets(config, adapted, model()).target_modules,
            (std::vector<std::string>{"attn.proj", "q_proj"}));
  config = {.target_modules = {".*"}, .target_is_regex = true};  // containers and norms as well
  adapted = lora_targets(config, model());
  LoraConfig exact = with_exact_targets(config, adapted, model());
  EXPECT_FALSE(exact.target_is_regex);
  EXPECT_EQ(*selected_modules(exact, model()),
            std::set<std::string>(adapted.begin(), adapted.end()));
  config = {.target_modules = {".*layers.[01].*v_proj"}, .target_is_regex = true};
  EXPECT_EQ(with_exact_targets(config, lora_targets(config, model()), model()).target_modules,
            config.target_modules);
  config.targets_are_narrowed = true;  // as read from a file; one layer is corrected
  exact = with_exact_targets(config, {"model.language_model.layers.1.self_attn.v_proj"}, model());
  EXPECT_EQ(exact.target_modules, std::vector<std::string>{"1.self_attn.v_proj"});
  EXPECT_FALSE(exact.targets_are_narrowed);
  config = {.target_modules = {"all-linear"}};
  EXPECT_EQ(with_exact_targets(config, lora_targets(config, model()), model()).target_modules,
            config.target_modules);
}

}  // namespace
}  // namespace lmc::spec
