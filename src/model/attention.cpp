#include "model/attention.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/scaled_dot_product_attention.h>

#include "base/check.h"              // LMC_CHECK
#include "model/attention_avx512.h"  // avx512_attention

namespace lmc::model {

namespace {

torch::Tensor attend(const torch::Tensor& q_BATK, const torch::Tensor& k_BGTK,
                     const torch::Tensor& v_BGTK, bool causal) {
  const bool shares_heads = q_BATK.size(1) != k_BGTK.size(1);
  return at::scaled_dot_product_attention(q_BATK, k_BGTK, v_BGTK, std::nullopt, 0.0, causal,
                                          std::nullopt, shares_heads);
}

}  // namespace

torch::Tensor segment_attention(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                                const torch::Tensor& v_NGK,
                                std::span<const int64_t> segment_lengths, bool causal) {
  if (has_avx512_attention(q_NAK)) {
    return avx512_attention(q_NAK, k_NGK, v_NGK, segment_lengths, causal);
  }
  std::vector<torch::Tensor> parts;
  int64_t from = 0;
  for (size_t i = 0; i < segment_lengths.size();) {
    // Neighbours of equal length go through one call.
    const int64_t length = segment_lengths[i];
    size_t end = i;
    while (end < segment_lengths.size() && segment_lengths[end] == length) ++end;
    const auto count = static_cast<int64_t>(end - i);
    const auto batch = [&](const torch::Tensor& x_NHK) {
      return x_NHK.narrow(0, from, count * length)
          .reshape({count, length, x_NHK.size(1), x_NHK.size(2)})
          .transpose(1, 2);
    };
    const auto out_BATK = attend(batch(q_NAK), batch(k_NGK), batch(v_NGK), causal);
    parts.push_back(out_BATK.transpose(1, 2).reshape({count * length, -1}));
    from += count * length;
    i = end;
  }
  LMC_CHECK(from == q_NAK.size(0), "segments hold ", from, " tokens of ", q_NAK.size(0));
  return parts.size() == 1 ? parts[0] : at::cat(parts);
}

}  // namespace lmc::model
