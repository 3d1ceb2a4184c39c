// The heap, where what the allocator does by itself is not enough.
#pragma once

#include <cstdint>

namespace lmc {

// Gives the free pages of the heap back to the system. glibc keeps them where a small block above
// is still in use: after work with many large blocks that come and go (quantising a model) that was
// as much as the model itself. Costs milliseconds. Does nothing with other C libraries.
// Threads: any.
void return_free_heap();

// How many heaps threads share from now on; those that there are stay. glibc makes eight a core, and
// each keeps blocks of up to 32 MiB that were given back to it: a process of many threads that each
// read a large image now and then would hold as many images. Does nothing with other C libraries.
void limit_heaps(int most);

// Bytes that malloc has handed out and not had back; 0 with other C libraries.
// Threads: any.
int64_t heap_in_use();

}  // namespace lmc
