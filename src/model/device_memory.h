// What a device's memory has free, and what this process holds of it.
//
// On a CPU by /proc; on any other device by the allocator that libtorch has for it, which asks the
// driver (for CUDA: cudaMemGetInfo).
// Threads: any.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lmc::model {

// Bytes; 0: not known.
struct DeviceMemory {
  int64_t free = 0;      // what the system or the driver would still give
  int64_t held = 0;      // taken by this process now and not to be had without it; not in `free`
  int64_t resident = 0;  // what the process fills now: on a CPU with the pages of mapped files
  int64_t peak = 0;      // the most that `resident` was so far

  // What the process may come to hold in all.
  int64_t usable() const { return free > 0 ? free + held : 0; }
};

// A GPU's `held` is what libtorch's allocator has reserved of it, `resident` and `peak` what it has
// handed out. What the CUDA context takes is in none of them. libtorch tells from 2.10 on; before,
// and where an allocator cannot tell, all is 0.
DeviceMemory device_memory(torch::Device device);

// Files of a folder that the process has mapped.
struct MappedFiles {
  std::vector<std::pair<uintptr_t, uintptr_t>> ranges;  // of addresses: begin, end
  int64_t resident = 0;                                 // of their pages, bytes

  bool hold(const void* data) const;
};
MappedFiles mapped_files(const std::string& folder);

}  // namespace lmc::model
