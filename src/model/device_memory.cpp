#include "model/device_memory.h"

#include <c10/core/Allocator.h>
#include <c10/util/Exception.h>
#include <torch/version.h>
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 10
#include <c10/core/CachingDeviceAllocator.h>
#define LMC_DEVICES_TELL 1
#endif

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace lmc::model {

namespace {

// The value of a line "key:  value kB".
int64_t bytes_in(const std::string& path, const std::string& key) {
  std::ifstream in(path);
  std::string line;
  while (std::getline(in, line)) {
    if (!line.starts_with(key + ":")) continue;
    int64_t kilobytes = 0;
    std::istringstream(line.substr(key.size() + 1)) >> kilobytes;
    return kilobytes * 1024;
  }
  return 0;
}

// Pages of mapped files count as available already.
DeviceMemory main_memory() {
  const std::string status = "/proc/self/status";
  return {bytes_in("/proc/meminfo", "MemAvailable"),
          bytes_in(status, "RssAnon") + bytes_in(status, "RssShmem"), bytes_in(status, "VmRSS"),
          bytes_in(status, "VmHWM")};
}

}  // namespace

DeviceMemory device_memory(torch::Device device) {
  if (device.is_cpu()) return main_memory();
#ifdef LMC_DEVICES_TELL
  auto* const allocator = dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(device.type()));
  if (allocator == nullptr) return {};
  try {
    const auto index = device.has_index() ? device.index() : c10::DeviceIndex{0};
    const auto stats = allocator->getDeviceStats(index);
    constexpr size_t kAll = 0;  // small and large blocks together
    return {static_cast<int64_t>(allocator->getMemoryInfo(index).first),
            stats.reserved_bytes[kAll].current, stats.allocated_bytes[kAll].current,
            stats.allocated_bytes[kAll].peak};
  } catch (const c10::Error&) {
    return {};
  }
#else
  return {};
#endif
}

bool MappedFiles::hold(const void* data) const {
  const auto address = reinterpret_cast<uintptr_t>(data);
  return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
    return range.first <= address && address < range.second;
  });
}

// A mapping in smaps is a line "begin-end rights offset device inode path" and lines "Key: value".
MappedFiles mapped_files(const std::string& folder) {
  // A hub's folder holds links to files elsewhere.
  std::set<std::string> paths;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    paths.insert(std::filesystem::canonical(entry.path(), none).string());
  }
  MappedFiles files;
  std::ifstream in("/proc/self/smaps");
  std::string line;
  bool is_one = false;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    const size_t dash = first.find('-');
    if (first.ends_with(':')) {
      int64_t kilobytes = 0;
      if (is_one && first == "Rss:" && words >> kilobytes) files.resident += kilobytes * 1024;
    } else if (dash != first.npos) {
      const size_t path = line.find('/');
      is_one = path != line.npos && paths.contains(line.substr(path));
      if (is_one) {
        files.ranges.emplace_back(std::stoull(first.substr(0, dash), nullptr, 16),
                                  std::stoull(first.substr(dash + 1), nullptr, 16));
      }
    }
  }
  return files;
}

}  // namespace lmc::model
