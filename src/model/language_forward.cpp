// Mirrors: transformers, Qwen3VLTextModel.forward.
#include <ATen/ops/embedding.h>
#include <ATen/ops/silu.h>

#include "base/check.h"       // LMC_CHECK
#include "model/attention.h"  // segment_attention, cached_attention
#include "model/forward.h"
#include "model/rotary.h"  // text_rotary

namespace lmc::model {

namespace {

// What all layers share in one pass.
struct Pass {
  const spec::TextConfig& config;
  const RotaryTable& rotary;
  const std::vector<int64_t>& segments;
  KvCache* cache;
  bool continues;  // the cache held tokens before this pass
};

torch::Tensor attention_forward(const DecoderLayer& layer, size_t index, const torch::Tensor& x_NH,
                                const Pass& pass) {
  const int64_t tokens = x_NH.size(0);
  const double eps = pass.config.rms_norm_eps;
  const auto heads = [&](const Linear& projection, int64_t count) {
    return projection.forward(x_NH).reshape({tokens, count, pass.config.head_dim});
  };
  const auto q_NAK = rotate(
      rms_norm(heads(layer.q_proj, pass.config.num_heads), layer.q_norm_K, eps), pass.rotary);
  const auto k_NGK = rotate(
      rms_norm(heads(layer.k_proj, pass.config.num_kv_heads), layer.k_norm_K, eps), pass.rotary);
  const auto v_NGK = heads(layer.v_proj, pass.config.num_kv_heads);
  if (pass.cache != nullptr) pass.cache->store(index, k_NGK, v_NGK, pass.segments);
  const auto attended = pass.continues
                            ? cached_attention(q_NAK, *pass.cache, index, pass.segments)
                            : segment_attention(q_NAK, k_NGK, v_NGK, pass.segments, true);
  return layer.o_proj.forward(attended);
}

torch::Tensor mlp_forward(const DecoderLayer& layer, const torch::Tensor& x_NH) {
  return layer.down_proj.forward(at::silu(layer.gate_proj.forward(x_NH)) *
                                 layer.up_proj.forward(x_NH));
}

}  // namespace

torch::Tensor language_forward(const LanguageModel& model, const spec::ModelConfig& config,
                               const Batch& batch, const VisionFeatures* vision, KvCache* cache,
                               const Tap& tap) {
  auto x_NH = at::embedding(model.embed_VH, batch.ids_N);
  torch::Tensor picture_M;  // where the picture tokens stand
  if (vision != nullptr) {
    picture_M = batch.ids_N.eq(config.image_token_id).nonzero().squeeze(1);
    LMC_CHECK(picture_M.size(0) == vision->merged_MH.size(0), picture_M.size(0),
              " picture tokens, ", vision->merged_MH.size(0), " picture features");
    x_NH = x_NH.index_copy(0, picture_M, vision->merged_MH.to(x_NH.scalar_type()));
  }
  const RotaryTable rotary = text_rotary(config.text, batch.positions_3N, x_NH.scalar_type());
  const Pass pass{config.text, rotary, batch.segment_lengths, cache,
                  cache != nullptr && !cache->empty()};
  const double eps = config.text.rms_norm_eps;
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const DecoderLayer& layer = model.layers[i];
    x_NH = x_NH + attention_forward(layer, i, rms_norm(x_NH, layer.input_norm_H, eps), pass);
    x_NH = x_NH + mlp_forward(layer, rms_norm(x_NH, layer.post_attention_norm_H, eps));
    if (vision != nullptr && i < vision->deepstack_MH.size()) {
      x_NH = x_NH.index_add(0, picture_M, vision->deepstack_MH[i].to(x_NH.scalar_type()));
    }
    if (tap) tap(cat("language.layer.", i), x_NH.unsqueeze(0));
  }
  if (cache != nullptr) cache->advance(batch.segment_lengths);
  return rms_norm(x_NH, model.norm_H, eps);
}

}  // namespace lmc::model
