#include "runtime/kv_pages.h"

#include <cstring>

#include "base/check.h"  // cat, InputError, LMC_CHECK

namespace lmc::runtime {

KvPages::KvPages(const spec::TextConfig& config, KvForm form)
    : form_(form),
      num_layers_(config.num_layers),
      num_kv_heads_(config.num_kv_heads),
      head_dim_(config.head_dim),
      value_stride_((config.head_dim + kFloatLanes - 1) / kFloatLanes * kFloatLanes) {
  if (form == KvForm::kInt8 && head_dim_ > kMaxGroup) {
    throw InputError("--kv int8",
                     cat("heads of ", head_dim_, " are too wide; at most ", kMaxGroup));
  }
}

int64_t KvPages::element_bytes() const {
  switch (form_) {
    case KvForm::kF32:
      return 4;
    case KvForm::kF16:
      return 2;
    case KvForm::kInt8:
      return 1;
    case KvForm::kAuto:
      break;
  }
  LMC_CHECK(false, "keys and values in no form");
}

int64_t KvPages::head_bytes() const {
  const int64_t scales = form_ == KvForm::kInt8 ? 2 * kPlaces * int64_t{sizeof(float)} : 0;
  return room_size() * element_bytes() + scales;
}

size_t KvPages::page_bytes() const {
  return static_cast<size_t>(num_layers_ * num_kv_heads_ * head_bytes());
}

KvPages::Bytes KvPages::bytes(std::byte* data) const {
  auto* keys = reinterpret_cast<int8_t*>(data);
  auto* scales = reinterpret_cast<float*>(data + room_size());
  return {keys, keys + key_size(), scales, scales + kPlaces};
}

PageId KvPages::take() {
  if (free_.empty()) {
    // Zeros: a place that no query sees is multiplied by 0, and must be a number.
    pages_.push_back(std::make_unique<std::byte[]>(page_bytes()));
    holders_.push_back(0);
    free_.push_back(static_cast<PageId>(pages_.size() - 1));
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
  std::memcpy(pages_[static_cast<size_t>(to)].get(), pages_[static_cast<size_t>(from)].get(),
              page_bytes());
}

std::byte* KvPages::head_data(PageId page, int64_t layer, int64_t head) const {
  return pages_[static_cast<size_t>(page)].get() + (layer * num_kv_heads_ + head) * head_bytes();
}

void KvPages::put(const Kernels& kernels, PageId page, int64_t layer, int64_t head, int64_t place,
                  const float* key_K, const float* value_K) {
  std::byte* data = head_data(page, layer, head);
  if (form_ == KvForm::kF32) {
    auto* keys = reinterpret_cast<float*>(data);
    for (int64_t k = 0; k < head_dim_; ++k) keys[k * kPlaces + place] = key_K[k];
    std::memcpy(keys + key_size() + place * value_stride_, value_K,
                static_cast<size_t>(head_dim_) * sizeof(float));
    return;
  }
  if (form_ == KvForm::kInt8) {
    const Bytes all = bytes(data);
    const int64_t group = (head_dim_ + kGroupMultiple - 1) / kGroupMultiple * kGroupMultiple;
    int8_t made[kMaxGroup];
    int32_t sum = 0;  // not asked for
    kernels.to_bytes(key_K, head_dim_, group, made, nullptr, all.key_scales_P + place, &sum);
    for (int64_t k = 0; k < head_dim_; ++k) all.keys_KP[k * kPlaces + place] = made[k];
    kernels.to_bytes(value_K, head_dim_, group, made, nullptr, all.value_scales_P + place, &sum);
    std::memcpy(all.values_PK + place * value_stride_, made, static_cast<size_t>(head_dim_));
    return;
  }
  auto* keys = reinterpret_cast<uint16_t*>(data);
  constexpr int64_t kAtOnce = 64;
  for (int64_t begin = 0; begin < head_dim_; begin += kAtOnce) {
    const int64_t count = head_dim_ - begin < kAtOnce ? head_dim_ - begin : kAtOnce;
    uint16_t halves[kAtOnce];
    kernels.to_f16(key_K + begin, count, halves);
    for (int64_t k = 0; k < count; ++k) keys[(begin + k) * kPlaces + place] = halves[k];
  }
  kernels.to_f16(value_K, head_dim_, keys + key_size() + place * value_stride_);
}

KvPages::Floats KvPages::floats(const Kernels& kernels, PageId page, int64_t layer, int64_t head,
                                float* room) const {
  std::byte* const data = head_data(page, layer, head);
  if (form_ == KvForm::kF32) {
    const auto* keys = reinterpret_cast<const float*>(data);
    return {keys, keys + key_size()};
  }
  if (form_ == KvForm::kInt8) {
    const Bytes all = bytes(data);
    kernels.keys_from_bytes(all.keys_KP, all.key_scales_P, head_dim_, room);
    kernels.values_from_bytes(all.values_PK, all.value_scales_P, value_stride_, room + key_size());
    return {room, room + key_size()};
  }
  kernels.from_f16(reinterpret_cast<const uint16_t*>(data), room_size(), room);
  return {room, room + key_size()};
}

int64_t KvPages::bytes_per_token() const { return static_cast<int64_t>(page_bytes()) / kPlaces; }

int64_t KvPages::pages_in_use() const {
  return static_cast<int64_t>(holders_.size() - free_.size());
}

}  // namespace lmc::runtime
