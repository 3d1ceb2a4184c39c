#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "base/check.h"  // InputError
#include "base/json.h"   // Json
#include "spec/model_config.h"
#include "spec/tensor_table.h"

namespace lmc::spec {
namespace {

using testing::HasSubstr;

// The 2B's config.json as transformers 4.57 writes it.
Json config_2b() {
  return parse_json(R"({
    "architectures": ["Qwen3VLForConditionalGeneration"], "model_type": "qwen3_vl",
    "image_token_id": 151655, "video_token_id": 151656, "vision_start_token_id": 151652,
    "vision_end_token_id": 151653, "tie_word_embeddings": true,
    "text_config": {
      "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 151643,
      "dtype": "bfloat16", "eos_token_id": 151645, "head_dim": 128, "hidden_act": "silu",
      "hidden_size": 2048, "initializer_range": 0.02, "intermediate_size": 6144,
      "max_position_embeddings": 262144, "model_type": "qwen3_vl_text",
      "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8,
      "rms_norm_eps": 1e-06, "rope_theta": 5000000,
      "rope_scaling": {"mrope_interleaved": true, "mrope_section": [24, 20, 20],
                       "rope_type": "default"},
      "tie_word_embeddings": true, "use_cache": true, "vocab_size": 151936},
    "vision_config": {
      "deepstack_visual_indexes": [5, 11, 17], "depth": 24, "hidden_act": "gelu_pytorch_tanh",
      "hidden_size": 1024, "in_channels": 3, "initializer_range": 0.02,
      "intermediate_size": 4096, "model_type": "qwen3_vl", "num_heads": 16,
      "num_position_embeddings": 2304, "out_hidden_size": 2048, "patch_size": 16,
      "spatial_merge_size": 2, "temporal_patch_size": 2}})",
                    "2b");
}

Json config_4b() {
  Json json = config_2b();
  json["text_config"].update({{"hidden_size", 2560},
                              {"num_hidden_layers", 36},
                              {"num_attention_heads", 32},
                              {"intermediate_size", 9728}});
  json["vision_config"]["out_hidden_size"] = 2560;
  return json;
}

Json config_8b() {
  Json json = config_2b();
  json["text_config"].update({{"hidden_size", 4096},
                              {"num_hidden_layers", 36},
                              {"num_attention_heads", 32},
                              {"intermediate_size", 12288}});
  json["vision_config"].update({{"depth", 27},
                                {"hidden_size", 1152},
                                {"intermediate_size", 4304},
                                {"out_hidden_size", 4096},
                                {"deepstack_visual_indexes", {8, 16, 24}}});
  json["tie_word_embeddings"] = false;
  return json;
}

struct Totals {
  size_t tensors;
  int64_t parameters;
  bool operator==(const Totals&) const = default;
};

void PrintTo(const Totals& totals, std::ostream* out) {
  *out << totals.tensors << " tensors, " << totals.parameters << " parameters";
}

Totals totals_of(const Json& json) {
  Totals totals{0, 0};
  for (const TensorSpec& tensor : tensor_table(model_config_from_json(json, "config.json"))) {
    ++totals.tensors;
    totals.parameters += tensor.num_elements();
  }
  return totals;
}

