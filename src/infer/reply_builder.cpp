#include "infer/reply_builder.h"

#include <algorithm>
#include <string>
#include <utility>

namespace lmc::infer {

std::string_view finish_name(FinishReason reason) {
  switch (reason) {
    case FinishReason::kEnd:
      return "end";
    case FinishReason::kStop:
      return "stop";
    case FinishReason::kLength:
      return "length";
  }
  return "";
}

ReplyBuilder::ReplyBuilder(const text::Tokenizer& tokenizer, std::span<const int32_t> prompt_ids,
                           std::span<const int32_t> end_ids, const SamplingOptions& options,
                           uint64_t stream_id, int64_t max_new_tokens, OnDelta on_delta)
    : tokenizer_(tokenizer),
      prompt_ids_(prompt_ids),
      end_ids_(end_ids),
      options_(options),
      max_new_tokens_(max_new_tokens),
      on_delta_(std::move(on_delta)),
      random_(Random::named(static_cast<uint64_t>(options.seed), "reply", stream_id)),
      decoder_(tokenizer),
      scanner_(options.stop) {}

void ReplyBuilder::next(std::span<const float> logits_V) {
  // The head may be padded with rows that stand for no token.
  const auto known_V =
      logits_V.first(std::min(logits_V.size(), static_cast<size_t>(tokenizer_.size())));
  const int32_t token = sample_token(known_V, options_, prompt_ids_, reply_.ids, random_);
  if (std::find(end_ids_.begin(), end_ids_.end(), token) != end_ids_.end()) {
    finish(FinishReason::kEnd);
  } else {
    append(token, known_V);
  }
}

void ReplyBuilder::append(int32_t token, std::span<const float> logits_V) {
  reply_.ids.push_back(token);
  if (options_.top_log_probs >= 0) {
    reply_.log_probs.push_back(token_log_prob(logits_V, token, options_.top_log_probs, tokenizer_));
  }
  emit(scanner_.push(decoder_.push(token)));
  if (scanner_.found()) {
    end(FinishReason::kStop);
  } else if (!ended_ && std::ssize(reply_.ids) >= max_new_tokens_) {
    finish(FinishReason::kLength);
  }
}

// Ends the reply with what was held back: the start of a character or of a stop string.
void ReplyBuilder::finish(FinishReason reason) {
  end(reason);
  emit(scanner_.push(decoder_.finish()));
  if (scanner_.found()) {
    reply_.finish = FinishReason::kStop;
  } else {
    emit(scanner_.finish());
  }
}

void ReplyBuilder::emit(const std::string& piece) {
  if (piece.empty()) return;
  reply_.text += piece;
  if (on_delta_ && !on_delta_(piece) && !ended_) end(FinishReason::kStop);
}

void ReplyBuilder::end(FinishReason reason) {
  ended_ = true;
  reply_.finish = reason;
}

}  // namespace lmc::infer
