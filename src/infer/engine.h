// The one interface between a model and everything that uses one.
//
// An engine holds sequences: token by token, the keys and values of what it has seen. A sequence is
// opened, fed, forked at a length, truncated and closed; forks share what they have in common.
// forward() takes any mix of sequences with any number of new tokens each, and gives logits for as
// many of the last of them as are wanted. So prefill, a chunk of it, decoding, scoring a known text
// and verifying drafted tokens are the same call. The shape is that of llama.cpp's llama_batch and
// of vLLM's model runner.
//
// Images are encoded apart from the tokens, so that what the vision tower makes of one can be used
// again. Who decides which sequences run together: infer/scheduler.h.
// Implementations: model/torch_engine.h (libtorch); ScriptedEngine of the tests.
// Letters: R logit rows, V vocabulary.
// Threads: info() from any; everything else from one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "prompt/model_input.h"  // ModelInput

namespace lmc::infer {

class Explainer;  // explainer.h

struct EngineInfo {
  std::string name;    // for manifests: "torch", "scripted"
  std::string dtype;   // "float32", "bfloat16", ...
  std::string device;  // "cpu", "cuda:0"
  int64_t vocab_size = 0;
  int64_t max_positions = 0;  // longest context; 0: not known
  int64_t max_kv_tokens = 0;  // of all sequences together, by the memory there is; 0: not known
  int64_t kv_bytes_per_token = 0;   // 0: not known
  int32_t image_token_id = -1;      // each stands for one row of an image's features
  bool is_batch_invariant = false;  // a sequence's logits are the same bits whatever runs beside it
};

using SequenceId = int64_t;

// What the vision tower made of one image. Only the engine that made it can read it.
class ImageFeatures {
 public:
  virtual ~ImageFeatures() = default;
  virtual int64_t num_tokens() const = 0;
};

using SharedFeatures = std::shared_ptr<const ImageFeatures>;

// New tokens of one sequence.
struct Feed {
  SequenceId sequence = 0;
  std::span<const int32_t> ids;
  // M-RoPE positions of the ids on three axes. Empty: text that goes on where the sequence ends.
  std::array<std::span<const int32_t>, 3> positions;
  // The features of the image tokens among the ids, in order; whole images only.
  std::span<const SharedFeatures> images;
  // For so many of the last of these tokens the logits of the token that follows: 0 for a chunk of
  // a prompt, 1 for decoding, more for scoring.
  int64_t num_logits = 1;
};

// The logits of a forward pass, in the order of its feeds.
class Logits {
 public:
  // Errors: InputError when one is no finite number: then the model is at fault.
  Logits(std::vector<float> values_RV, int64_t vocab_size, std::vector<size_t> first_rows);

  // [V] in f32; `row` counts the wanted ones of this feed.
  std::span<const float> of(size_t feed, int64_t row = 0) const {
    const size_t index = first_rows_.at(feed) + static_cast<size_t>(row);
    return std::span(values_RV_).subspan(index * vocab_size_, vocab_size_);
  }

 private:
  std::vector<float> values_RV_;
  size_t vocab_size_;
  std::vector<size_t> first_rows_;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual const EngineInfo& info() const = 0;

  // The features of every image, in order.
  virtual std::vector<SharedFeatures> encode(std::span<const image::PatchGrid* const> images) = 0;

  virtual SequenceId open() = 0;
  // A new sequence that begins with the first `length` tokens of this one.
  virtual SequenceId fork(SequenceId sequence, int64_t length) = 0;
  // Forgets all tokens but the first `length`.
  virtual void truncate(SequenceId sequence, int64_t length) = 0;
  virtual void close(SequenceId sequence) = 0;
  virtual int64_t length(SequenceId sequence) const = 0;

  // Appends to every named sequence, each named once. When it throws, the sequences are as before.
  virtual Logits forward(std::span<const Feed> feeds) = 0;

  // Null: this engine cannot look inside its model. Belongs to the engine.
  virtual Explainer* explainer() { return nullptr; }
};

}  // namespace lmc::infer
