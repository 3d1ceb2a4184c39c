// What the module that links MPI offers the program, which does not: a program linked to an MPI
// does not start where that MPI is missing, and MPI's types differ between libraries.
#pragma once

#include <cstddef>

namespace lmc::train {

// Functions return an empty text, or what went wrong; it is good until the next call.
struct MpiModule {
  static constexpr int kVersion = 1;
  static constexpr const char* kEntry = "litemedcot_mpi_module";

  int version = kVersion;
  const char* (*start)(int* rank, int* size);
  // Both return at once; `bytes` may be more than MPI counts to in one message.
  const char* (*send)(const void* data, size_t bytes, int peer);
  const char* (*receive)(void* data, size_t bytes, int peer);
  // Drives what was begun; how much of it is unfinished.
  const char* (*advance)(size_t* unfinished);
  void (*stop)();
};

using MpiModuleEntry = const MpiModule* (*)();

}  // namespace lmc::train
