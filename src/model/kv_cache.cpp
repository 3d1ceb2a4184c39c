#include "model/kv_cache.h"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "base/check.h"  // LMC_CHECK

namespace lmc::model {

namespace {

constexpr int64_t kLeastPlaces = 64;

}  // namespace

KvCache::KvCache(int64_t num_layers, int64_t num_rows)
    : layers_(static_cast<size_t>(num_layers)), lengths_(static_cast<size_t>(num_rows), 0) {}

bool KvCache::empty() const {
  return std::all_of(lengths_.begin(), lengths_.end(), [](int64_t n) { return n == 0; });
}

void KvCache::reserve(Layer& layer, int64_t places, const torch::Tensor& like_NGK) const {
  const int64_t have = layer.k_BGTK.defined() ? layer.k_BGTK.size(2) : 0;
  if (places <= have) return;
  const int64_t wanted = std::max({places, 2 * have, kLeastPlaces});
  for (torch::Tensor* tensor : {&layer.k_BGTK, &layer.v_BGTK}) {
    // Zeros, not whatever memory held: a masked NaN would still poison a sum.
    auto grown =
        at::zeros({num_rows(), like_NGK.size(1), wanted, like_NGK.size(2)}, like_NGK.options());
    if (tensor->defined()) grown.narrow(2, 0, have).copy_(*tensor);
    *tensor = grown;
  }
}

void KvCache::store(size_t layer_index, const torch::Tensor& k_NGK, const torch::Tensor& v_NGK,
                    std::span<const int64_t> segment_lengths) {
  LMC_CHECK(segment_lengths.size() == lengths_.size(), segment_lengths.size(), " segments for ",
            lengths_.size(), " rows");
  int64_t places = 0;
  for (size_t row = 0; row < lengths_.size(); ++row) {
    places = std::max(places, lengths_[row] + segment_lengths[row]);
  }
  Layer& layer = layers_[layer_index];
  reserve(layer, places, k_NGK);
  int64_t from = 0;
  for (size_t row = 0; row < lengths_.size(); ++row) {
    const int64_t count = segment_lengths[row];
    const auto write = [&](const torch::Tensor& cache_BGTK, const torch::Tensor& fresh_NGK) {
      cache_BGTK.select(0, static_cast<int64_t>(row))
          .narrow(1, lengths_[row], count)
          .copy_(fresh_NGK.narrow(0, from, count).transpose(0, 1));
    };
    write(layer.k_BGTK, k_NGK);
    write(layer.v_BGTK, v_NGK);
    from += count;
  }
}

void KvCache::advance(std::span<const int64_t> segment_lengths) {
  for (size_t row = 0; row < lengths_.size(); ++row) lengths_[row] += segment_lengths[row];
}

torch::Tensor KvCache::keys(size_t layer, int64_t places) const {
  return layers_[layer].k_BGTK.narrow(2, 0, places);
}

torch::Tensor KvCache::values(size_t layer, int64_t places) const {
  return layers_[layer].v_BGTK.narrow(2, 0, places);
}

KvCache KvCache::select(std::span<const int64_t> rows) const {
  KvCache chosen(static_cast<int64_t>(layers_.size()), static_cast<int64_t>(rows.size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    chosen.lengths_[i] = lengths_[static_cast<size_t>(rows[i])];
  }
  const auto index = at::tensor(std::vector<int64_t>(rows.begin(), rows.end()), torch::kInt64);
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (!layers_[i].k_BGTK.defined()) continue;
    const auto index_here = index.to(layers_[i].k_BGTK.device());
    chosen.layers_[i] = {layers_[i].k_BGTK.index_select(0, index_here),
                         layers_[i].v_BGTK.index_select(0, index_here)};
  }
  return chosen;
}

}  // namespace lmc::model
