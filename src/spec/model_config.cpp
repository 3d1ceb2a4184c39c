#include "spec/model_config.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"           // InputError
#include "base/device_file.h"     // DeviceFile
#include "base/named_files.h"     // open_named_files
#include "spec/config_section.h"  // Section
#include "spec/model_folder.h"    // check_model_folder

namespace lmc::spec {

namespace {

// Upper limits that no model comes near; they keep every product of sizes inside 64 bits.
constexpr int64_t kMaxCount = 1 << 24;  // tokens, positions
constexpr int64_t kMaxWidth = 1 << 20;  // features
constexpr int64_t kMaxLayers = 1 << 10;
constexpr int64_t kMaxPatch = 1 << 8;
constexpr int64_t kMaxMerge = 8;

void check_architecture(const Section& root) {
  const auto model_type = root.get<std::string>("model_type");
  std::string_view hint = "this program reads dense Qwen3-VL checkpoints: 2B, 4B, 8B, 32B";
  if (model_type == "qwen3_vl_moe") {
    hint = "mixture-of-experts models such as 235B-A22B are served behind an endpoint, not loaded";
  }
  const auto fail = [&](std::string_view key, std::string_view expected, std::string_view found) {
    root.check(false, std::string(key), expected, cat("\"", found, "\" (hint: ", hint, ")"));
  };
  if (model_type != "qwen3_vl") fail("model_type", "\"qwen3_vl\"", model_type);
  if (root.has("architectures")) {
    const auto names = root.get<std::vector<std::string>>("architectures");
    if (names.size() != 1 || names[0] != "Qwen3VLForConditionalGeneration") {
      fail("architectures", "\"Qwen3VLForConditionalGeneration\" alone",
           names.empty() ? "" : names[0]);
    }
  }
  if (root.has("quantization_config")) {
    const Section found = root.section("quantization_config");
    fail("quantization_config", "no such key: a checkpoint in 16 or 32 bit",
         found.has("quant_method") ? found.get<std::string>("quant_method") : "{...}");
  }
}

// rope_parameters of transformers 5.x holds everything; 4.57 keeps rope_theta beside rope_scaling.
// With both, transformers goes by rope_scaling. The frequency base has had two class defaults, so
// its absence is an error.
void read_rope(const Section& text, TextConfig& config) {
  const bool older = !text.is_off("rope_scaling") || text.is_off("rope_parameters");
  const Section rope = text.section(older ? "rope_scaling" : "rope_parameters");
  config.rope_theta = (rope.has("rope_theta") ? rope : text).positive("rope_theta");
  rope.require<std::string>(rope.has("rope_type") ? "rope_type" : "type", "default");
  rope.require_if_there<std::string>("type", "default");
  rope.require<bool>("mrope_interleaved", true);
  for (const Section& section : {rope, text}) {
    section.require_if_there<double>("partial_rotary_factor", 1);
  }
  rope.refuse_others({"rope_theta", "rope_type", "type", "mrope_interleaved", "mrope_section",
                      "partial_rotary_factor"});

  const auto section = rope.get<std::vector<int64_t>>("mrope_section");
  bool fits = section.size() == 3;
  int64_t sum = 0;
  for (const int64_t part : section) {
    fits = fits && part >= 0 && part <= config.head_dim;
    sum += fits ? part : 0;
  }
  rope.check(fits && 2 * sum == config.head_dim, "mrope_section",
             cat("three numbers with sum head_dim / 2 = ", config.head_dim / 2),
             cat("sum ", sum, " of ", section.size()));
  std::copy(section.begin(), section.end(), config.mrope_section.begin());
}

TextConfig read_text(const Section& text) {
  TextConfig config;
  config.vocab_size = text.size("vocab_size", kMaxCount);
  config.hidden_size = text.size("hidden_size", kMaxWidth);
  config.num_layers = text.size("num_hidden_layers", kMaxLayers);
  config.num_heads = text.size("num_attention_heads", kMaxWidth);
  config.num_kv_heads = text.size("num_key_value_heads", kMaxWidth);
  config.head_dim = text.size("head_dim", kMaxWidth);
  config.intermediate_size = text.size("intermediate_size", kMaxWidth);
  config.max_positions = text.size("max_position_embeddings", kMaxCount);
  config.rms_norm_eps = text.positive("rms_norm_eps");
  text.require<std::string>("hidden_act", "silu");
  text.require<bool>("attention_bias", false);
  text.require_if_there<double>("attention_dropout", 0);
  text.require_if_there<bool>("use_sliding_window", false);
  if (text.has("sliding_window") && !text.has("use_sliding_window")) {
    text.check(false, "sliding_window", "none", text.get<int64_t>("sliding_window"));
  }
  if (text.has("layer_types")) {
    for (const auto& type : text.get<std::vector<std::string>>("layer_types")) {
      text.check(type == "full_attention", "layer_types", "full_attention alone", type);
    }
  }
  text.refuse_others({"vocab_size",
                      "hidden_size",
                      "num_hidden_layers",
                      "num_attention_heads",
                      "num_key_value_heads",
                      "head_dim",
                      "intermediate_size",
                      "rms_norm_eps",
                      "max_position_embeddings",
                      "hidden_act",
                      "attention_bias",
                      "attention_dropout",
                      "rope_theta",
                      "rope_scaling",
                      "rope_parameters",
                      "partial_rotary_factor",
                      "tie_word_embeddings",
                      "layer_types",
                      "sliding_window",
                      "use_sliding_window",
                      "max_window_layers"});
  text.check(config.num_heads % config.num_kv_heads == 0, "num_key_value_heads",
             cat("a divisor of num_attention_heads = ", config.num_heads), config.num_kv_heads);
  text.check(config.head_dim % 2 == 0, "head_dim", "an even number", config.head_dim);
  text.check(config.num_heads * config.head_dim <= kMaxWidth, "head_dim",
             cat("num_attention_heads x head_dim of at most ", kMaxWidth), config.head_dim);
  read_rope(text, config);
  return config;
}

void check_deepstack(const Section& vision, const VisionConfig& config, int64_t num_layers) {
  const std::string key = "deepstack_visual_indexes";
  const std::vector<int64_t>& indexes = config.deepstack_indexes;
  vision.check(static_cast<int64_t>(indexes.size()) <= num_layers, key,
               cat("at most as many as the language model has layers, ", num_layers),
               indexes.size());
  int64_t previous = -1;
  for (const int64_t index : indexes) {
    vision.check(index > previous && index < config.depth, key,
                 cat("increasing block numbers from 0 to ", config.depth - 1),
                 cat(index, " after ", previous));
    previous = index;
  }
}

VisionConfig read_vision(const Section& vision, const TextConfig& text) {
  VisionConfig config;
  config.depth = vision.size("depth", kMaxLayers);
  config.hidden_size = vision.size("hidden_size", kMaxWidth);
  config.num_heads = vision.size("num_heads", kMaxWidth);
  config.intermediate_size = vision.size("intermediate_size", kMaxWidth);
  config.out_hidden_size = vision.size("out_hidden_size", kMaxWidth);
  config.num_position_embeddings = vision.size("num_position_embeddings", kMaxCount);
  config.patch_size = vision.size("patch_size", kMaxPatch);
  config.temporal_patch_size = vision.size("temporal_patch_size", kMaxPatch);
  config.spatial_merge_size = vision.size("spatial_merge_size", kMaxMerge);
  config.in_channels = vision.size("in_channels", kMaxPatch);
  config.deepstack_indexes = vision.get<std::vector<int64_t>>("deepstack_visual_indexes");
  vision.require<std::string>("hidden_act", "gelu_pytorch_tanh");
  if (vision.has("rope_parameters")) {  // transformers 5.x writes what 4.57 has as a constant
    const Section rope = vision.section("rope_parameters");
    rope.require<double>("rope_theta", 10000);
    const auto type = rope.has("rope_type") ? rope.get<std::string>("rope_type") : "axial";
    rope.check(type == "axial" || type == "default", "rope_type", "axial", type);
    rope.refuse_others({"rope_theta", "rope_type"});
  }

  vision.refuse_others({"depth", "hidden_size", "num_heads", "intermediate_size", "out_hidden_size",
                        "num_position_embeddings", "patch_size", "temporal_patch_size",
                        "spatial_merge_size", "in_channels", "deepstack_visual_indexes",
                        "hidden_act", "rope_parameters"});

  const auto side = std::llround(std::sqrt(static_cast<double>(config.num_position_embeddings)));
  vision.check(side * side == config.num_position_embeddings, "num_position_embeddings",
               "a square number", config.num_position_embeddings);
  vision.check(config.hidden_size % config.num_heads == 0, "num_heads",
               cat("a divisor of hidden_size = ", config.hidden_size), config.num_heads);
  // Half of a head rotates with the row and half with the column, in pairs.
  vision.check(config.head_dim() % 4 == 0, "num_heads",
               "hidden_size / num_heads to be a multiple of 4", config.head_dim());
  vision.check(config.out_hidden_size == text.hidden_size, "out_hidden_size",
               cat("text_config.hidden_size = ", text.hidden_size), config.out_hidden_size);
  check_deepstack(vision, config, text.num_layers);
  return config;
}

// Newer files write "dtype", older ones "torch_dtype", either beside or inside text_config; some
// say nothing, which costs nothing: every stored tensor has a type of its own.
std::string read_dtype(const Section& root) {
  const Section text = root.section("text_config");
  for (const Section& section : {root, text}) {
    for (const std::string key : {"dtype", "torch_dtype"}) {
      if (!section.has(key)) continue;
      const auto dtype = section.get<std::string>(key);
      section.check(dtype == "bfloat16" || dtype == "float16" || dtype == "float32", key,
                    "bfloat16, float16 or float32", dtype);
      return dtype;
    }
  }
  return {};
}

int64_t read_token(const Section& root, const std::string& key, int64_t vocab_size) {
  const auto id = root.get<int64_t>(key);
  root.check(id >= 0 && id < vocab_size, key, cat("a token from 0 to ", vocab_size - 1), id);
  return id;
}

}  // namespace

ModelConfig model_config_from_json(const Json& json, std::string_view where) {
  const Section root(json, std::string(where), "");
  check_architecture(root);
  ModelConfig config;
  config.text = read_text(root.section("text_config"));
  config.vision = read_vision(root.section("vision_config"), config.text);
  // The copy of this key inside text_config is known to disagree in released files; transformers
  // goes by the outer one. Where only the inner one is there, transformers 4 went by it, and 5.24
  // makes a random head.
  const bool only_inner =
      !root.has("tie_word_embeddings") && root.section("text_config").has("tie_word_embeddings");
  config.tie_word_embeddings =
      (only_inner ? root.section("text_config") : root).get<bool>("tie_word_embeddings");
  // DeepSpeed wants to find some of the inner keys outside; transformers does not read them there.
  root.refuse_others({"text_config", "vision_config", "tie_word_embeddings", "hidden_size",
                      "vocab_size", "num_hidden_layers", "num_attention_heads",
                      "num_key_value_heads", "head_dim", "intermediate_size", "hidden_act",
                      "max_position_embeddings", "rms_norm_eps", "rope_theta"});
  config.image_token_id = read_token(root, "image_token_id", config.text.vocab_size);
  config.vision_start_token_id = read_token(root, "vision_start_token_id", config.text.vocab_size);
  config.vision_end_token_id = read_token(root, "vision_end_token_id", config.text.vocab_size);
  config.dtype = read_dtype(root);
  return config;
}

ModelConfig read_model_config(const std::string& folder) {
  if (!DeviceFile::is_one(folder)) check_model_folder(folder);
  const auto model = open_named_files(folder);
  const std::string path = model->path_of("config.json");
  const auto text = model->find("config.json");
  if (!text) throw InputError(path, "is missing");
  return model_config_from_json(parse_json(*text, path), path);
}

}  // namespace lmc::spec
