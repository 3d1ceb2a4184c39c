// One reply while it grows: draws its tokens, decodes them, finds where it ends.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/random.h"         // Random
#include "infer/reply.h"         // Reply
#include "infer/sampling.h"      // SamplingOptions
#include "infer/stop_scanner.h"  // StopScanner
#include "text/tokenizer.h"      // Tokenizer, StreamDecoder

namespace lmc::infer {

class ReplyBuilder {
 public:
  // Called with each piece of text that became final; returns false to end the reply early, which
  // counts as kStop.
  using OnDelta = std::function<bool(std::string_view piece)>;

  // All of them outlive the builder. `stream_id` names the random stream.
  ReplyBuilder(const text::Tokenizer& tokenizer, std::span<const int32_t> prompt_ids,
               std::span<const int32_t> end_ids, const SamplingOptions& options, uint64_t stream_id,
               int64_t max_new_tokens, OnDelta on_delta);

  // Draws the next token from the logits [V] behind the last one, and takes it up.
  void next(std::span<const float> logits_V);

  bool ended() const { return ended_; }
  int32_t last_token() const { return reply_.ids.back(); }
  Reply take() { return std::move(reply_); }

 private:
  void append(int32_t token, std::span<const float> logits_V);
  void finish(FinishReason reason);
  void emit(const std::string& piece);
  void end(FinishReason reason);

  const text::Tokenizer& tokenizer_;
  std::span<const int32_t> prompt_ids_;
  std::span<const int32_t> end_ids_;
  const SamplingOptions& options_;
  int64_t max_new_tokens_;
  OnDelta on_delta_;
  Random random_;
  text::StreamDecoder decoder_;
  StopScanner scanner_;
  Reply reply_;
  bool ended_ = false;
};

}  // namespace lmc::infer
