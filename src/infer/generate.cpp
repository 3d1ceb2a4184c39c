#include "infer/generate.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"          // InputError, LMC_CHECK
#include "infer/stop_scanner.h"  // StopScanner

namespace lmc::infer {

namespace {

// One reply while it grows.
class Row {
 public:
  Row(int64_t index, const prompt::ModelInput& prompt, const text::Tokenizer& tokenizer,
      const SamplingOptions& options, uint64_t stream_id, int64_t max_new_tokens)
      : index_(index),
        prompt_(prompt),
        tokenizer_(tokenizer),
        options_(options),
        max_new_tokens_(max_new_tokens),
        random_(Random::named(static_cast<uint64_t>(options.seed), "reply", stream_id)),
        decoder_(tokenizer),
        scanner_(options.stop) {}

  int32_t draw(std::span<const float> logits_V) {
    return sample_token(logits_V, options_, prompt_.ids, reply_.ids, random_);
  }

  void append(int32_t token, std::span<const float> logits_V, const OnText& on_text) {
    reply_.ids.push_back(token);
    if (options_.top_log_probs >= 0) {
      reply_.log_probs.push_back(
          token_log_prob(logits_V, token, options_.top_log_probs, tokenizer_));
    }
    emit(scanner_.push(decoder_.push(token)), on_text);
    if (scanner_.found()) {
      end(FinishReason::kStop);
    } else if (!ended_ && static_cast<int64_t>(reply_.ids.size()) >= max_new_tokens_) {
      finish(FinishReason::kLength, on_text);
    }
  }

  // Ends the reply with what was held back: the start of a character or of a stop string.
  void finish(FinishReason reason, const OnText& on_text) {
    end(reason);
    emit(scanner_.push(decoder_.finish()), on_text);
    if (scanner_.found()) {
      reply_.finish = FinishReason::kStop;
    } else {
      emit(scanner_.finish(), on_text);
    }
  }

  bool ended() const { return ended_; }
  int64_t index() const { return index_; }
  Reply take() { return std::move(reply_); }

 private:
  void emit(const std::string& piece, const OnText& on_text) {
    if (piece.empty()) return;
    reply_.text += piece;
    if (on_text && !on_text(index_, piece) && !ended_) end(FinishReason::kStop);
  }

  void end(FinishReason reason) {
    ended_ = true;
    reply_.finish = reason;
  }

  int64_t index_;
  const prompt::ModelInput& prompt_;
  const text::Tokenizer& tokenizer_;
  const SamplingOptions& options_;
  int64_t max_new_tokens_;
  Random random_;
  text::StreamDecoder decoder_;
  StopScanner scanner_;
  Reply reply_;
  bool ended_ = false;
};

int64_t room_for_reply(const prompt::ModelInput& prompt, const EngineInfo& info,
                       const SamplingOptions& options) {
  if (info.max_positions <= 0) return options.max_new_tokens;
  const int64_t room = info.max_positions - prompt.next_position;
  if (room < 1) {
    throw InputError("prompt", cat("it takes ", prompt.next_position, " positions; the model has ",
                                   info.max_positions, " for prompt and reply"));
  }
  return std::min(room, options.max_new_tokens);
}

}  // namespace

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

std::vector<Reply> generate(Engine& engine, const text::Tokenizer& tokenizer,
                            std::span<const prompt::ModelInput> prompts,
                            std::span<const int32_t> end_ids, const SamplingOptions& options,
                            std::span<const uint64_t> stream_ids, const OnText& on_text) {
  check_sampling(options);
  if (prompts.empty()) return {};
  const size_t copies = stream_ids.size() / prompts.size();
  LMC_CHECK(copies >= 1 && prompts.size() * copies == stream_ids.size(), prompts.size(),
            " prompts, ", stream_ids.size(), " random streams");
  const EngineInfo info = engine.info();
  std::vector<Row> rows;
  rows.reserve(stream_ids.size());
  for (size_t i = 0; i < stream_ids.size(); ++i) {
    const prompt::ModelInput& prompt = prompts[i / copies];
    rows.emplace_back(static_cast<int64_t>(i), prompt, tokenizer, options, stream_ids[i],
                      room_for_reply(prompt, info, options));
  }

  std::vector<Row*> live;  // in the order of the session's rows
  for (Row& row : rows) live.push_back(&row);
  std::unique_ptr<Session> session = engine.prefill(prompts);
  if (copies > 1) {
    std::vector<int64_t> prompt_of_row(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) prompt_of_row[i] = static_cast<int64_t>(i / copies);
    session = session->select(prompt_of_row);
  }
  while (true) {
    std::vector<Row*> still_live;
    std::vector<int64_t> kept_rows;
    std::vector<int32_t> tokens;
    for (size_t i = 0; i < live.size(); ++i) {
      const std::span<const float> padded_V = session->logits(static_cast<int64_t>(i));
      const std::span<const float> logits_V =
          padded_V.first(std::min(padded_V.size(), static_cast<size_t>(tokenizer.size())));
      const int32_t token = live[i]->draw(logits_V);
      if (std::find(end_ids.begin(), end_ids.end(), token) != end_ids.end()) {
        live[i]->finish(FinishReason::kEnd, on_text);
      } else {
        live[i]->append(token, logits_V, on_text);
      }
      if (live[i]->ended()) continue;
      still_live.push_back(live[i]);
      kept_rows.push_back(static_cast<int64_t>(i));
      tokens.push_back(token);
    }
    if (still_live.empty()) break;
    if (still_live.size() < live.size()) session = session->select(kept_rows);
    live = std::move(still_live);
    session->step(tokens);
  }

  std::vector<Reply> replies;
  for (Row& row : rows) replies.push_back(row.take());
  return replies;
}

}  // namespace lmc::infer
