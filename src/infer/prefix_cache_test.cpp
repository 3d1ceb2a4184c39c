#include "infer/prefix_cache.h"

#include <gtest/gtest.h>

#include "base/check.h"  // InternalError
#include "support/scripted_engine.h"

namespace lmc::infer {
namespace {

constexpr int32_t kImage = 386;

std::shared_ptr<const image::PatchGrid> image_of(float value) {
  auto grid = std::make_shared<image::PatchGrid>();
  grid->grid_h = 2;
  grid->grid_w = 4;
  grid->values_per_patch = 1;
  grid->pixel_values_PF.assign(8, value);
  return grid;
}

// Two words, an image of two tokens, then `rest`.
Tokens tokens_of(float image, std::vector<int32_t> rest) {
  prompt::ModelInput prompt;
  prompt.ids = {1, 2, kImage, kImage};
  prompt.ids.insert(prompt.ids.end(), rest.begin(), rest.end());
  prompt.images = {image_of(image)};
  return {prompt.ids, image_spans(prompt, kImage)};
}

ScriptedEngine engine() {
  return {400, ScriptedEngine::Script(
                   [](const prompt::ModelInput&) { return std::vector<int32_t>{0}; })};
}

SequenceId holding(ScriptedEngine& engine, const Tokens& tokens) {
  const SequenceId sequence = engine.open();
  const Feed feed{sequence, tokens.ids, {}, {}, 0};
  engine.forward({&feed, 1});
  return sequence;
}

TEST(CommonPrefix, EndsBeforeAnotherImage) {
  const Tokens one = tokens_of(0.5F, {3, 4, 5});
  EXPECT_EQ(common_prefix(one, one), 7);
  EXPECT_EQ(common_prefix(one, tokens_of(0.5F, {3, 9})), 5);
  EXPECT_EQ(common_prefix(one, tokens_of(0.25F, {3, 4, 5})), 2);
  EXPECT_EQ(common_prefix(one, {{1, 2, 7}, {}}), 2);
  EXPECT_EQ(common_prefix(one, {{}, {}}), 0);
  // An image token without an image is a token.
  EXPECT_EQ(common_prefix({{kImage, 1}, {}}, {{kImage, 1}, {}}), 2);
}

TEST(CommonPrefix, AShorterImageIsAnother) {
  Tokens one = tokens_of(0.5F, {3});
  Tokens two = one;
  two.ids.insert(two.ids.begin() + 3, kImage);
  two.images[0].end = 5;
  EXPECT_EQ(common_prefix(one, two), 2);
}

TEST(ImageSpans, MustAgreeWithTheImages) {
  prompt::ModelInput prompt;
  prompt.ids = {kImage, 1, kImage};
  prompt.images = {image_of(1)};
  EXPECT_THROW(image_spans(prompt, kImage), InternalError);
  prompt.images.push_back(image_of(2));
  const std::vector<ImageSpan> spans = image_spans(prompt, kImage);
  EXPECT_EQ(spans[1].begin, 2);
  EXPECT_NE(spans[0].hash, spans[1].hash);
}

TEST(PrefixCache, FindsTheLongestAndForgetsTheLongestUnused) {
  ScriptedEngine model = engine();
  PrefixCache cache(model, 2, 100);
  const Tokens one = tokens_of(0.5F, {3, 4, 5}), two = tokens_of(0.5F, {6}),
               three = tokens_of(0.25F, {7});
  const SequenceId first = holding(model, one), second = holding(model, two);
  cache.keep(first, one);
  cache.keep(second, two);
  EXPECT_EQ(cache.num_tokens(), 12);
  EXPECT_EQ(cache.longest(tokens_of(0.5F, {6, 8})), (std::pair<SequenceId, int64_t>(second, 5)));
  EXPECT_EQ(cache.longest(tokens_of(0.5F, {3, 4})), (std::pair<SequenceId, int64_t>(first, 6)));
  // The second was used before the first, so it goes.
  cache.keep(holding(model, three), three);
  EXPECT_EQ(cache.longest(two), (std::pair<SequenceId, int64_t>(first, 4)));
  EXPECT_EQ(model.num_open(), 2U);
}

TEST(PrefixCache, KeepsNoPartOfWhatItKeeps) {
  ScriptedEngine model = engine();
  PrefixCache cache(model, 8, 100);
  const Tokens begun = tokens_of(0.5F, {3}), whole = tokens_of(0.5F, {3, 4});
  cache.keep(holding(model, begun), begun);
  cache.keep(holding(model, whole), whole);
  EXPECT_EQ(model.num_open(), 1U);
  EXPECT_EQ(cache.num_tokens(), 6);
  cache.clear();
  EXPECT_EQ(model.num_open(), 0U);
}

TEST(PrefixCache, KeepsNothingBeyondItsSize) {
  ScriptedEngine model = engine();
  PrefixCache cache(model, 8, 5);
  const Tokens tokens = tokens_of(0.5F, {3, 4});
  cache.keep(holding(model, tokens), tokens);
  EXPECT_EQ(model.num_open(), 0U);
  EXPECT_EQ(cache.longest(tokens).second, 0);
}

}  // namespace
}  // namespace lmc::infer
