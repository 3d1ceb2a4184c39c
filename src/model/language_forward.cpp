// Mirrors: transformers, Qwen3VLTextModel.forward.
#include <ATen/ops/embedding.h>

#include "base/check.h"       // LMC_CHECK
#include "model/attention.h"  // segment_attention
#include "model/forward.h"
#include "model/padded_rows.h"      // pad_rows
#include "model/paged_attention.h"  // paged_attention
#include "model/pointwise.h"        // rms_norm, swiglu
#include "model/recompute.h"        // recomputed
#include "model/rotary.h"           // text_rotary

namespace lmc::model {

namespace {

// What all layers share in one pass. Held by value: a layer may be recomputed after the forward
// pass has returned.
struct Pass {
  spec::TextConfig config;
  RotaryTable rotary;
  std::vector<int64_t> segments;
  std::shared_ptr<const SharedPrefix> shared;  // null: every row is a segment
  int64_t tokens;                              // before the stream was padded
  const PagedBatch* cache;                     // null: none
  ForwardMode mode;
};

torch::Tensor attend(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                     const torch::Tensor& v_NGK, size_t index, const Pass& pass) {
  if (pass.cache != nullptr) return paged_attention(q_NAK, k_NGK, v_NGK, index, *pass.cache);
  if (!pass.shared) return segment_attention(q_NAK, k_NGK, v_NGK, pass.segments, true);
  const SharedPrefix& shared = *pass.shared;
  return shared.gather_own(segment_attention(shared.gather_rows(q_NAK), shared.gather_rows(k_NGK),
                                             shared.gather_rows(v_NGK), shared.row_lengths(),
                                             true));
}

torch::Tensor attention_forward(const DecoderLayer& layer, size_t index, const torch::Tensor& x_NH,
                                const Pass& pass) {
  const int64_t tokens = x_NH.size(0);
  const double eps = pass.config.rms_norm_eps;
  const auto heads = [&](const Linear& projection, int64_t count) {
    return projection.forward(x_NH, pass.mode.dropout)
        .reshape({tokens, count, pass.config.head_dim});
  };
  const auto q_NAK = rotate(
      rms_norm(heads(layer.q_proj, pass.config.num_heads), layer.q_norm_K, eps), pass.rotary);
  const auto k_NGK = rotate(
      rms_norm(heads(layer.k_proj, pass.config.num_kv_heads), layer.k_norm_K, eps), pass.rotary);
  const auto v_NGK = heads(layer.v_proj, pass.config.num_kv_heads);
  const auto own = [&](const torch::Tensor& x_NHK) { return x_NHK.narrow(0, 0, pass.tokens); };
  return layer.o_proj.forward(
      pad_rows(attend(own(q_NAK), own(k_NGK), own(v_NGK), index, pass), tokens), pass.mode.dropout);
}

torch::Tensor add_attention(const DecoderLayer& layer, size_t index, const torch::Tensor& x_NH,
                            const Pass& pass) {
  const auto normed = rms_norm(x_NH, layer.input_norm_H, pass.config.rms_norm_eps);
  return x_NH + attention_forward(layer, index, normed, pass);
}

torch::Tensor add_feed_forward(const DecoderLayer& layer, const torch::Tensor& x_NH,
                               const Pass& pass) {
  const auto normed = rms_norm(x_NH, layer.post_attention_norm_H, pass.config.rms_norm_eps);
  const auto& dropout = pass.mode.dropout;
  const auto product =
      swiglu(layer.gate_proj.forward(normed, dropout), layer.up_proj.forward(normed, dropout));
  return x_NH + layer.down_proj.forward(product, dropout);
}

torch::Tensor layer_forward(const DecoderLayer& layer, size_t index, const torch::Tensor& x_NH,
                            const std::shared_ptr<const Pass>& pass) {
  const auto feed_forward = [&layer, pass](const torch::Tensor& x) {
    return add_feed_forward(layer, x, *pass);
  };
  switch (pass->mode.recompute) {
    case Recompute::kNothing:
      return feed_forward(add_attention(layer, index, x_NH, *pass));
    case Recompute::kFeedForward:
      return recomputed(feed_forward, add_attention(layer, index, x_NH, *pass),
                        trained_among({&layer.gate_proj, &layer.up_proj, &layer.down_proj},
                                      {&layer.post_attention_norm_H}));
    case Recompute::kLayers:
      return recomputed(
          [&layer, index, pass, feed_forward](const torch::Tensor& x) {
            return feed_forward(add_attention(layer, index, x, *pass));
          },
          x_NH,
          trained_among({&layer.q_proj, &layer.k_proj, &layer.v_proj, &layer.o_proj,
                         &layer.gate_proj, &layer.up_proj, &layer.down_proj},
                        {&layer.input_norm_H, &layer.post_attention_norm_H, &layer.q_norm_K,
                         &layer.k_norm_K}));
  }
  LMC_CHECK(false, "no such recompute");
}

}  // namespace

torch::Tensor language_forward(const LanguageModel& model, const spec::ModelConfig& config,
                               const Batch& batch, const VisionFeatures* vision,
                               const PagedBatch* cache, const Tap& tap) {
  // The table may be stored narrower than the arithmetic.
  auto x_NH = at::embedding(model.embed_VH, batch.ids_N).to(model.norm_H.scalar_type());
  torch::Tensor image_M;  // where the image tokens stand
  if (vision != nullptr) {
    image_M = batch.ids_N.eq(config.image_token_id).nonzero().squeeze(1);
    LMC_CHECK(image_M.size(0) == vision->merged_MH.size(0), image_M.size(0), " image tokens, ",
              vision->merged_MH.size(0), " image features");
    x_NH = x_NH.index_copy(0, image_M, vision->merged_MH.to(x_NH.scalar_type()));
  }
  LMC_CHECK(cache == nullptr || !batch.shared, "a cache holds whole sequences");
  const int64_t tokens = x_NH.size(0);
  x_NH = pad_rows(x_NH, cache == nullptr ? padded_rows(x_NH) : padded_decode_rows(x_NH));
  const auto positions_3N = pad_rows(batch.positions_3N.t(), x_NH.size(0)).t();
  const auto pass = std::make_shared<const Pass>(
      Pass{config.text, text_rotary(config.text, positions_3N, x_NH.scalar_type()),
           batch.segment_lengths, batch.shared, tokens, cache, batch.mode});
  for (size_t i = 0; i < model.layers.size(); ++i) {
    x_NH = layer_forward(model.layers[i], i, x_NH, pass);
    if (vision != nullptr && i < vision->deepstack_MH.size()) {
      x_NH = x_NH.index_add(0, image_M, vision->deepstack_MH[i].to(x_NH.scalar_type()));
    }
    if (tap) tap(cat("language.layer.", i), x_NH.narrow(0, 0, tokens).unsqueeze(0));
  }
  return rms_norm(x_NH.narrow(0, 0, tokens), model.norm_H, config.text.rms_norm_eps);
}

}  // namespace lmc::model
