// The dimensions of a dense Qwen3-VL checkpoint, read from config.json; nothing is defaulted that
// decides a shape or a number.
//
// Source: transformers configuration_qwen3_vl.py; both spellings of the rope settings are read
// (rope_theta + rope_scaling of 4.57, rope_parameters of 5.x).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::spec {

struct TextConfig {
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t num_layers = 0;
  int64_t num_heads = 0;
  int64_t num_kv_heads = 0;
  int64_t head_dim = 0;  // its own number, not hidden_size / num_heads
  int64_t intermediate_size = 0;
  double rms_norm_eps = 0;
  double rope_theta = 0;
  std::array<int64_t, 3> mrope_section{};  // frequencies for time, height, width
  int64_t max_positions = 0;
};

struct VisionConfig {
  int64_t depth = 0;
  int64_t hidden_size = 0;
  int64_t num_heads = 0;
  int64_t intermediate_size = 0;
  int64_t out_hidden_size = 0;
  int64_t num_position_embeddings = 0;  // a square number: side x side
  int64_t patch_size = 0;
  int64_t temporal_patch_size = 0;
  int64_t spatial_merge_size = 0;
  int64_t in_channels = 0;
  std::vector<int64_t> deepstack_indexes;  // 0-based blocks whose output is tapped

  int64_t head_dim() const { return hidden_size / num_heads; }
  int64_t values_per_patch() const {
    return in_channels * temporal_patch_size * patch_size * patch_size;
  }
};

struct ModelConfig {
  TextConfig text;
  VisionConfig vision;
  bool tie_word_embeddings = false;
  int64_t image_token_id = 0;
  int64_t vision_start_token_id = 0;
  int64_t vision_end_token_id = 0;
  std::string dtype;  // as the file says: "bfloat16", ...; empty: it does not
};

// Errors: InputError naming the key for another architecture, a missing or impossible value.
ModelConfig model_config_from_json(const Json& json, std::string_view where);
ModelConfig read_model_config(const std::string& folder);

}  // namespace lmc::spec
