#include "model/modules.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>

#include "base/check.h"  // cat

namespace lmc::model {

namespace {

constexpr double kVisionNormEps = 1e-6;  // fixed in the reference, not part of the configuration

}  // namespace

torch::Tensor LayerNorm::forward(const torch::Tensor& x) const {
  return at::layer_norm(x, {x.size(-1)}, weight_D, bias_D, kVisionNormEps);
}

void LayerNorm::bind(Binder& binder, const std::string& path) {
  binder.tensor(path + ".weight", weight_D);
  binder.tensor(path + ".bias", bias_D);
}

void VisionBlock::bind(Binder& binder, const std::string& path) {
  norm1.bind(binder, path + ".norm1");
  norm2.bind(binder, path + ".norm2");
  binder.linear(path + ".attn.qkv", qkv, true);
  binder.linear(path + ".attn.proj", proj, true);
  binder.linear(path + ".mlp.linear_fc1", fc1, true);
  binder.linear(path + ".mlp.linear_fc2", fc2, true);
}

torch::Tensor PatchMerger::forward(const torch::Tensor& x_PD, int64_t patches_per_block,
                                   const std::optional<DropoutContext>& dropout) const {
  const int64_t joined_width = x_PD.size(1) * patches_per_block;
  const auto x = norm_after_join ? norm.forward(x_PD.reshape({-1, joined_width}))
                                 : norm.forward(x_PD).reshape({-1, joined_width});
  return fc2.forward(at::gelu(fc1.forward(x, dropout)), dropout);
}

void PatchMerger::bind(Binder& binder, const std::string& path) {
  norm.bind(binder, path + ".norm");
  binder.linear(path + ".linear_fc1", fc1, true);
  binder.linear(path + ".linear_fc2", fc2, true);
}

void VisionTower::bind(Binder& binder, const std::string& path) {
  // A convolution in the reference, so no target for LoRA's "all-linear".
  binder.tensor(path + ".patch_embed.proj.weight", patch_embed.weight_OI);
  binder.tensor(path + ".patch_embed.proj.bias", patch_embed.bias_O);
  binder.tensor(path + ".pos_embed.weight", position_embed_GD);
  for (size_t i = 0; i < blocks.size(); ++i) blocks[i].bind(binder, cat(path, ".blocks.", i));
  merger.bind(binder, path + ".merger");
  for (size_t i = 0; i < deepstack_mergers.size(); ++i) {
    deepstack_mergers[i].bind(binder, cat(path, ".deepstack_merger_list.", i));
  }
}

void DecoderLayer::bind(Binder& binder, const std::string& path) {
  binder.tensor(path + ".input_layernorm.weight", input_norm_H);
  binder.tensor(path + ".post_attention_layernorm.weight", post_attention_norm_H);
  binder.tensor(path + ".self_attn.q_norm.weight", q_norm_K);
  binder.tensor(path + ".self_attn.k_norm.weight", k_norm_K);
  binder.linear(path + ".self_attn.q_proj", q_proj, false);
  binder.linear(path + ".self_attn.k_proj", k_proj, false);
  binder.linear(path + ".self_attn.v_proj", v_proj, false);
  binder.linear(path + ".self_attn.o_proj", o_proj, false);
  binder.linear(path + ".mlp.gate_proj", gate_proj, false);
  binder.linear(path + ".mlp.up_proj", up_proj, false);
  binder.linear(path + ".mlp.down_proj", down_proj, false);
}

void LanguageModel::bind(Binder& binder, const std::string& path) {
  binder.tensor(path + ".embed_tokens.weight", embed_VH);
  for (size_t i = 0; i < layers.size(); ++i) layers[i].bind(binder, cat(path, ".layers.", i));
  binder.tensor(path + ".norm.weight", norm_H);
}

}  // namespace lmc::model
