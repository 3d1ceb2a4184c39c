// What a program sets for its whole process before it computes with libtorch: how memory is taken,
// how many products are kept, how many threads an operation has, which operations are allowed.
//
// A program calls it once, before it loads a model. Nothing else in the libraries changes what
// belongs to the process; without the call everything computes as well, with more memory.
// Threads: before others compute.
#pragma once

namespace lmc::model {

struct ProcessSettings {
  int threads = 0;             // of one operation; 0: as they are
  bool deterministic = false;  // no operations whose bytes differ from run to run; false: as it is
};

// Also takes large blocks from the system (large_blocks.h) and keeps few products (gemm.h).
void apply(const ProcessSettings& settings);

}  // namespace lmc::model
