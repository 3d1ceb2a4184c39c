// The engine against transformers, and against itself: the same sequence in pieces, forked, alone
// and beside others.
#include "model/torch_engine.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <vector>

#include "base/check.h"  // Error classes
#include "model/parity_fixture.h"

namespace lmc::model {
namespace {

using infer::Feed;
using infer::SequenceId;
using infer::SharedFeatures;

class TorchEngineTest : public Parity {
 protected:
  TorchEngineTest() : engine_(load()), prompt_(input(batch().ids_N.size(0))) {
    std::vector<const image::PatchGrid*> images;
    for (const auto& image : prompt_.images) images.push_back(image.get());
    features_ = engine_.encode(images);
  }

  int64_t length() const { return std::ssize(prompt_.ids); }

  // Where the prompt may be cut: not inside an image.
  bool may_cut(int64_t at) const {
    if (at <= 0 || at >= length()) return true;
    const auto is_image = [&](int64_t i) {
      return prompt_.ids[static_cast<size_t>(i)] == engine_.info().image_token_id;
    };
    return !(is_image(at - 1) && is_image(at));
  }

  // Tokens [begin, end) of the prompt, with the images that stand there.
  Feed feed(SequenceId sequence, int64_t begin, int64_t end, int64_t num_logits) const {
    Feed made;
    made.sequence = sequence;
    const auto from = static_cast<size_t>(begin), count = static_cast<size_t>(end - begin);
    made.ids = std::span(prompt_.ids).subspan(from, count);
    for (size_t axis = 0; axis < 3; ++axis) {
      made.positions[axis] = std::span(prompt_.positions[axis]).subspan(from, count);
    }
    size_t first = 0, images = 0, seen = 0;
    for (int64_t i = 0; i < end; ++i) {
      const bool starts =
          prompt_.ids[static_cast<size_t>(i)] == engine_.info().image_token_id &&
          (i == 0 || prompt_.ids[static_cast<size_t>(i - 1)] != engine_.info().image_token_id);
      if (!starts) continue;
      if (i < begin) first = seen + 1;
      if (i >= begin) ++images;
      ++seen;
    }
    made.images = std::span(features_).subspan(first, images);
    made.num_logits = num_logits;
    return made;
  }

  std::vector<float> logits_after(SequenceId sequence, int64_t begin, int64_t end) {
    const std::vector<Feed> feeds = {feed(sequence, begin, end, 1)};
    const infer::Logits logits = engine_.forward(feeds);
    return {logits.of(0).begin(), logits.of(0).end()};
  }

  double difference(std::span<const float> expected, std::span<const float> found) const {
    const auto tensor = [](std::span<const float> x) {
      return at::from_blob(const_cast<float*>(x.data()), {std::ssize(x)}, torch::kFloat32);
    };
    return relative_rms(tensor(expected), tensor(found));
  }

  void expect_same(std::span<const float> expected, std::span<const float> found,
                   const std::string& what) const {
    if (engine_.info().is_batch_invariant) {
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), found.begin(), found.end())) << what;
    } else {
      EXPECT_LE(difference(expected, found), kTolerance) << what;
    }
  }

  TorchEngine engine_;
  prompt::ModelInput prompt_;
  std::vector<SharedFeatures> features_;
};

TEST_P(TorchEngineTest, LogitsOfEveryTokenAreThoseOfTransformers) {
  const auto expected_NV = read(golden_, "logits").squeeze(0).to(torch::kCPU).contiguous();
  const auto expected = [&](int64_t token) {
    return std::span(expected_NV.const_data_ptr<float>() + token * expected_NV.size(1),
                     static_cast<size_t>(expected_NV.size(1)));
  };
  const std::vector<Feed> whole = {feed(engine_.open(), 0, length(), length())};
  const infer::Logits all = engine_.forward(whole);
  for (int64_t i = 0; i < length(); ++i) {
    EXPECT_LE(difference(expected(i), all.of(0, i)), kTolerance) << "token " << i;
  }
  // Token by token at the end, without saying positions.
  const SequenceId sequence = engine_.open();
  logits_after(sequence, 0, length() - 4);
  for (int64_t i = length() - 4; i < length(); ++i) {
    Feed one = feed(sequence, i, i + 1, 1);
    one.positions = {};
    const infer::Logits logits = engine_.forward({&one, 1});
    EXPECT_LE(difference(expected(i), logits.of(0)), kTolerance) << "token " << i;
  }
}

TEST_P(TorchEngineTest, PiecesForksAndNeighboursChangeNothing) {
  const std::vector<float> whole = logits_after(engine_.open(), 0, length());
  for (int64_t cut = 1; cut < length(); ++cut) {
    if (!may_cut(cut)) continue;
    const SequenceId sequence = engine_.open();
    const std::vector<Feed> first = {feed(sequence, 0, cut, 0)};
    engine_.forward(first);
    const SequenceId fork = engine_.fork(sequence, cut);
    expect_same(whole, logits_after(sequence, cut, length()), cat("cut at ", cut));
    // The original has grown since; the fork has not.
    EXPECT_EQ(engine_.length(fork), cut);
    expect_same(whole, logits_after(fork, cut, length()), cat("a fork at ", cut));
    engine_.truncate(fork, cut);
    expect_same(whole, logits_after(fork, cut, length()), cat("cut back to ", cut));
    engine_.close(sequence);
    engine_.close(fork);
  }
  // Beside a text and beside one that is longer by some tokens.
  const std::vector<int32_t> text = {3, 4, 5, 6, 7};
  for (int64_t neighbours = 1; neighbours < 4; ++neighbours) {
    std::vector<Feed> feeds;
    for (int64_t i = 0; i < neighbours; ++i) {
      feeds.push_back(
          {engine_.open(), std::span(text).first(static_cast<size_t>(i + 1)), {}, {}, 1});
    }
    feeds.push_back(feed(engine_.open(), 0, length(), 1));
    const infer::Logits logits = engine_.forward(feeds);
    expect_same(whole, logits.of(feeds.size() - 1), cat("beside ", neighbours));
  }
}

TEST_P(TorchEngineTest, AFailedPassLeavesSequencesAsTheyWere) {
  const SequenceId sequence = engine_.open();
  const std::vector<Feed> first = {feed(sequence, 0, length() - 2, 0)};
  engine_.forward(first);
  Feed bad = feed(sequence, length() - 2, length(), 1);
  bad.images = features_;  // their tokens stand elsewhere
  EXPECT_ANY_THROW(engine_.forward({&bad, 1}));
  EXPECT_EQ(engine_.length(sequence), length() - 2);
  const std::vector<float> whole = logits_after(engine_.open(), 0, length());
  expect_same(whole, logits_after(sequence, length() - 2, length()), "after a failed pass");
}

INSTANTIATE_TEST_SUITE_P(Cases, TorchEngineTest,
                         ::testing::Values("wide_query", "untied", "odd_tower", "merge_three"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace lmc::model
