// The weights of Qwen3-VL, layer by layer, and their Hugging Face names.
//
// Letters: D vision width, H hidden width, O output width, I input width.
// Mirrors: transformers, modeling_qwen3_vl.py (one struct a module; bind() spells its names).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/linear.h"  // Linear

namespace lmc::model {

// Collects pointers to every stored tensor and every linear layer under their names.
struct Binder {
  std::map<std::string, torch::Tensor*>& tensors;
  std::map<std::string, Linear*>& linears;

  void tensor(const std::string& name, torch::Tensor& value) { tensors[name] = &value; }
  void linear(const std::string& path, Linear& value, bool has_bias) {
    tensor(path + ".weight", value.weight_OI);
    if (has_bias) tensor(path + ".bias", value.bias_O);
    linears[path] = &value;
  }
};

struct LayerNorm {
  torch::Tensor weight_D;
  torch::Tensor bias_D;

  torch::Tensor forward(const torch::Tensor& x) const;
  void bind(Binder& binder, const std::string& path);
};

struct VisionBlock {
  LayerNorm norm1, norm2;
  Linear qkv, proj, fc1, fc2;

  void bind(Binder& binder, const std::string& path);
};

// Joins the patches of one square block to one token. The final merger normalises each patch, the
// DeepStack mergers normalise the joined block.
struct PatchMerger {
  LayerNorm norm;
  Linear fc1, fc2;
  bool norm_after_join = false;

  // [P, D] in merge order -> [P / block, H]
  torch::Tensor forward(const torch::Tensor& x_PD, int64_t patches_per_block,
                        const std::optional<DropoutContext>& dropout) const;
  void bind(Binder& binder, const std::string& path);
};

struct VisionTower {
  Linear patch_embed;  // its stored weight has the shape of a convolution
  torch::Tensor position_embed_GD;
  std::vector<VisionBlock> blocks;
  PatchMerger merger;
  std::vector<PatchMerger> deepstack_mergers;

  void bind(Binder& binder, const std::string& path);
};

struct DecoderLayer {
  torch::Tensor input_norm_H, post_attention_norm_H, q_norm_K, k_norm_K;
  Linear q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj;

  void bind(Binder& binder, const std::string& path);
};

struct LanguageModel {
  torch::Tensor embed_VH;
  std::vector<DecoderLayer> layers;
  torch::Tensor norm_H;

  void bind(Binder& binder, const std::string& path);
};

}  // namespace lmc::model
