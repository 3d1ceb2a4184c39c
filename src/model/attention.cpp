#include "model/attention.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "base/check.h"              // LMC_CHECK
#include "model/attention_avx512.h"  // avx512_attention
#include "model/kv_cache.h"          // KvCache

namespace lmc::model {

namespace {

torch::Tensor attend(const torch::Tensor& q_BATK, const torch::Tensor& k_BGTK,
                     const torch::Tensor& v_BGTK, const std::optional<torch::Tensor>& mask,
                     bool causal) {
  const bool shares_heads = q_BATK.size(1) != k_BGTK.size(1);
  return at::scaled_dot_product_attention(q_BATK, k_BGTK, v_BGTK, mask, 0.0, causal, std::nullopt,
                                          shares_heads);
}

// One query a row: a single batched call, with a mask only when rows differ in length.
torch::Tensor decode_attention(const torch::Tensor& q_NAK, const KvCache& cache, size_t layer) {
  const std::vector<int64_t>& lengths = cache.lengths();
  const auto [least, most] = std::minmax_element(lengths.begin(), lengths.end());
  const int64_t places = *most + 1;
  std::optional<torch::Tensor> mask;
  if (*least != *most) {
    const auto options = torch::TensorOptions(torch::kInt64).device(q_NAK.device());
    const auto last_B = at::tensor(lengths, torch::kInt64).to(q_NAK.device());
    mask =
        (at::arange(places, options).unsqueeze(0) <= last_B.unsqueeze(1)).unsqueeze(1).unsqueeze(1);
  }
  const auto out = attend(q_NAK.unsqueeze(2), cache.keys(layer, places),
                          cache.values(layer, places), mask, false);
  return out.reshape({q_NAK.size(0), -1});
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
    const auto out_BATK = attend(batch(q_NAK), batch(k_NGK), batch(v_NGK), std::nullopt, causal);
    parts.push_back(out_BATK.transpose(1, 2).reshape({count * length, -1}));
    from += count * length;
    i = end;
  }
  LMC_CHECK(from == q_NAK.size(0), "segments hold ", from, " tokens of ", q_NAK.size(0));
  return parts.size() == 1 ? parts[0] : at::cat(parts);
}

torch::Tensor cached_attention(const torch::Tensor& q_NAK, const KvCache& cache, size_t layer,
                               std::span<const int64_t> segment_lengths) {
  if (std::all_of(segment_lengths.begin(), segment_lengths.end(),
                  [](int64_t n) { return n == 1; })) {
    return decode_attention(q_NAK, cache, layer);
  }
  std::vector<torch::Tensor> parts;
  const auto options = torch::TensorOptions(torch::kInt64).device(q_NAK.device());
  int64_t from = 0;
  for (size_t row = 0; row < segment_lengths.size(); ++row) {
    const int64_t count = segment_lengths[row];
    const int64_t before = cache.lengths()[row];
    const int64_t places = before + count;
    const auto of_row = [&](const torch::Tensor& x_BGTK) {
      return x_BGTK.narrow(0, static_cast<int64_t>(row), 1);
    };
    const auto mask = at::arange(places, options).unsqueeze(0) <=
                      at::arange(before, places, options).unsqueeze(1);
    const auto out =
        attend(q_NAK.narrow(0, from, count).transpose(0, 1).unsqueeze(0),
               of_row(cache.keys(layer, places)), of_row(cache.values(layer, places)), mask, false);
    parts.push_back(out.squeeze(0).transpose(0, 1).reshape({count, -1}));
    from += count;
  }
  return at::cat(parts);
}

}  // namespace lmc::model
