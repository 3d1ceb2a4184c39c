// The cache of keys and values of the tokens that sequences have seen, in pages of 64 places.
//
// A page holds all layers of its places. A sequence is a list of pages, so that forks share what
// they have in common; a page that is shared and not yet full is copied before it is written.
// Keys lie transposed, [G, K, places], as scores are computed over places; values [G, places, K'],
// K' being K filled up to a multiple of 8 with zeros. In bytes, every key and every value of a head
// has a scale of its own, f32 [places] each, behind them.
// Letters: G key/value heads, K head width.
// Source:  Kwon et al. 2023, PagedAttention (arXiv 2309.06180), for pages and copy-on-write.
// Threads: one at a time; reading and writing what pages hold from many.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/enum_names.h"          // Named
#include "runtime/kernels/kernels.h"  // kPlaces
#include "spec/model_config.h"        // TextConfig

namespace lmc::runtime {

using PageId = int32_t;

// As what keys and values are kept. Automatic: in f32 beside weights in f32, which prove the
// arithmetic, else in f16.
enum class KvForm { kAuto, kF32, kF16, kInt8 };
constexpr auto names_of(KvForm) {
  return std::to_array<Named<KvForm>>({{KvForm::kAuto, "auto"},
                                       {KvForm::kF32, "f32"},
                                       {KvForm::kF16, "f16"},
                                       {KvForm::kInt8, "int8"}});
}

class KvPages {
 public:
  // `form`: not automatic.
  // Errors: InputError for heads too wide for bytes.
  KvPages(const spec::TextConfig& config, KvForm form);

  PageId take();              // for one holder; its numbers are finite
  void share(PageId page);    // one more holder
  void release(PageId page);  // one holder less
  int32_t num_holders(PageId page) const { return holders_[static_cast<size_t>(page)]; }
  void copy(PageId from, PageId to);

  // Puts a token's key and value of one head, [K] each, at `place` of a page.
  void put(const Kernels& kernels, PageId page, int64_t layer, int64_t head, int64_t place,
           const float* key_K, const float* value_K);
  // Those of one head of a page as floats. Where they are kept so, no copy is made and `room`, of
  // room_size() values, is not touched.
  struct Floats {
    const float* keys_KP;
    const float* values_PK;
  };
  Floats floats(const Kernels& kernels, PageId page, int64_t layer, int64_t head,
                float* room) const;
  int64_t room_size() const { return key_size() + value_size(); }
  // Those of a page in f16 as they are kept.
  struct Halves {
    const uint16_t* keys_KP;
    const uint16_t* values_PK;
  };
  Halves halves(PageId page, int64_t layer, int64_t head) const {
    const auto* keys = reinterpret_cast<const uint16_t*>(head_data(page, layer, head));
    return {keys, keys + key_size()};
  }

  int64_t value_stride() const { return value_stride_; }
  int64_t bytes_per_token() const;
  int64_t pages_in_use() const;
  KvForm form() const { return form_; }

 private:
  int64_t key_size() const { return head_dim_ * kPlaces; }
  int64_t value_size() const { return value_stride_ * kPlaces; }
  int64_t element_bytes() const;
  int64_t head_bytes() const;  // of a page and a layer
  size_t page_bytes() const;
  struct Bytes {
    int8_t* keys_KP;
    int8_t* values_PK;
    float* key_scales_P;
    float* value_scales_P;
  };
  Bytes bytes(std::byte* data) const;
  std::byte* head_data(PageId page, int64_t layer, int64_t head) const;

  KvForm form_;
  int64_t num_layers_, num_kv_heads_, head_dim_, value_stride_;
  std::vector<std::unique_ptr<std::byte[]>> pages_;
  std::vector<int32_t> holders_;  // of each page
  std::vector<PageId> free_;      // the last one is taken first
};

}  // namespace lmc::runtime
