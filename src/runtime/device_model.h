// A device file as the parts of Qwen3-VL: every tensor of the table where the forward pass wants
// it. Matrices stay where they lie in the mapped file, or are copied into huge pages.
//
// Letters: D tower width, H hidden width, V vocabulary, G places of the tower's position table.
// Errors:  InputError for a file that lacks a tensor, holds another, or one of another shape.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/device_file.h"       // DeviceFile
#include "runtime/packed_matrix.h"  // PackedMatrix
#include "runtime/weight_memory.h"  // WeightMemory, WeightPlacement
#include "spec/model_config.h"      // ModelConfig

namespace lmc::runtime {

struct Linear {
  PackedMatrix weight;
  std::span<const float> bias_O;
};

struct LayerNorm {
  std::span<const float> weight, bias;
};

struct VisionBlock {
  LayerNorm norm1, norm2;
  Linear qkv, proj, fc1, fc2;
};

struct Merger {
  LayerNorm norm;
  bool normalises_joined = false;  // the patches of a block as one row, not each
  Linear fc1, fc2;
};

struct VisionTower {
  Linear patch_embed;
  std::span<const float> positions_GD;
  std::vector<VisionBlock> blocks;
  std::vector<Merger> deepstack;
  Merger merger;
};

struct DecoderLayer {
  std::span<const float> input_norm_H, post_attention_norm_H, q_norm_K, k_norm_K;
  PackedMatrix q, k, v, o, gate, up, down;
};

struct LanguageModel {
  PackedMatrix embedding_VH;
  std::vector<DecoderLayer> layers;
  std::span<const float> norm_H;
  PackedMatrix head_VH;  // the embedding where they are tied
};

class DeviceModel {
 public:
  explicit DeviceModel(const std::string& path,
                       WeightPlacement placement = WeightPlacement::kMapped);

  const DeviceFile& file() const { return file_; }
  const spec::ModelConfig& config() const { return config_; }
  const VisionTower& vision() const { return vision_; }
  const LanguageModel& language() const { return language_; }

 private:
  DeviceFile file_;
  WeightMemory memory_;  // of the matrices, unless they stay in the file
  spec::ModelConfig config_;
  VisionTower vision_;
  LanguageModel language_;
};

// What a device file stores a vector of floats as.
inline constexpr const char* kVectorForm = "f32";

}  // namespace lmc::runtime
