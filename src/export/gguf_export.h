// A model and its adapter (merged_tensors.h) as the two files that llama.cpp loads: the language
// model with its tokenizer, and the vision tower with its mergers.
//
// Mirrors: llama.cpp's convert_hf_to_gguf.py; Q4_0, which that script leaves to another program, as
//          ggml's reference quantiser.
// Errors:  InputError, also for an `out` that exists.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "export/gguf_names.h"  // GgufWeights

namespace lmc::exporting {

struct GgufExportOptions {
  std::string model;
  std::string adapter;  // empty: none
  std::string out;      // of the language model: a name that ends in .gguf
  GgufWeights weights = GgufWeights::kF16;
};

struct GgufExported {
  int64_t tensors = 0;
  std::string vision_path;  // "mmproj-" and the name of `out`, beside it
};

// Whole or not at all; `on_tensor` is called after each tensor with done and total.
GgufExported export_gguf(const GgufExportOptions& options,
                         const std::function<void(int64_t, int64_t)>& on_tensor);

}  // namespace lmc::exporting
