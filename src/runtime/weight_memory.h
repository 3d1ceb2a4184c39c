// Weights copied into huge pages.
//
// A decoded token reads all weights once. Through pages of 4 KiB the processor looks up an address
// every 64 lines; on a virtual machine that costs a fifth of the memory's speed. A mapped file has
// no larger pages, so its weights are copied once.
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/enum_names.h"  // Named

namespace lmc::runtime {

// Where weights lie while they are used: in the mapped file, which opens at once, is shared by
// processes, and whose pages the system may drop; or in huge pages. Automatic: in huge pages where
// the machine has twice the memory to spare.
enum class WeightPlacement { kAuto, kMapped, kHugePages };
constexpr auto names_of(WeightPlacement) {
  return std::to_array<Named<WeightPlacement>>({{WeightPlacement::kAuto, "auto"},
                                                {WeightPlacement::kMapped, "mapped"},
                                                {WeightPlacement::kHugePages, "huge-pages"}});
}

// Whether `bytes` of weights are to be copied.
bool wants_huge_pages(WeightPlacement placement, int64_t bytes);

class WeightMemory {
 public:
  WeightMemory() = default;  // holds nothing
  // Room for `bytes`, each piece's rounded up to 64.
  // Errors: InputError when the system has no room.
  explicit WeightMemory(size_t bytes);
  ~WeightMemory();
  WeightMemory(WeightMemory&& other) noexcept;
  WeightMemory& operator=(WeightMemory&& other) noexcept;
  WeightMemory(const WeightMemory&) = delete;
  WeightMemory& operator=(const WeightMemory&) = delete;

  bool is_there() const { return data_ != nullptr; }
  static size_t room_for(size_t bytes) { return (bytes + 63) / 64 * 64; }

  // A copy that lives as long as this; `after_block` is called now and then, for what was read to
  // be given back.
  std::span<const std::byte> hold(std::span<const std::byte> bytes,
                                  const std::function<void()>& after_block);

 private:
  std::byte* data_ = nullptr;
  size_t mapped_ = 0, size_ = 0, used_ = 0;
  void* mapping_ = nullptr;
};

}  // namespace lmc::runtime
