// Where libtorch takes its large blocks of main memory from.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lmc::model {

// From now on tensors of 1 MB or more on the CPU are mapped by themselves, the larger ones on huge
// pages where the system has them, and given back as they are freed, but for kMaxCachedBytes that
// are kept for the next. By itself libtorch takes them from the heap, where glibc keeps what lies
// between blocks that are still in use: a training step of a 2B model on a 4-bit base held 1.4 GB
// more than was alive. A program calls it by process_settings.h. May be called again.
// Threads: any.
void map_large_blocks();

inline constexpr size_t kMaxCachedBytes = size_t{128} << 20;

// Gives back what is kept for the next.
// Threads: any.
void give_back_kept_blocks();

// What a tensor of so many bytes comes to fill of main memory: its last huge page is a whole one,
// where the system makes one of it.
int64_t filled_bytes(int64_t bytes);

}  // namespace lmc::model
