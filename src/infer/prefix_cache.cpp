#include "infer/prefix_cache.h"

#include <algorithm>

#include "base/check.h"   // LMC_CHECK
#include "base/sha256.h"  // sha256_hex

namespace lmc::infer {

namespace {

constexpr size_t kKeptImages = 8;

}  // namespace

std::string patches_hash(const image::PatchGrid& image) {
  const auto* bytes = reinterpret_cast<const char*>(image.pixel_values_PF.data());
  return cat(image.grid_h, "x", image.grid_w, " ",
             sha256_hex({bytes, image.pixel_values_PF.size() * sizeof(float)}));
}

std::vector<ImageSpan> image_spans(const prompt::ModelInput& prompt, int32_t image_token_id) {
  std::vector<ImageSpan> spans;
  for (int64_t i = 0; i < std::ssize(prompt.ids) && !prompt.images.empty(); ++i) {
    if (prompt.ids[static_cast<size_t>(i)] != image_token_id) continue;
    if (spans.empty() || spans.back().end != i) spans.push_back({i, i, ""});
    spans.back().end = i + 1;
  }
  LMC_CHECK(spans.size() == prompt.images.size(), spans.size(), " runs of image tokens for ",
            prompt.images.size(), " images");
  for (size_t k = 0; k < spans.size(); ++k) spans[k].hash = patches_hash(*prompt.images[k]);
  return spans;
}

int64_t common_prefix(const Tokens& first, const Tokens& second) {
  const auto [end, other] =
      std::mismatch(first.ids.begin(), first.ids.end(), second.ids.begin(), second.ids.end());
  int64_t length = end - first.ids.begin();
  for (size_t k = 0; k < std::max(first.images.size(), second.images.size()); ++k) {
    const ImageSpan* one = k < first.images.size() ? &first.images[k] : nullptr;
    const ImageSpan* two = k < second.images.size() ? &second.images[k] : nullptr;
    const bool is_same = one != nullptr && two != nullptr && one->begin == two->begin &&
                         one->end == two->end && one->end <= length && one->hash == two->hash;
    if (is_same) continue;
    for (const ImageSpan* span : {one, two}) {
      if (span != nullptr) length = std::min(length, span->begin);
    }
    break;
  }
  return length;
}

void PrefixCache::keep(SequenceId sequence, Tokens tokens) {
  const auto length = std::ssize(tokens.ids);
  if (length > max_tokens_ || max_sequences_ == 0) {
    engine_.close(sequence);
    return;
  }
  std::erase_if(kept_, [&](const Kept& kept) {
    const bool is_contained = common_prefix(kept.tokens, tokens) == std::ssize(kept.tokens.ids);
    if (is_contained) {
      engine_.close(kept.sequence);
      num_tokens_ -= std::ssize(kept.tokens.ids);
    }
    return is_contained;
  });
  shrink(max_sequences_ - 1, max_tokens_ - length);
  num_tokens_ += length;
  kept_.push_back({sequence, std::move(tokens)});
}

std::pair<SequenceId, int64_t> PrefixCache::longest(const Tokens& tokens) {
  auto best = kept_.end();
  int64_t length = 0;
  for (auto kept = kept_.begin(); kept != kept_.end(); ++kept) {
    const int64_t common = common_prefix(kept->tokens, tokens);
    if (common <= length) continue;
    best = kept;
    length = common;
  }
  if (best == kept_.end()) return {-1, 0};
  std::rotate(best, best + 1, kept_.end());
  return {kept_.back().sequence, length};
}

void PrefixCache::shrink(size_t max_sequences, int64_t max_tokens) {
  while (!kept_.empty() && (kept_.size() > max_sequences || num_tokens_ > max_tokens)) {
    engine_.close(kept_.front().sequence);
    num_tokens_ -= std::ssize(kept_.front().tokens.ids);
    kept_.pop_front();
  }
}

SharedFeatures FeatureCache::find(const std::string& hash) {
  const auto found = std::find_if(kept_.begin(), kept_.end(),
                                  [&](const auto& entry) { return entry.first == hash; });
  if (found == kept_.end()) return nullptr;
  std::rotate(found, found + 1, kept_.end());
  return kept_.back().second;
}

void FeatureCache::keep(const std::string& hash, SharedFeatures features) {
  kept_.emplace_back(hash, std::move(features));
  if (kept_.size() > kKeptImages) kept_.pop_front();
}

}  // namespace lmc::infer
