#include "runtime/weight_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <utility>

#include "base/check.h"     // InputError, LMC_CHECK
#include "base/parallel.h"  // parallel_for

namespace lmc::runtime {

namespace {

constexpr size_t kHugePage = 2 << 20;

// What the system can give without swapping, in bytes; 0 where it does not say.
int64_t available_bytes() {
  std::ifstream in("/proc/meminfo");
  std::string key, unit;
  int64_t kilobytes = 0;
  while (in >> key >> kilobytes) {
    if (key == "MemAvailable:") return kilobytes << 10;
    std::getline(in, unit);
  }
  return 0;
}

}  // namespace

bool wants_huge_pages(WeightPlacement placement, int64_t bytes) {
  if (placement != WeightPlacement::kAuto) return placement == WeightPlacement::kHugePages;
  return available_bytes() / 2 >= bytes;
}

WeightMemory::WeightMemory(size_t bytes) : size_(bytes) {
  if (bytes == 0) return;
  mapped_ = bytes + kHugePage;
  mapping_ = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) {
    throw InputError("huge-pages", cat("the system has no room for ", bytes >> 20, " MB"),
                     "--memory mapped");
  }
  const auto address = reinterpret_cast<uintptr_t>(mapping_);
  data_ = static_cast<std::byte*>(mapping_) + (kHugePage - address % kHugePage) % kHugePage;
#ifdef MADV_HUGEPAGE
  // A system without them leaves small ones, which are right too.
  ::madvise(data_, bytes, MADV_HUGEPAGE);
#endif
}

WeightMemory::~WeightMemory() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapped_);
}

WeightMemory::WeightMemory(WeightMemory&& other) noexcept { *this = std::move(other); }

WeightMemory& WeightMemory::operator=(WeightMemory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(mapped_, other.mapped_);
  std::swap(size_, other.size_);
  std::swap(used_, other.used_);
  std::swap(mapping_, other.mapping_);
  return *this;
}

std::span<const std::byte> WeightMemory::hold(std::span<const std::byte> bytes,
                                              const std::function<void()>& after_block) {
  constexpr size_t kBlock = 32 << 20, kPiece = kHugePage;
  LMC_CHECK(used_ + bytes.size() <= size_, "more weights than were announced");
  std::byte* to = data_ + used_;
  used_ += room_for(bytes.size());
  for (size_t begin = 0; begin < bytes.size(); begin += kBlock) {
    const size_t count = std::min(kBlock, bytes.size() - begin);
    parallel_for((count + kPiece - 1) / kPiece, [&](size_t piece) {
      const size_t at = piece * kPiece;
      std::memcpy(to + begin + at, bytes.data() + begin + at, std::min(kPiece, count - at));
    });
    after_block();
  }
  return {to, bytes.size()};
}

}  // namespace lmc::runtime
