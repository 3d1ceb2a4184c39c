#include "model/large_blocks.h"

#include <ATen/ops/ones.h>
#include <c10/core/CPUAllocator.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <vector>

namespace lmc::model {
namespace {

int64_t resident_bytes() {
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * ::sysconf(_SC_PAGESIZE);
}

// Blocks of 40 MB by turns with small ones that stay: in the heap what is freed between them would
// stay as well.
TEST(LargeBlocks, AreGivenBackAsTheyAreFreed) {
  map_large_blocks();
  constexpr int64_t kValues = 10 << 20;
  std::vector<at::Tensor> large, small;
  for (int i = 0; i < 8; ++i) {
    large.push_back(at::ones({kValues}));
    small.push_back(at::ones({1000}));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(large.back().data_ptr()) % 64, 0U);
  }
  const int64_t held = resident_bytes();
  large.clear();
  EXPECT_LT(resident_bytes(),
            held - 8 * kValues * 4 + static_cast<int64_t>(kMaxCachedBytes) + (4 << 20));
  for (const at::Tensor& one : small) EXPECT_EQ(one.sum().item<float>(), 1000);
}

// As oneDNN takes and frees its own.
TEST(LargeBlocks, CanBeFreedByTheirAddress) {
  map_large_blocks();
  at::Allocator* const allocator = c10::GetCPUAllocator();
  for (const size_t bytes : {size_t{100}, size_t{1} << 20, size_t{9} << 20, size_t{100} << 20}) {
    auto* const data = static_cast<char*>(allocator->raw_allocate(bytes));
    data[0] = data[bytes - 1] = 1;
    allocator->raw_deallocate(data);
  }
}

}  // namespace
}  // namespace lmc::model
