#include "base/heap.h"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace lmc {

void return_free_heap() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

void limit_heaps([[maybe_unused]] int most) {
#ifdef __GLIBC__
  ::mallopt(M_ARENA_MAX, most);
#endif
}

int64_t heap_in_use() {
#ifdef __GLIBC__
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<int64_t>(info.uordblks + info.hblkhd);
#else
  return 0;
#endif
}

}  // namespace lmc
