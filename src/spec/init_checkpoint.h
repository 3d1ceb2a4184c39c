// Writes a randomly initialised checkpoint: a complete Hugging Face folder of given dimensions.
#pragma once

#include <cstdint>
#include <string>

#include "tensorio/dtype.h"  // Dtype

namespace lmc::spec {

struct InitForm {
  tensorio::Dtype dtype = tensorio::Dtype::kBF16;
  uint64_t seed = 0;
  // For training from scratch. Projections that add to the residual stream are drawn with
  // 1 / sqrt(2 x layers) of the range, so that a deep sum starts no larger than the embedding, and
  // the first query head of each key/value group starts equal to its key head, so that a token
  // begins by attending to tokens alike: without it, a small model finds no lookup ("which letter
  // stands before this word") in a thousand steps; with it, in two hundred.
  // Source: Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, 2.3;
  //         Trockman and Kolter, "Mimetic Initialization of Self-Attention Layers", ICML 2023.
  bool for_training = false;
};

struct InitSummary {
  int64_t num_tensors = 0;
  int64_t num_parameters = 0;
  int64_t num_bytes = 0;
};

// Copies tokenizer, processor and template files from `source_folder`, the configuration from
// `config_path`, and writes model.safetensors: normal(0, initializer_range) for weights, ones for
// norm scales, zeros for biases. Each tensor draws from a stream named after it, so the same seed
// gives the same file on every machine.
// Memory: one tensor at a time.
// Errors: InputError when the folder already holds a checkpoint.
InitSummary init_checkpoint(const std::string& source_folder, const std::string& config_path,
                            const std::string& out_folder, const InitForm& form);

}  // namespace lmc::spec
