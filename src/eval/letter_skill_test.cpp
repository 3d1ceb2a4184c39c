#include "eval/letter_skill.h"

#include <gtest/gtest.h>

namespace lmc::eval {
namespace {

// Quotients of counts, the balanced one a mean of four: a few roundings.
TEST(LetterSkill, IsThatOfScikitLearn) {
  const Json golden = read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/statistics.json");
  for (const Json& one : golden["letters"]) {
    std::map<char, record::Proportion> by_gold;
    for (const auto& [letter, counts] : one["by_gold"].items()) {
      by_gold[letter[0]] = {counts[0], counts[1], 0, {}};
    }
    const LetterSkill found = letter_skill(by_gold);
    EXPECT_NEAR(found.accuracy, one["accuracy"].get<double>(), 1e-15) << one;
    EXPECT_NEAR(found.balanced_accuracy, one["balanced"].get<double>(), 1e-15) << one;
    EXPECT_NEAR(found.prior, one["prior"].get<double>(), 1e-15) << one;
    ASSERT_EQ(found.above_prior.has_value(), !one["above_prior"].is_null()) << one;
    if (found.above_prior) {
      // 1 - prior is at least 0.09 here, so that roundings of the difference grow up to elevenfold.
      EXPECT_NEAR(*found.above_prior, one["above_prior"].get<double>(), 1e-14) << one;
    }
  }
}

TEST(LetterSkill, OfNothing) {
  EXPECT_EQ(letter_skill({}).accuracy, 0);
  EXPECT_FALSE(letter_skill({}).above_prior);
  EXPECT_FALSE(letter_skill({{'A', {}}}).above_prior);
}

}  // namespace
}  // namespace lmc::eval
