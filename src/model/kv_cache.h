// Keys and values of the tokens a batch has seen.
//
// Each row is filled from the left and has its own length; what lies beyond it is masked by the
// attention, so rows of unequal length need no left padding. Growth doubles, so appending costs
// amortised constant time.
// Letters: B rows, G key/value heads, T places, K head width, N tokens of a packed stream.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>
#include <vector>

namespace lmc::model {

class KvCache {
 public:
  KvCache(int64_t num_layers, int64_t num_rows);

  int64_t num_rows() const { return static_cast<int64_t>(lengths_.size()); }
  const std::vector<int64_t>& lengths() const { return lengths_; }
  bool empty() const;

  // Writes the keys and values of segment i ([N, G, K], packed) behind row i. The lengths change
  // only in advance(), after every layer has stored its part.
  void store(size_t layer, const torch::Tensor& k_NGK, const torch::Tensor& v_NGK,
             std::span<const int64_t> segment_lengths);
  void advance(std::span<const int64_t> segment_lengths);

  // The first `places` places of every row, [B, G, places, K].
  torch::Tensor keys(size_t layer, int64_t places) const;
  torch::Tensor values(size_t layer, int64_t places) const;

  // A cache whose row i is a copy of this one's row rows[i].
  KvCache select(std::span<const int64_t> rows) const;

 private:
  struct Layer {
    torch::Tensor k_BGTK;
    torch::Tensor v_BGTK;
  };
  void reserve(Layer& layer, int64_t places, const torch::Tensor& like_NGK) const;

  std::vector<Layer> layers_;
  std::vector<int64_t> lengths_;
};

}  // namespace lmc::model
