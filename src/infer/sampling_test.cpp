#include "infer/sampling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "base/check.h"  // InputError
#include "base/json.h"   // read_json

namespace lmc::infer {
namespace {

SamplingOptions options_from(const Json& json) {
  SamplingOptions options;
  options.temperature = json.value("temperature", 0.0);
  options.top_k = json.value("top_k", int64_t{0});
  options.top_p = json.value("top_p", 1.0);
  options.min_p = json.value("min_p", 0.0);
  options.repetition_penalty = json.value("repetition_penalty", 1.0);
  options.presence_penalty = json.value("presence_penalty", 0.0);
  return options;
}

// Each step is one f32 operation a logit, the same one in the reference: equal to the bit.
TEST(Sampling, LogitsAreThoseOfTransformers) {
  const Json golden = read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/infer/sampling.json");
  ASSERT_GE(golden["cases"].size(), 20U);
  for (const Json& one : golden["cases"]) {
    const auto logits_V = one["logits"].get<std::vector<float>>();
    const auto prompt = one["prompt"].get<std::vector<int32_t>>();
    const auto reply = one["reply"].get<std::vector<int32_t>>();
    const std::vector<float> processed_V =
        processed_logits(logits_V, options_from(one["options"]), prompt, reply);
    ASSERT_EQ(processed_V.size(), one["processed"].size());
    for (size_t i = 0; i < processed_V.size(); ++i) {
      const Json& expected = one["processed"][i];
      EXPECT_EQ(processed_V[i], expected.is_null() ? -std::numeric_limits<float>::infinity()
                                                   : expected.get<float>())
          << one["options"] << " token " << i;
    }
  }
}

TEST(Sampling, GreedyTakesTheFirstOfTheLargest) {
  Random random(1);
  const std::vector<float> logits_V = {0.5F, 2.0F, -1.0F, 2.0F};
  EXPECT_EQ(sample_token(logits_V, {}, {}, {}, random), 1);
  const std::vector<int32_t> reply = {1};
  SamplingOptions options;
  options.presence_penalty = 0.5;
  EXPECT_EQ(sample_token(logits_V, options, {}, reply, random), 3);
}

TEST(Sampling, LogitsThatAreNoNumbersAreOurBug) {
  Random random(1);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> none = {nan, nan};
  EXPECT_THROW(sample_token(none, {}, {}, {}, random), InternalError);
  SamplingOptions options;
  options.temperature = 1;
  const std::vector<float> some = {nan, 1.0F};
  EXPECT_THROW(sample_token(some, options, {}, {}, random), InternalError);
}

// 20,000 draws: the standard error of a frequency p is sqrt(p (1 - p) / n) <= 0.0036; five of them
// leave a chance of one in a million, and the seed is fixed.
TEST(Sampling, DrawsFollowTheProbabilities) {
  const std::vector<double> wanted = {0.1, 0.5, 0.15, 0.25};
  std::vector<float> logits_V;
  for (const double p : wanted) logits_V.push_back(static_cast<float>(std::log(p)) + 3.0F);
  SamplingOptions options;
  options.temperature = 1;
  Random random(7);
  constexpr int kDraws = 20000;
  std::map<int32_t, int> counts;
  for (int i = 0; i < kDraws; ++i) ++counts[sample_token(logits_V, options, {}, {}, random)];
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(counts[static_cast<int32_t>(i)] / double{kDraws}, wanted[i], 5 * 0.0036) << i;
  }
}

TEST(Sampling, RemovedTokensAreNeverDrawn) {
  SamplingOptions options;
  options.temperature = 5;
  options.top_k = 2;
  const std::vector<float> logits_V = {0.0F, 1.0F, 0.5F, 0.9F};
  Random random(3);
  for (int i = 0; i < 500; ++i) {
    EXPECT_THAT(sample_token(logits_V, options, {}, {}, random), testing::AnyOf(1, 3));
  }
}

TEST(Sampling, OptionsOutOfRangeAreErrors) {
  const auto error_of = [](auto change) -> std::string {
    SamplingOptions options;
    change(options);
    try {
      check_sampling(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  using testing::HasSubstr;
  EXPECT_EQ(error_of([](auto&) {}), "");
  EXPECT_THAT(error_of([](auto& o) { o.max_new_tokens = 0; }), HasSubstr("--max-new-tokens"));
  EXPECT_THAT(error_of([](auto& o) { o.temperature = -1; }), HasSubstr("--temperature"));
  EXPECT_THAT(error_of([](auto& o) { o.temperature = std::nan(""); }), HasSubstr("--temperature"));
  EXPECT_THAT(error_of([](auto& o) { o.top_k = -1; }), HasSubstr("--top-k"));
  EXPECT_THAT(error_of([](auto& o) { o.top_p = 0; }), HasSubstr("--top-p"));
  EXPECT_THAT(error_of([](auto& o) { o.min_p = 1.1; }), HasSubstr("--min-p"));
  EXPECT_THAT(error_of([](auto& o) { o.repetition_penalty = 0; }),
              HasSubstr("--repetition-penalty"));
  EXPECT_THAT(error_of([](auto& o) { o.stop = {""}; }), HasSubstr("--stop"));
}

}  // namespace
}  // namespace lmc::infer
