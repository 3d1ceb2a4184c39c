#include "runtime/device_engine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"              // LMC_CHECK
#include "runtime/kernels/tiers.h"   // choose_tier
#include "runtime/vision_forward.h"  // vision_forward

namespace lmc::runtime {

namespace {

struct DeviceFeatures : infer::ImageFeatures {
  VisionFeatures features;
  int64_t hidden_size = 0;
  int64_t num_tokens() const override {
    return static_cast<int64_t>(features.merged_MH.size()) / hidden_size;
  }
};

size_t pages_for(int64_t tokens) { return static_cast<size_t>((tokens + kPlaces - 1) / kPlaces); }

KvForm kv_form(KvForm wanted, const DeviceModel& model) {
  if (wanted != KvForm::kAuto) return wanted;
  return model.language().layers.front().q.layout().form == MatrixForm::kF32 ? KvForm::kF32
                                                                             : KvForm::kF16;
}

infer::EngineInfo info_of(const DeviceModel& model, const KvPages& pages, const Kernels& kernels) {
  infer::EngineInfo info;
  info.name = "device";
  info.dtype = std::string(form_name(model.language().layers.front().q.layout().form));
  info.dtype.erase(0, info.dtype.find('-') + 1);
  info.device = cat("cpu ", kernels.name);
  info.vocab_size = model.config().text.vocab_size;
  info.max_positions = model.config().text.max_positions;
  info.kv_bytes_per_token = pages.bytes_per_token();
  info.image_token_id = static_cast<int32_t>(model.config().image_token_id);
  info.is_batch_invariant = true;
  return info;
}

}  // namespace

DeviceEngine::DeviceEngine(const std::string& path, const DeviceOptions& options)
    : model_(path, options.placement),
      pool_(options.threads),
      machine_{choose_tier(options.tier), pool_},
      language_(model_.language(), model_.config().text, machine_),
      pages_(model_.config().text, kv_form(options.kv, model_)),
      info_(info_of(model_, pages_, machine_.kernels)),
      explainer_(*this) {}

std::vector<infer::SharedFeatures> DeviceEngine::encode(
    std::span<const image::PatchGrid* const> images) {
  std::vector<infer::SharedFeatures> encoded;
  for (const image::PatchGrid* image : images) {
    auto made = std::make_shared<DeviceFeatures>();
    made->features =
        vision_forward(model_.vision(), model_.config().vision, *image, machine_, tap_);
    made->hidden_size = model_.config().text.hidden_size;
    encoded.push_back(std::move(made));
  }
  return encoded;
}

infer::SequenceId DeviceEngine::open() {
  sequences_[next_id_];
  return next_id_++;
}

infer::SequenceId DeviceEngine::fork(infer::SequenceId sequence, int64_t length) {
  const Sequence& source = sequences_.at(sequence);
  LMC_CHECK(length >= 0 && length <= std::ssize(source.next_position), "a fork of ", length, " of ",
            source.next_position.size(), " tokens");
  Sequence made;
  made.next_position.assign(source.next_position.begin(), source.next_position.begin() + length);
  made.pages.assign(source.pages.begin(),
                    source.pages.begin() + static_cast<std::ptrdiff_t>(pages_for(length)));
  for (const PageId page : made.pages) pages_.share(page);
  sequences_[next_id_] = std::move(made);
  return next_id_++;
}

void DeviceEngine::truncate(infer::SequenceId sequence, int64_t length) {
  Sequence& cut = sequences_.at(sequence);
  LMC_CHECK(length >= 0 && length <= std::ssize(cut.next_position));
  cut.next_position.resize(static_cast<size_t>(length));
  for (; cut.pages.size() > pages_for(length); cut.pages.pop_back()) {
    pages_.release(cut.pages.back());
  }
}

void DeviceEngine::close(infer::SequenceId sequence) {
  truncate(sequence, 0);
  sequences_.erase(sequence);
}

int64_t DeviceEngine::length(infer::SequenceId sequence) const {
  return std::ssize(sequences_.at(sequence).next_position);
}

// Pages with room for `count` more tokens, none of which another sequence would see written.
std::vector<PageId> DeviceEngine::pages_with_room(const Sequence& sequence, int64_t count) {
  const auto length = std::ssize(sequence.next_position);
  std::vector<PageId> pages = sequence.pages;
  for (const PageId page : pages) pages_.share(page);
  // Held by the sequence and, since just now, by the list: more holders are other sequences.
  if (length % kPlaces != 0 && pages_.num_holders(pages.back()) > 2) {
    const PageId own = pages_.take();
    pages_.copy(pages.back(), own);
    pages_.release(pages.back());
    pages.back() = own;
  }
  while (pages.size() < pages_for(length + count)) pages.push_back(pages_.take());
  return pages;
}

DeviceEngine::Part DeviceEngine::part_of(const infer::Feed& feed) const {
  const Sequence& sequence = sequences_.at(feed.sequence);
  const auto count = std::ssize(feed.ids);
  LMC_CHECK(count > 0 && feed.num_logits <= count, feed.num_logits, " logits of ", count,
            " tokens");
  Part part;
  part.length = std::ssize(sequence.next_position);
  part.tokens.resize(feed.ids.size());
  int32_t next = sequence.next_position.empty() ? 0 : sequence.next_position.back();
  size_t image = 0, row = 0;
  for (size_t t = 0; t < feed.ids.size(); ++t) {
    StreamToken& token = part.tokens[t];
    token.id = feed.ids[t];
    LMC_CHECK(token.id >= 0 && token.id < info_.vocab_size, "token ", token.id);
    for (size_t axis = 0; axis < 3; ++axis) {
      token.position[axis] = feed.positions[axis].empty() ? next : feed.positions[axis][t];
    }
    for (const int32_t position : token.position) next = std::max(next, position + 1);
    part.next_position.push_back(next);
    if (token.id != info_.image_token_id) continue;
    LMC_CHECK(image < feed.images.size(), "more image tokens than features");
    const auto& made = static_cast<const DeviceFeatures&>(*feed.images[image]);
    const size_t at = row * static_cast<size_t>(made.hidden_size);
    token.merged_H = made.features.merged_MH.data() + at;
    for (const std::vector<float>& deepstack : made.features.deepstack_MH) {
      token.deepstack_H.push_back(deepstack.data() + at);
    }
    if (static_cast<int64_t>(++row) == made.num_tokens()) {
      ++image;
      row = 0;
    }
  }
  LMC_CHECK(image == feed.images.size() && row == 0, "features of ", feed.images.size(),
            " images, of which ", image, " have their tokens");
  return part;
}

infer::Logits DeviceEngine::forward(std::span<const infer::Feed> feeds) {
  LMC_CHECK(!feeds.empty());
  std::vector<Part> parts;
  const auto release = [&](const std::vector<PageId>& pages) {
    for (const PageId page : pages) pages_.release(page);
  };
  try {
    for (const infer::Feed& feed : feeds) {
      parts.push_back(part_of(feed));
      parts.back().pages = pages_with_room(sequences_.at(feed.sequence), std::ssize(feed.ids));
    }
    infer::Logits logits = run(feeds, parts);
    for (size_t i = 0; i < feeds.size(); ++i) {
      Sequence& sequence = sequences_.at(feeds[i].sequence);
      release(sequence.pages);
      sequence.pages = std::move(parts[i].pages);
      sequence.next_position.insert(sequence.next_position.end(), parts[i].next_position.begin(),
                                    parts[i].next_position.end());
    }
    return logits;
  } catch (...) {
    for (const Part& part : parts) release(part.pages);
    throw;
  }
}

infer::Logits DeviceEngine::run(std::span<const infer::Feed> feeds,
                                const std::vector<Part>& parts) {
  const int64_t hidden_size = model_.config().text.hidden_size;
  std::vector<size_t> first_rows;
  size_t num_rows = 0;
  for (const infer::Feed& feed : feeds) {
    first_rows.push_back(num_rows);
    num_rows += static_cast<size_t>(feed.num_logits);
  }
  std::vector<float> logits_RV(num_rows * static_cast<size_t>(info_.vocab_size));

  // Pieces of up to kStreamTokens, whichever feeds they belong to.
  std::vector<StreamToken> tokens;
  std::vector<StreamSegment> segments;
  std::vector<int64_t> wanted;  // rows of the piece
  size_t made_rows = 0;
  const auto run_piece = [&] {
    const std::span<const float> hidden_NH = language_.run(tokens, segments, pages_, tap_, probe_);
    std::vector<const float*> rows;
    for (const int64_t row : wanted) rows.push_back(hidden_NH.data() + row * hidden_size);
    language_.logits(rows, logits_RV.data() + made_rows * static_cast<size_t>(info_.vocab_size));
    made_rows += rows.size();
    tokens.clear();
    segments.clear();
    wanted.clear();
  };
  for (size_t i = 0; i < feeds.size(); ++i) {
    const Part& part = parts[i];
    const auto count = std::ssize(part.tokens);
    for (int64_t begin = 0; begin < count;) {
      const int64_t here = std::min(count - begin, kStreamTokens - std::ssize(tokens));
      segments.push_back({std::ssize(tokens), here, part.length + begin, part.pages});
      for (int64_t t = begin; t < begin + here; ++t) {
        if (t >= count - feeds[i].num_logits) wanted.push_back(std::ssize(tokens));
        tokens.push_back(part.tokens[static_cast<size_t>(t)]);
      }
      begin += here;
      if (std::ssize(tokens) == kStreamTokens) run_piece();
    }
  }
  if (!tokens.empty()) run_piece();
  return {std::move(logits_RV), info_.vocab_size, std::move(first_rows)};
}

}  // namespace lmc::runtime
