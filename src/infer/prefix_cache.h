// What an engine holds that later requests may begin with: sequences that ended, and what the
// vision tower made of recent images.
//
// Images are compared by the content of their patches. Positions follow from ids and images, so
// prompts that agree in those agree in all.
// Threads: one at a time, the engine's.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "infer/engine.h"        // Engine, SharedFeatures
#include "prompt/model_input.h"  // ModelInput

namespace lmc::infer {

// Where an image stands among the tokens: [begin, end).
struct ImageSpan {
  int64_t begin = 0;
  int64_t end = 0;
  std::string hash;  // of its patches
};

// What images are compared by: two with the same hash have the same patches.
std::string patches_hash(const image::PatchGrid& image);

// The images of a prompt: runs of the image token, in order.
// Errors: InternalError when runs and images disagree.
std::vector<ImageSpan> image_spans(const prompt::ModelInput& prompt, int32_t image_token_id);

// Tokens with the images among them.
struct Tokens {
  std::vector<int32_t> ids;
  std::vector<ImageSpan> images;
};

// How many tokens two sequences begin with alike; never a part of an image.
int64_t common_prefix(const Tokens& first, const Tokens& second);

class PrefixCache {
 public:
  PrefixCache(Engine& engine, size_t max_sequences, int64_t max_tokens)
      : engine_(engine), max_sequences_(max_sequences), max_tokens_(max_tokens) {}
  ~PrefixCache() { clear(); }
  PrefixCache(const PrefixCache&) = delete;
  PrefixCache& operator=(const PrefixCache&) = delete;

  // Takes the sequence over: keeps it, or closes it. The longest unused go first.
  void keep(SequenceId sequence, Tokens tokens);

  // The kept sequence that agrees longest with `tokens`, and for how long; 0: none does.
  std::pair<SequenceId, int64_t> longest(const Tokens& tokens);

  int64_t num_tokens() const { return num_tokens_; }
  void shrink(size_t max_sequences, int64_t max_tokens);
  void clear() { shrink(0, 0); }

 private:
  struct Kept {
    SequenceId sequence;
    Tokens tokens;
  };

  Engine& engine_;
  size_t max_sequences_;
  int64_t max_tokens_;
  int64_t num_tokens_ = 0;
  std::deque<Kept> kept_;  // the last used at the end
};

class FeatureCache {
 public:
  SharedFeatures find(const std::string& hash);  // null: not there
  void keep(const std::string& hash, SharedFeatures features);

 private:
  std::deque<std::pair<std::string, SharedFeatures>> kept_;  // the last used at the end
};

}  // namespace lmc::infer