// As published for the released checkpoints.
TEST(TensorTable, TotalsOfTheReleasedModels) {
  EXPECT_EQ(totals_of(config_2b()), (Totals{625, 2'127'532'032}));
  EXPECT_EQ(totals_of(config_4b()), (Totals{713, 4'437'815'808}));
  EXPECT_EQ(totals_of(config_8b()), (Totals{750, 8'767'123'696}));
}

class TinyModel : public testing::Test {
 protected:
  const Json golden_ =
      read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/spec/tiny_tensors.json");
  const ModelConfig config_ = model_config_from_json(golden_["config"], "tiny");
};

TEST_F(TinyModel, ReadsWhatTransformers5Writes) {
  EXPECT_EQ(config_.text.rope_theta, 10000);
  EXPECT_EQ(config_.text.mrope_section, (std::array<int64_t, 3>{2, 1, 1}));
  EXPECT_EQ(config_.dtype, "float32");
  EXPECT_FALSE(config_.tie_word_embeddings);
}

TEST_F(TinyModel, TableIsTheStateDict) {
  std::vector<std::string> expected;
  for (const auto& [name, shape] : golden_["tensors"].items()) {
    expected.push_back(name + " " + shape.dump());
  }
  std::vector<std::string> found;
  for (const TensorSpec& tensor : tensor_table(config_)) {
    found.push_back(tensor.name + " " + Json(tensor.shape).dump());
  }
  EXPECT_EQ(found, expected);
}

TEST_F(TinyModel, LinearTableIsEveryLinearModuleButTheHead) {
  std::map<std::string, std::pair<int64_t, int64_t>> expected;
  for (const auto& [path, sizes] : golden_["linears"].items()) {
    expected[path] = {sizes[0].get<int64_t>(), sizes[1].get<int64_t>()};
  }
  std::map<std::string, std::pair<int64_t, int64_t>> found;
  for (const LinearSpec& linear : linear_table(config_)) {
    found[linear.path] = {linear.in_features, linear.out_features};
  }
  EXPECT_EQ(found, expected);
}

TEST_F(TinyModel, CanonicalNamesAreOneToOne) {
  std::set<std::string> names;
  for (const TensorSpec& tensor : tensor_table(config_)) {
    EXPECT_EQ(canonical_tensor_name(tensor.name), tensor.name);
    names.insert(tensor.name);
  }
  EXPECT_EQ(names.size(), tensor_table(config_).size());
}

TEST(CanonicalTensorName, OlderSpellings) {
  const std::map<std::string, std::string> cases{
      {"visual.blocks.0.norm1.weight", "model.visual.blocks.0.norm1.weight"},
      {"vision_tower.merger.norm.bias", "model.visual.merger.norm.bias"},
      {"model.layers.3.mlp.up_proj.weight", "model.language_model.layers.3.mlp.up_proj.weight"},
      {"model.embed_tokens.weight", "model.language_model.embed_tokens.weight"},
      {"model.norm.weight", "model.language_model.norm.weight"},
      {"language_model.model.norm.weight", "model.language_model.norm.weight"},
      {"language_model.lm_head.weight", "lm_head.weight"},
      {"language_model.norm.weight", "model.language_model.norm.weight"},
      {"lm_head.weight", "lm_head.weight"},
      {"_orig_mod.model.layers.3.mlp.up_proj.weight",
       "model.language_model.layers.3.mlp.up_proj.weight"},
      {"module.model.visual._orig_mod.merger.norm.bias", "model.visual.merger.norm.bias"},
      {"my_module.weight", "my_module.weight"},
      {"something.else", "something.else"}};
  for (const auto& [stored, name] : cases) EXPECT_EQ(canonical_tensor_name(stored), name);
  EXPECT_EQ(canonical_tensor_name("model.language_model.rotary_emb.inv_freq"), std::nullopt);
  EXPECT_EQ(canonical_tensor_name("visual.rotary_pos_emb.inv_freq"), std::nullopt);
}

TEST(ModelConfig, ReadsEveryField) {
  const ModelConfig config = model_config_from_json(config_8b(), "config.json");
  EXPECT_EQ(config.text.vocab_size, 151936);
  EXPECT_EQ(config.text.num_kv_heads, 8);
  EXPECT_EQ(config.text.rms_norm_eps, 1e-6);
  EXPECT_EQ(config.text.rope_theta, 5e6);
  EXPECT_EQ(config.text.max_positions, 262144);
  EXPECT_EQ(config.vision.head_dim(), 72);
  EXPECT_EQ(config.vision.values_per_patch(), 1536);
  EXPECT_EQ(config.vision.deepstack_indexes, (std::vector<int64_t>{8, 16, 24}));
  EXPECT_EQ(config.image_token_id, 151655);
  EXPECT_EQ(config.dtype, "bfloat16");  // found in text_config
}

TEST(ModelConfig, BothRopeSpellingsAreTheSame) {
  Json newer = config_2b();
  Json& text = newer["text_config"];
  text["rope_parameters"] = text["rope_scaling"];
  text["rope_parameters"]["rope_theta"] = 5000000;
  text.erase("rope_scaling");
  text.erase("rope_theta");
  const ModelConfig config = model_config_from_json(newer, "config.json");
  EXPECT_EQ(config.text.rope_theta, 5e6);
  EXPECT_EQ(config.text.mrope_section, (std::array<int64_t, 3>{24, 20, 20}));
}

TEST(ModelConfig, TheOuterWordOnTheHeadCountsTheInnerWhereItIsAlone) {
  Json json = config_2b();
  json["text_config"]["tie_word_embeddings"] = false;
  EXPECT_TRUE(model_config_from_json(json, "x").tie_word_embeddings);
  json.erase("tie_word_embeddings");
  EXPECT_FALSE(model_config_from_json(json, "x").tie_word_embeddings);
  json["text_config"]["tie_word_embeddings"] = true;
  EXPECT_TRUE(model_config_from_json(json, "x").tie_word_embeddings);
}

// transformers goes by rope_scaling where both are there.
TEST(ModelConfig, RopeSettingsUnderBothNames) {
  Json json = config_2b();
  json["text_config"]["rope_parameters"] = {{"rope_type", "yarn"}, {"factor", 4.0}};
  EXPECT_EQ(model_config_from_json(json, "x").text.rope_theta, 5e6);
  json["text_config"]["rope_scaling"] = nullptr;
  EXPECT_THROW(model_config_from_json(json, "x"), InputError);
}

std::string error_with(const std::function<void(Json&)>& change) {
  Json json = config_2b();
  change(json);
  try {
    model_config_from_json(json, "config.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ModelConfig, OtherArchitecturesAreNamed) {
  EXPECT_THAT(error_with([](Json& json) { json["model_type"] = "qwen2_5_vl"; }),
              testing::AllOf(HasSubstr("config.json: key \"model_type\""),
                             HasSubstr("found \"qwen2_5_vl\""), HasSubstr("dense Qwen3-VL")));
  EXPECT_THAT(error_with([](Json& json) { json["model_type"] = "qwen3_vl_moe"; }),
              HasSubstr("served behind an endpoint, not loaded"));
  EXPECT_THAT(error_with([](Json& json) { json["architectures"] = {"Qwen3VLModel"}; }),
              HasSubstr("found \"Qwen3VLModel\""));
  EXPECT_THAT(error_with([](Json& json) {
                json["quantization_config"] = {{"bits", 4}};
              }),
              HasSubstr("quantization_config"));
  EXPECT_THROW(model_config_from_json(Json::array(), "config.json"), InputError);
}

// What transformers' Qwen3-VL does not have cannot be left out in silence.
TEST(ModelConfig, ASettingThatIsOnAndNotKnownIsRefused) {
  const std::vector<std::tuple<std::string, std::string, Json>> on{
      {"text_config", "logit_softcapping", 30.0},
      {"text_config", "mlp_bias", true},
      {"text_config", "num_experts", 8},
      {"text_config", "layer_scale", {0.5, 0.5}},
      {"vision_config", "window_size", 112},
      {"vision_config", "fullatt_block_indexes", {7, 15}},
      {"vision_config", "tokens_per_second", 2},
      {"", "auto_map", {{"AutoModel", "modeling.X"}}},
      {"", "compression_config", {{"format", "int4"}}},
      {"", "mm_scale", 2}};
  for (const auto& [section, key, value] : on) {
    const std::string path = section.empty() ? key : section + "." + key;
    EXPECT_THAT(
        error_with([&](Json& json) { (section.empty() ? json : json[section])[key] = value; }),
        testing::AllOf(HasSubstr("key \"" + path + "\": " + to_text(value)),
                       HasSubstr("not known here")));
  }
  EXPECT_THAT(
      error_with([](Json& json) { json["text_config"]["rope_scaling"]["attention_factor"] = 1.5; }),
      HasSubstr("text_config.rope_scaling.attention_factor"));
}

TEST(ModelConfig, WhatIsOffOrOnlyBookkeepingIsRead) {
  EXPECT_EQ(error_with([](Json& json) {
              json.update({{"unsloth_fixed", true},
                           {"unsloth_version", "2026.1"},
                           {"transformers_version", "5.24.0"},
                           {"dtype", "bfloat16"},
                           {"_name_or_path", "x"},
                           {"pad_token_id", 151643},
                           {"use_cache", false},
                           {"hidden_size", 2048},
                           {"mm_scale", nullptr}});
              json["text_config"].update({{"sliding_window", nullptr},
                                          {"mlp_bias", false},
                                          {"use_sliding_window", false},
                                          {"max_window_layers", 28},
                                          {"layer_types", Json(28, "full_attention")},
                                          {"pad_token_id", nullptr},
                                          {"temperature", 1.0}});
              json["vision_config"].update({{"dtype", "bfloat16"}, {"window_size", nullptr}});
            }),
            "no error");
}

// Without any one of these keys the shape or the numbers of the model would be a guess.
TEST(ModelConfig, NothingIsDefaulted) {
  const std::map<std::string, std::vector<std::string>> required{
      {"",
       {"model_type", "image_token_id", "vision_start_token_id", "vision_end_token_id",
        "text_config", "vision_config"}},
      {"text_config",
       {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "head_dim", "intermediate_size", "rms_norm_eps", "rope_theta",
        "rope_scaling", "max_position_embeddings", "hidden_act", "attention_bias"}},
      {"vision_config",
       {"depth", "hidden_size", "num_heads", "intermediate_size", "out_hidden_size",
        "num_position_embeddings", "patch_size", "temporal_patch_size", "spatial_merge_size",
        "in_channels", "deepstack_visual_indexes", "hidden_act"}}};
  for (const auto& [section, keys] : required) {
    for (const std::string& key : keys) {
      const std::string error =
          error_with([&](Json& json) { (section.empty() ? json : json[section]).erase(key); });
      EXPECT_THAT(error, testing::AllOf(HasSubstr(key), HasSubstr("is missing")));
    }
  }
  EXPECT_THAT(error_with([](Json& json) {
                json.erase("tie_word_embeddings");
                json["text_config"].erase("tie_word_embeddings");
              }),
              HasSubstr("key \"tie_word_embeddings\" is missing"));
  for (const std::string key : {"mrope_section", "mrope_interleaved"}) {
    EXPECT_THAT(error_with([&](Json& json) { json["text_config"]["rope_scaling"].erase(key); }),
                HasSubstr("text_config.rope_scaling." + key + "\" is missing"));
  }
}

TEST(ModelConfig, ImpossibleValuesAreNamed) {
  struct Case {
    std::string section, key;
    Json value;
  };
  const std::vector<Case> cases{{"text_config", "num_key_value_heads", 5},
                                {"text_config", "head_dim", 127},
                                {"text_config", "hidden_act", "gelu"},
                                {"text_config", "attention_bias", true},
                                {"text_config", "attention_dropout", 0.1},
                                {"text_config", "use_sliding_window", true},
                                {"text_config", "sliding_window", 4096},
                                {"text_config", "layer_types", {"sliding_attention"}},
                                {"text_config", "partial_rotary_factor", 0.5},
                                {"text_config", "rope_theta", 0},
                                {"text_config", "rms_norm_eps", -1.0},
                                {"text_config", "hidden_size", 0},
                                {"text_config", "hidden_size", 1.5},
                                {"text_config", "hidden_size", "2048"},
                                {"text_config", "num_hidden_layers", 1000000},
                                {"text_config", "vocab_size", 4e9},
                                {"text_config", "dtype", "int8"},
                                {"vision_config", "num_position_embeddings", 2305},
                                {"vision_config", "num_heads", 15},
                                {"vision_config", "num_heads", 512},
                                {"vision_config", "out_hidden_size", 2560},
                                {"vision_config", "hidden_act", "silu"},
                                {"vision_config", "deepstack_visual_indexes", {5, 5}},
                                {"vision_config", "deepstack_visual_indexes", {11, 5}},
                                {"vision_config", "deepstack_visual_indexes", {5, 24}},
                                {"vision_config", "deepstack_visual_indexes", {-1, 5}}};
  for (const Case& wrong : cases) {
    EXPECT_THAT(error_with([&](Json& json) { json[wrong.section][wrong.key] = wrong.value; }),
                HasSubstr("key \"" + wrong.section + "." + wrong.key + "\": expected"));
  }
  const std::vector<Case> rope{{"", "mrope_section", {24, 20, 21}},
                               {"", "mrope_section", {64}},
                               {"", "mrope_section", {84, -40, 20}},
                               {"", "rope_type", "yarn"},
                               {"", "type", "linear"},
                               {"", "partial_rotary_factor", 0.25},
                               {"", "mrope_interleaved", false}};
  for (const Case& wrong : rope) {
    EXPECT_THAT(error_with([&](Json& json) {
                  json["text_config"]["rope_scaling"][wrong.key] = wrong.value;
                }),
                HasSubstr("key \"text_config.rope_scaling." + wrong.key + "\": expected"));
  }
  EXPECT_THAT(error_with([](Json& json) { json["image_token_id"] = 151936; }),
              HasSubstr("key \"image_token_id\": expected a token from 0 to 151935"));
  EXPECT_THAT(error_with([](Json& json) { json["text_config"]["num_hidden_layers"] = 2; }),
              HasSubstr("at most as many as the language model has layers, 2, found 3"));
  EXPECT_THAT(error_with([](Json& json) {
                json["vision_config"]["rope_parameters"] = {{"rope_theta", 5000.0}};
              }),
              HasSubstr("vision_config.rope_parameters.rope_theta"));
}

}  // namespace
}  // namespace lmc::spec
