#include "model/kv_pages.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "base/check.h"  // LMC_CHECK

namespace lmc::model {

namespace {

constexpr int64_t kSlabPages = 16;

size_t slab_of(PageId page) { return static_cast<size_t>(page / kSlabPages); }
int64_t place_of(PageId page) { return page % kSlabPages; }

}  // namespace

KvPages::KvPages(const spec::TextConfig& config, torch::Dtype dtype, torch::Device device)
    : num_layers_(config.num_layers),
      num_kv_heads_(config.num_kv_heads),
      head_dim_(config.head_dim),
      dtype_(dtype),
      device_(device) {}

PageId KvPages::take() {
  if (free_.empty()) {
    const auto options = torch::TensorOptions().dtype(dtype_).device(device_);
    slabs_.push_back(
        {at::empty({num_layers_, kSlabPages, num_kv_heads_, head_dim_, kPageTokens}, options),
         at::empty({num_layers_, kSlabPages, num_kv_heads_, kPageTokens, head_dim_}, options)});
    const auto first = static_cast<PageId>(holders_.size());
    holders_.resize(holders_.size() + kSlabPages, 0);
    for (auto page = static_cast<PageId>(first + kSlabPages - 1); page >= first; --page) {
      free_.push_back(page);
    }
  }
  const PageId page = free_.back();
  free_.pop_back();
  holders_[static_cast<size_t>(page)] = 1;
  return page;
}

void KvPages::share(PageId page) { ++holders_[static_cast<size_t>(page)]; }

void KvPages::release(PageId page) {
  int32_t& holders = holders_[static_cast<size_t>(page)];
  LMC_CHECK(holders > 0, "page ", page, " has no holder");
  if (--holders == 0) free_.push_back(page);
}

void KvPages::copy(PageId from, PageId to) {
  const auto copy_in = [&](const torch::Tensor Slab::*part) {
    (slabs_[slab_of(to)].*part)
        .select(1, place_of(to))
        .copy_((slabs_[slab_of(from)].*part).select(1, place_of(from)));
  };
  copy_in(&Slab::keys);
  copy_in(&Slab::values);
}

torch::Tensor KvPages::keys(size_t layer, PageId page) const {
  return slabs_[slab_of(page)]
      .keys.select(0, static_cast<int64_t>(layer))
      .select(0, place_of(page));
}

torch::Tensor KvPages::values(size_t layer, PageId page) const {
  return slabs_[slab_of(page)]
      .values.select(0, static_cast<int64_t>(layer))
      .select(0, place_of(page));
}

void* KvPages::data_of(const torch::Tensor& part, size_t layer, PageId page, int64_t head) const {
  const int64_t index =
      (static_cast<int64_t>(layer) * kSlabPages + place_of(page)) * num_kv_heads_ + head;
  return static_cast<char*>(part.data_ptr()) +
         index * kPageTokens * head_dim_ * static_cast<int64_t>(part.element_size());
}

void* KvPages::key_data(size_t layer, PageId page, int64_t head) const {
  return data_of(slabs_[slab_of(page)].keys, layer, page, head);
}

void* KvPages::value_data(size_t layer, PageId page, int64_t head) const {
  return data_of(slabs_[slab_of(page)].values, layer, page, head);
}

torch::Tensor KvPages::gathered_keys(size_t layer, std::span<const PageId> pages,
                                     int64_t places) const {
  std::vector<torch::Tensor> parts;
  for (const PageId page : pages) parts.push_back(keys(layer, page));
  return at::cat(parts, 2).narrow(2, 0, places).transpose(1, 2);
}

torch::Tensor KvPages::gathered_values(size_t layer, std::span<const PageId> pages,
                                       int64_t places) const {
  std::vector<torch::Tensor> parts;
  for (const PageId page : pages) parts.push_back(values(layer, page));
  return at::cat(parts, 1).narrow(1, 0, places);
}

int64_t KvPages::bytes_per_token() const {
  return 2 * num_layers_ * num_kv_heads_ * head_dim_ *
         static_cast<int64_t>(c10::elementSize(dtype_));
}

int64_t KvPages::pages_in_use() const {
  return static_cast<int64_t>(holders_.size() - free_.size());
}

}  // namespace lmc::model
