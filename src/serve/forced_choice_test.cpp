#include "serve/forced_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "serve/api_error.h"  // ApiError
#include "support/scripted_engine.h"

namespace lmc::serve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Json schema_of(const Json& properties) {
  return {{"response_format",
           {{"type", "json_schema"},
            {"json_schema",
             {{"name", "answer"},
              {"strict", true},
              {"schema",
               {{"type", "object"},
                {"properties", properties},
                {"required", {"letter"}},
                {"additionalProperties", false}}}}}}}};
}

TEST(ForcedChoice, ReadsWhatClientsSend) {
  EXPECT_THAT(read_choices(Json::object()), IsEmpty());
  EXPECT_THAT(read_choices({{"response_format", {{"type", "text"}}}}), IsEmpty());
  EXPECT_THAT(read_choices({{"structured_outputs", nullptr}, {"guided_choice", Json::array()}}),
              IsEmpty());
  EXPECT_THAT(read_choices({{"structured_outputs", {{"choice", {"A", "B"}}, {"regex", nullptr}}}}),
              ElementsAre("A", "B"));
  EXPECT_THAT(read_choices({{"guided_choice", {"yes", "no"}}}), ElementsAre("yes", "no"));
  EXPECT_THAT(read_choices(schema_of({{"letter", {{"type", "string"}, {"enum", {"A", "\"B\""}}}}})),
              ElementsAre(R"({"letter": "A"})", R"({"letter": "\"B\""})"));
}

TEST(ForcedChoice, RefusesOtherConstraintsByName) {
  const std::pair<const char*, Json> cases[] = {
      {"structured_outputs", {{"structured_outputs", {{"regex", "[AB]"}}}}},
      {"structured_outputs", {{"structured_outputs", {{"choice", {"A"}}, {"json", "{}"}}}}},
      {"structured_outputs", {{"structured_outputs", {{"choice", {"A", 1}}}}}},
      {"structured_outputs", {{"structured_outputs", "A"}}},
      {"guided_choice", {{"guided_choice", {""}}}},
      {"guided_choice", {{"guided_choice", std::vector<std::string>(65, "x")}}},
      {"guided_choice", {{"structured_outputs", {{"choice", {"A"}}}}, {"guided_choice", {"A"}}}},
      {"response_format", {{"response_format", {{"type", "json_object"}}}}},
      {"response_format", {{"response_format", "json"}}},
      {"response_format",
       {{"response_format", {{"type", "json_schema"}, {"json_schema", {{"name", "x"}}}}}}},
      {"response_format", schema_of({{"letter", {{"type", "string"}}}})},
      {"response_format", schema_of({{"letter", {{"enum", {"A"}}}}, {"why", {{"enum", {"x"}}}}})},
      {"response_format", schema_of({{"letter", {{"enum", {"A"}}, {"maxLength", 1}}}})},
  };
  for (const auto& [param, request] : cases) {
    try {
      read_choices(request);
      FAIL() << request;
    } catch (const ApiError& error) {
      EXPECT_EQ(error.param, param) << request;
      EXPECT_EQ(error.status, 400);
    }
  }
}

TEST(ForcedChoice, DrawsInProportion) {
  const std::vector<double> log_probabilities = {std::log(0.2), std::log(0.5), std::log(0.3)};
  Random random(1);
  EXPECT_EQ(draw_choice(log_probabilities, 0, random), 1u);
  constexpr int kDraws = 20'000;
  // At temperature 1/2 the probabilities are squared: 4, 25 and 9 of 38.
  for (const auto& [temperature, expected] :
       {std::pair{1.0, std::vector{0.2, 0.5, 0.3}}, {0.5, {4 / 38.0, 25 / 38.0, 9 / 38.0}}}) {
    std::vector<int> counts(3);
    for (int i = 0; i < kDraws; ++i) ++counts[draw_choice(log_probabilities, temperature, random)];
    for (size_t i = 0; i < 3; ++i) {
      // Five standard deviations of a share.
      const double off = 5 * std::sqrt(expected[i] * (1 - expected[i]) / kDraws);
      EXPECT_NEAR(counts[i] / double{kDraws}, expected[i], off) << temperature << " " << i;
    }
  }
}

TEST(ForcedChoice, CountsTheEndToo) {
  const auto tokenizer =
      text::Tokenizer::load(std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt/model");
  const std::vector<int32_t> end_ids = {tokenizer.id_of("<|im_end|>").value()};
  infer::SamplingOptions sampling;
  sampling.top_log_probs = 0;
  const ForcedChoice choice({"a", "a b"}, tokenizer, end_ids, sampling, {0, 1});
  ASSERT_EQ(choice.continuations().size(), 2u);
  // "a" is the likelier beginning, but it would go on; "a b" ends.
  std::vector<infer::Score> scores(2);
  scores[0] = {{-0.1}, infer::logits_of(tokenizer.size(), tokenizer.encode(" b").front())};
  scores[1] = {std::vector<double>(choice.continuations()[1].size(), -1.0),
               infer::logits_of(tokenizer.size(), end_ids[0])};
  const std::vector<infer::Reply> replies = choice.replies(scores);
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].text, "a b");
  EXPECT_EQ(replies[0].log_probs.size(), replies[0].ids.size());
  EXPECT_EQ(replies[0].log_probs[0].drawn.log_prob, -1.0);
}

}  // namespace
}  // namespace lmc::serve
