// An engine without a model, for tests: a function gives the logits of every next token.
//
// It shares no prefixes unless told to, so that what a prompt is, and what came after it, is plain.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "infer/engine.h"  // Engine

namespace lmc::infer {

class ScriptedEngine : public Engine {
 public:
  // [V], the logits of the token that follows `prompt` and the tokens fed after it.
  using NextLogits = std::function<std::vector<float>(const prompt::ModelInput& prompt,
                                                      std::span<const int32_t> after)>;
  // The tokens of the reply to a prompt, its end token included; the last one repeats for ever.
  using Script = std::function<std::vector<int32_t>(const prompt::ModelInput& prompt)>;

  ScriptedEngine(int64_t vocab_size, NextLogits next_logits);
  ScriptedEngine(int64_t vocab_size, const Script& script);

  const EngineInfo& info() const override { return info_; }
  std::vector<SharedFeatures> encode(std::span<const image::PatchGrid* const> images) override;
  SequenceId open() override;
  SequenceId fork(SequenceId sequence, int64_t length) override;
  void truncate(SequenceId sequence, int64_t length) override;
  void close(SequenceId sequence) override { sequences_.erase(sequence); }
  int64_t length(SequenceId sequence) const override;
  Logits forward(std::span<const Feed> feeds) override;

  EngineInfo& mutable_info() { return info_; }
  void set_max_positions(int64_t positions) { info_.max_positions = positions; }
  void allow_sharing() { info_.kv_bytes_per_token = 1; }

  // What was asked of it: every prompt; of each forward pass that had some, how many prompts and
  // how many single tokens behind one; how many images were encoded.
  const std::vector<prompt::ModelInput>& prompts() const { return prompts_; }
  const std::vector<int64_t>& rows_per_prefill() const { return rows_per_prefill_; }
  const std::vector<int64_t>& rows_per_step() const { return rows_per_step_; }
  const std::vector<int64_t>& tokens_per_pass() const { return tokens_per_pass_; }
  int64_t num_encoded() const { return num_encoded_; }
  size_t num_open() const { return sequences_.size(); }

 private:
  struct Sequence {
    prompt::ModelInput seen;
    size_t prompt_size = 0;  // 0: no logits were wanted yet
  };

  EngineInfo info_;
  NextLogits next_logits_;
  std::map<SequenceId, Sequence> sequences_;
  SequenceId next_id_ = 0;
  std::vector<prompt::ModelInput> prompts_;
  std::vector<int64_t> rows_per_prefill_, rows_per_step_, tokens_per_pass_;
  int64_t num_encoded_ = 0;
};

// Logits that make one token far likelier than the others: 20 against 0.
std::vector<float> logits_of(int64_t vocab_size, int32_t token);

}  // namespace lmc::infer
