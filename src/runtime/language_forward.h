// The language model over a stream of new tokens, whose keys and values go into pages.
//
// Letters: N tokens of the stream, H hidden width.
// Mirrors: transformers, Qwen3VLTextModel.forward.
// Threads: one at a time.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/attention_probe.h"  // AttentionProbe
#include "runtime/device_model.h"     // LanguageModel
#include "runtime/kv_pages.h"         // KvPages
#include "runtime/page_walk.h"        // PageWalk
#include "runtime/products.h"         // Machine
#include "runtime/rotary.h"           // TextRotary
#include "runtime/tap.h"              // Tap

namespace lmc::runtime {

// A new token.
struct StreamToken {
  int32_t id = 0;
  std::array<int32_t, 3> position{};
  // Of an image token, its row of the image's features: [H] instead of the embedding, and as many
  // more, [H] each, to be added after the first layers.
  const float* merged_H = nullptr;
  std::vector<const float*> deepstack_H;
};

// Tokens [first, first + count) of the stream continue one sequence of `length` tokens, whose pages
// have room for them.
struct StreamSegment {
  int64_t first = 0;
  int64_t count = 0;
  int64_t length = 0;
  std::span<const PageId> pages;
};

class LanguageForward {
 public:
  LanguageForward(const LanguageModel& model, const spec::TextConfig& config,
                  const Machine& machine);

  // Hidden states behind the last layer, before the last norm, [N, H]; valid until the next call.
  // `probe`: of the only segment; null: nothing is asked.
  std::span<const float> run(std::span<const StreamToken> tokens,
                             std::span<const StreamSegment> segments, KvPages& pages,
                             const Tap& tap = {}, AttentionProbe* probe = nullptr);

  // The logits of one such row after the other, [rows, V] each.
  void logits(std::span<const float* const> hidden_H, float* logits_RV);

 private:
  // A token of a segment.
  struct Place {
    const StreamSegment* segment;
    int64_t token;
  };
  // Tokens of a segment, whose queries meet the pages of one head of keys and values together.
  struct Task {
    const StreamSegment* segment;
    int64_t head;
    int64_t begin;
    int64_t count;
    std::vector<double> weights_TM;  // for the probe's texts
  };

  struct Scratch {
    std::vector<float> row, page;
    PageWalk walk;
  };

  void share_out(std::span<const StreamSegment> segments);
  void embed(std::span<const StreamToken> tokens);
  void fill_normed(std::span<const float> weight_H, const MatrixLayout& layout);
  void add_attention(int64_t index, KvPages& pages);
  void place_token(int64_t index, const Place& place, KvPages& pages);
  void attend(int64_t index, Task& task, const KvPages& pages, int64_t thread);
  void gather_weights(int64_t index);
  void probe_weights(int64_t index, Task& task, const KvPages& pages, Scratch& scratch);
  void add_feed_forward(const DecoderLayer& layer);
  void add_deepstack(int64_t index, std::span<const StreamToken> tokens);
  float* x(int64_t token) { return x_NH_.data() + token * config_.hidden_size; }

  const LanguageModel& model_;
  const spec::TextConfig& config_;
  Machine machine_;
  TextRotary rotary_;
  int64_t tokens_ = 0;
  std::vector<float> x_NH_, q_, k_, v_, attended_, gate_, up_, cos_NJ_, sin_NJ_;
  std::vector<Place> places_;  // of every token
  std::vector<Task> tasks_;
  AttentionProbe* probe_ = nullptr;  // of the pass that runs
  Operand operand_;
  std::vector<Scratch> scratch_;  // of each thread
};

}  // namespace lmc::runtime
