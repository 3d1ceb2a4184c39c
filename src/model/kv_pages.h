// The KV cache: keys and values of the tokens that sequences have seen, in pages.
//
// A page holds kPageTokens places of every layer. A sequence is a list of pages, so that forks
// share the pages they have in common and nothing is copied when a sequence grows or ends; only a
// page that is shared and not yet full is copied before it is written. Pages lie in slabs, which
// are made as they are needed and kept: a tensor [layers, 2, pages, G, K, places] for keys
// (transposed, as scores are computed over places) and [..., places, K] for values.
// Letters: N tokens of a packed stream, G key/value heads, K head width.
// Source:  Kwon et al. 2023, PagedAttention (arXiv 2309.06180), for pages and copy-on-write.
// Threads: one at a time; reading and writing what pages hold from many.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "model/page_kernel.h"  // kPageTokens
#include "spec/model_config.h"  // TextConfig

namespace lmc::model {

using PageId = int32_t;

class KvPages {
 public:
  KvPages(const spec::TextConfig& config, torch::Dtype dtype, torch::Device device);

  // A page of its own for one holder; its content is whatever it was.
  PageId take();
  void share(PageId page);    // one more holder
  void release(PageId page);  // one holder less
  int32_t num_holders(PageId page) const { return holders_[static_cast<size_t>(page)]; }
  // The content of `from` in all layers.
  void copy(PageId from, PageId to);

  // One page of a layer: keys [G, K, places] and values [G, places, K].
  torch::Tensor keys(size_t layer, PageId page) const;
  torch::Tensor values(size_t layer, PageId page) const;
  // The same in a CPU's memory, one head of it; for the kernels.
  void* key_data(size_t layer, PageId page, int64_t head) const;
  void* value_data(size_t layer, PageId page, int64_t head) const;

  // The first `places` places of a list of pages, as [G, places, K].
  torch::Tensor gathered_keys(size_t layer, std::span<const PageId> pages, int64_t places) const;
  torch::Tensor gathered_values(size_t layer, std::span<const PageId> pages, int64_t places) const;

  torch::Dtype dtype() const { return dtype_; }
  torch::Device device() const { return device_; }
  int64_t num_kv_heads() const { return num_kv_heads_; }
  int64_t head_dim() const { return head_dim_; }
  int64_t bytes_per_token() const;
  int64_t pages_in_use() const;

 private:
  // Keys and values of kSlabPages pages: [layers, pages, G, K, places] and [..., places, K].
  struct Slab {
    torch::Tensor keys;
    torch::Tensor values;
  };
  void* data_of(const torch::Tensor& part, size_t layer, PageId page, int64_t head) const;

  int64_t num_layers_, num_kv_heads_, head_dim_;
  torch::Dtype dtype_;
  torch::Device device_;
  std::vector<Slab> slabs_;
  std::vector<int32_t> holders_;  // of each page
  std::vector<PageId> free_;      // the last one is taken first
};

}  // namespace lmc::model
