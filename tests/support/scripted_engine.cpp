#include "support/scripted_engine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"  // LMC_CHECK

namespace lmc::infer {

namespace {

struct ScriptedFeatures : ImageFeatures {
  std::shared_ptr<const image::PatchGrid> image;
  int64_t num_tokens() const override { return image->num_patches() / 4; }
};

void append_positions(const Feed& feed, prompt::ModelInput& seen) {
  for (size_t i = 0; i < feed.ids.size(); ++i) {
    int32_t next = seen.next_position;
    for (size_t axis = 0; axis < 3; ++axis) {
      const int32_t position =
          feed.positions[axis].empty() ? seen.next_position : feed.positions[axis][i];
      seen.positions[axis].push_back(position);
      next = std::max(next, position + 1);
    }
    seen.next_position = next;
  }
}

}  // namespace

ScriptedEngine::ScriptedEngine(int64_t vocab_size, NextLogits next_logits)
    : next_logits_(std::move(next_logits)) {
  info_.name = "scripted";
  info_.dtype = "float32";
  info_.device = "cpu";
  info_.vocab_size = vocab_size;
  info_.kv_bytes_per_token = int64_t{1} << 40;  // too large to be kept
  constexpr int32_t kImageToken = 386;          // of the models in the tests' folders
  info_.image_token_id = kImageToken;
}

ScriptedEngine::ScriptedEngine(int64_t vocab_size, const Script& script)
    : ScriptedEngine(vocab_size, NextLogits([vocab_size, script](const prompt::ModelInput& prompt,
                                                                 std::span<const int32_t> after) {
                       const std::vector<int32_t> reply = script(prompt);
                       LMC_CHECK(!reply.empty(), "a script has at least an end token");
                       return logits_of(vocab_size,
                                        reply[std::min(after.size(), reply.size() - 1)]);
                     })) {}

std::vector<SharedFeatures> ScriptedEngine::encode(
    std::span<const image::PatchGrid* const> images) {
  std::vector<SharedFeatures> features;
  for (const image::PatchGrid* image : images) {
    auto made = std::make_shared<ScriptedFeatures>();
    made->image = std::make_shared<image::PatchGrid>(*image);
    features.push_back(std::move(made));
  }
  num_encoded_ += std::ssize(images);
  return features;
}

SequenceId ScriptedEngine::open() {
  sequences_[next_id_];
  return next_id_++;
}

SequenceId ScriptedEngine::fork(SequenceId sequence, int64_t length) {
  sequences_[next_id_] = sequences_.at(sequence);
  truncate(next_id_, length);
  return next_id_++;
}

void ScriptedEngine::truncate(SequenceId sequence, int64_t length) {
  Sequence& cut = sequences_.at(sequence);
  LMC_CHECK(length >= 0 && length <= std::ssize(cut.seen.ids));
  cut.seen.ids.resize(static_cast<size_t>(length));
  cut.seen.next_position = 0;
  for (std::vector<int32_t>& axis : cut.seen.positions) {
    axis.resize(static_cast<size_t>(length));
    for (const int32_t position : axis) {
      cut.seen.next_position = std::max(cut.seen.next_position, position + 1);
    }
  }
  if (static_cast<int64_t>(cut.prompt_size) > length) cut.prompt_size = 0;
}

int64_t ScriptedEngine::length(SequenceId sequence) const {
  return std::ssize(sequences_.at(sequence).seen.ids);
}

Logits ScriptedEngine::forward(std::span<const Feed> feeds) {
  std::vector<float> values;
  std::vector<size_t> first_rows;
  int64_t prompts = 0, steps = 0, tokens = 0;
  for (const Feed& feed : feeds) {
    Sequence& sequence = sequences_.at(feed.sequence);
    std::vector<int32_t>& ids = sequence.seen.ids;
    ids.insert(ids.end(), feed.ids.begin(), feed.ids.end());
    append_positions(feed, sequence.seen);
    tokens += std::ssize(feed.ids);
    for (const SharedFeatures& image : feed.images) {
      sequence.seen.images.push_back(static_cast<const ScriptedFeatures&>(*image).image);
    }
    first_rows.push_back(values.size() / static_cast<size_t>(info_.vocab_size));
    (sequence.prompt_size > 0 ? steps : prompts) += 1;
    if (feed.num_logits == 0) continue;
    if (sequence.prompt_size == 0) {
      sequence.prompt_size = ids.size() - static_cast<size_t>(feed.num_logits) + 1;
      prompts_.push_back(sequence.seen);
      prompts_.back().ids.resize(sequence.prompt_size);
    }
    prompt::ModelInput prompt = sequence.seen;
    prompt.ids.resize(sequence.prompt_size);
    for (size_t end = ids.size() - static_cast<size_t>(feed.num_logits) + 1; end <= ids.size();
         ++end) {
      const std::span<const int32_t> after =
          std::span(ids).subspan(sequence.prompt_size, end - sequence.prompt_size);
      const std::vector<float> logits_V = next_logits_(prompt, after);
      LMC_CHECK(std::ssize(logits_V) == info_.vocab_size, logits_V.size(),
                " logits for a vocabulary of ", info_.vocab_size);
      values.insert(values.end(), logits_V.begin(), logits_V.end());
    }
  }
  if (prompts > 0) rows_per_prefill_.push_back(prompts);
  if (steps > 0) rows_per_step_.push_back(steps);
  tokens_per_pass_.push_back(tokens);
  return {std::move(values), info_.vocab_size, std::move(first_rows)};
}

std::vector<float> logits_of(int64_t vocab_size, int32_t token) {
  std::vector<float> logits_V(static_cast<size_t>(vocab_size), 0.0F);
  logits_V.at(static_cast<size_t>(token)) = 20.0F;
  return logits_V;
}

}  // namespace lmc::infer
