// What bounds a model on this machine: how fast weights come from memory, and how fast the kernels
// multiply what lies in the caches. Measured, so that a speed can be told as a fraction of it.
#pragma once

#include <cstdint>

#include "runtime/device_model.h"   // LanguageModel
#include "runtime/packed_matrix.h"  // MatrixForm
#include "runtime/products.h"       // Machine

namespace lmc::runtime {

// What one token takes of the language model, attention aside.
struct TokenWork {
  int64_t products = 0;      // of the layers: multiplications, each with its addition
  int64_t weight_bytes = 0;  // read for a token that is decoded alone, the head's among them
};
TokenWork token_work(const LanguageModel& model);

// By all threads of the machine together, the best of several rounds (some tenths of a second).
// Sums over 512 MiB in huge pages.
double read_bytes_per_s(ThreadPool& pool);
// One panel of this form over and over, with rows of inputs that stay in the caches.
double products_per_s(const Machine& machine, MatrixForm form);

}  // namespace lmc::runtime
