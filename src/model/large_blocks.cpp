#include "model/large_blocks.h"

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <fstream>
#include <mutex>
#include <new>
#include <string>
#include <unordered_map>

namespace lmc::model {

namespace {

constexpr size_t kLarge = size_t{1} << 20;
constexpr size_t kWorthHugePages = size_t{8} << 20;  // below, the last one would be mostly empty
constexpr size_t kHugePage = size_t{2} << 20;

// Data begins here in its mapping: with the alignment of libtorch's own blocks, and at a place
// where the heap's blocks hardly ever do, so that few frees have to look into the list.
constexpr size_t kOffset = 64;

size_t rounded_up(size_t bytes) { return (bytes + kHugePage - 1) / kHugePage * kHugePage; }

// A mapping, by where its data begins.
struct Block {
  void* data = nullptr;
  size_t bytes = 0;  // of the mapping
};

Block map(size_t bytes) {
  // One page more than wanted, so that a run of whole huge pages lies within; the rest goes back.
  void* const found = ::mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (found == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(found);
  const size_t before =
      rounded_up(reinterpret_cast<uintptr_t>(begin)) - reinterpret_cast<uintptr_t>(begin);
  if (before > 0) ::munmap(begin, before);
  if (before < kHugePage) ::munmap(begin + before + bytes, kHugePage - before);
  // A wish: small pages do as well.
  if (bytes >= kWorthHugePages) ::madvise(begin + before, bytes, MADV_HUGEPAGE);
  return {begin + before + kOffset, bytes};
}

void unmap(const Block& block) {
  ::munmap(static_cast<std::byte*>(block.data) - kOffset, block.bytes);
}

// All mapped blocks: those in use, and a few that were freed last and fit what is asked for next,
// as layer after layer asks for the same. Lives as long as the process: tensors may be freed at its
// end.
class MappedBlocks {
 public:
  static MappedBlocks& list() {
    static auto* const all = new MappedBlocks;
    return *all;
  }

  void* take(size_t data_bytes) {
    const size_t wanted = rounded_up(data_bytes + kOffset);
    Block block;
    {
      const std::lock_guard lock(mutex_);
      const auto kept = std::find_if(kept_.rbegin(), kept_.rend(),
                                     [&](const Block& one) { return one.bytes == wanted; });
      if (kept != kept_.rend()) {
        block = *kept;
        kept_.erase(std::next(kept).base());
        kept_bytes_ -= block.bytes;
      }
    }
    if (block.data == nullptr) block = map(wanted);
    const std::lock_guard lock(mutex_);
    used_[block.data] = block.bytes;
    return block.data;
  }

  // False: it is none of them.
  bool give_back(void* data) {
    if (reinterpret_cast<uintptr_t>(data) % kHugePage != kOffset) return false;
    const std::lock_guard lock(mutex_);
    const auto found = used_.find(data);
    if (found == used_.end()) return false;
    const Block block{data, found->second};
    used_.erase(found);
    if (block.bytes > kMaxCachedBytes) {
      unmap(block);
      return true;
    }
    kept_.push_back(block);
    kept_bytes_ += block.bytes;
    keep_at_most(kMaxCachedBytes);
    return true;
  }

  void give_back_kept() {
    const std::lock_guard lock(mutex_);
    keep_at_most(0);
  }

 private:
  // The lock is held.
  void keep_at_most(size_t bytes) {
    while (kept_bytes_ > bytes) {
      unmap(kept_.front());
      kept_bytes_ -= kept_.front().bytes;
      kept_.pop_front();
    }
  }

  std::mutex mutex_;
  std::unordered_map<void*, size_t> used_;
  std::deque<Block> kept_;  // the one that was freed last comes last
  size_t kept_bytes_ = 0;
};

void give_back(void* data) {
  if (!MappedBlocks::list().give_back(data)) c10::free_cpu(data);
}

class LargeBlocks : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    void* const data = bytes < kLarge ? c10::alloc_cpu(bytes) : MappedBlocks::list().take(bytes);
    return {data, data, &give_back, c10::Device(c10::kCPU)};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
};

// The least block that the system puts on huge pages.
size_t least_on_huge_pages() {
  static const size_t least = [] {
    std::ifstream in("/sys/kernel/mm/transparent_hugepage/enabled");
    std::string modes;
    std::getline(in, modes);
    if (modes.find("[always]") != modes.npos) return kLarge;
    return modes.find("[madvise]") != modes.npos ? kWorthHugePages : SIZE_MAX;
  }();
  return least;
}

}  // namespace

void give_back_kept_blocks() { MappedBlocks::list().give_back_kept(); }

int64_t filled_bytes(int64_t bytes) {
  const auto size = static_cast<size_t>(bytes);
  if (size < kLarge || rounded_up(size + kOffset) < least_on_huge_pages()) return bytes;
  return static_cast<int64_t>(rounded_up(size + kOffset));
}

void map_large_blocks() {
  static std::once_flag once;
  std::call_once(once, [] { c10::SetCPUAllocator(new LargeBlocks, 1); });
}

}  // namespace lmc::model
