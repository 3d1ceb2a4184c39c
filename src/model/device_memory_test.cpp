// What is free and held: by the system for a CPU, by an allocator for anything else.
#include "model/device_memory.h"

#include <c10/core/Allocator.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <torch/version.h>

#include <cstring>

#include "base/check.h"
#include "tensorio/safetensors.h"
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 10
#include <c10/core/CachingDeviceAllocator.h>
#endif

namespace lmc::model {
namespace {

constexpr int64_t kMegabyte = int64_t{1} << 20;
const torch::Device kFake(torch::kPrivateUse1, 1);

// Pages of one's own, as a large tensor has them.
class Pages {
 public:
  explicit Pages(size_t bytes)
      : bytes_(bytes),
        data_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    std::memset(data_, 1, bytes);
  }
  ~Pages() { ::munmap(data_, bytes_); }

 private:
  size_t bytes_;
  void* data_;
};

// Other threads of the test's libraries may hold a little more or less meanwhile.
constexpr int64_t kNear = 8 * kMegabyte;

TEST(DeviceMemory, APeakThatIsOverIsHeldNoMore) {
  const DeviceMemory before = device_memory(torch::kCPU);
  DeviceMemory during;
  {
    const Pages pages(256 * kMegabyte);
    during = device_memory(torch::kCPU);
  }
  const DeviceMemory after = device_memory(torch::kCPU);
  EXPECT_NEAR(during.held - before.held, 256 * kMegabyte, kNear);
  EXPECT_NEAR(during.resident - before.resident, 256 * kMegabyte, kNear);
  EXPECT_NEAR(after.held, before.held, kNear);
  EXPECT_GE(after.peak, during.resident - kNear);
  EXPECT_GE(after.resident, after.held);
  EXPECT_GT(after.free, 0);
  EXPECT_EQ(after.usable(), after.free + after.held);
}

TEST(DeviceMemory, WhatCannotBeKnownIsNothing) {
  EXPECT_EQ(device_memory(torch::Device(torch::kIPU)).usable(), 0) << "no allocator";
  EXPECT_EQ((DeviceMemory{.free = 0, .held = 5}).usable(), 0);
}

#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 10
// As a GPU's allocator answers: the device of this index has 8 MB more than the one before.
class FakeAllocator : public c10::DeviceAllocator {
 public:
  bool can_tell = true;

  c10::DataPtr allocate(size_t) override { return {nullptr, kFake}; }
  void copy_data(void*, const void*, std::size_t) const override {}
  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t) override {}
  void recordStream(const c10::DataPtr&, c10::Stream) override {}
  void resetAccumulatedStats(c10::DeviceIndex) override {}
  void resetPeakStats(c10::DeviceIndex) override {}
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex index) override {
    c10::CachingDeviceAllocator::DeviceStats stats;
    stats.reserved_bytes[0].current = 40 * kMegabyte + index;
    stats.allocated_bytes[0].current = 30 * kMegabyte;
    stats.allocated_bytes[0].peak = 35 * kMegabyte;
    return stats;
  }
  std::pair<size_t, size_t> getMemoryInfo(c10::DeviceIndex index) override {
    if (!can_tell) return DeviceAllocator::getMemoryInfo(index);
    return {static_cast<size_t>((100 + 8 * index) * kMegabyte), 1000 * kMegabyte};
  }
};

TEST(DeviceMemory, OfAGpuIsWhatItsAllocatorSays) {
  static FakeAllocator allocator;
  c10::SetAllocator(torch::kPrivateUse1, &allocator);
  const DeviceMemory memory = device_memory(kFake);
  EXPECT_EQ(memory.free, 108 * kMegabyte);
  EXPECT_EQ(memory.held, 40 * kMegabyte + 1);
  EXPECT_EQ(memory.resident, 30 * kMegabyte);
  EXPECT_EQ(memory.peak, 35 * kMegabyte);
  EXPECT_EQ(memory.usable(), 148 * kMegabyte + 1);
  EXPECT_EQ(device_memory(torch::Device(torch::kPrivateUse1)).free, 100 * kMegabyte);
  allocator.can_tell = false;
  EXPECT_EQ(device_memory(kFake).usable(), 0);
}
#endif

TEST(MappedFiles, AreThoseOfTheFolder) {
  const std::string folder = LMC_SOURCE_DIR "/assets/phantom/student";
  EXPECT_TRUE(mapped_files(folder).ranges.empty());
  const tensorio::SafetensorsFile file(folder + "/model.safetensors");
  const auto bytes = file.tensors().begin()->second.bytes;
  int sum = 0;
  for (const std::byte byte : bytes) sum += std::to_integer<int>(byte);
  ASSERT_NE(sum, 0);
  const MappedFiles mapped = mapped_files(folder);
  EXPECT_TRUE(mapped.hold(bytes.data()));
  EXPECT_FALSE(mapped.hold(&sum));
  EXPECT_GE(mapped.resident, static_cast<int64_t>(bytes.size()) / 4096 * 4096);
  EXPECT_TRUE(mapped_files(LMC_SOURCE_DIR "/assets/phantom").ranges.empty());
  EXPECT_TRUE(mapped_files("/no/such/folder").ranges.empty());
}

}  // namespace
}  // namespace lmc::model
