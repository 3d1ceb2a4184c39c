// Runs independent pieces of work on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace lmc {

// Calls work(0) ... work(count - 1), each once, in no particular order, on up to `threads` threads
// (0: as many as the machine has). Returns when all have ended; the first exception is rethrown.
void parallel_for(size_t count, const std::function<void(size_t)>& work, unsigned threads = 0);

}  // namespace lmc
