#include "eval/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"  // InputError, cat
#include "base/files.h"  // write_file

namespace lmc::eval {
namespace {

using testing::HasSubstr;
using testing::Not;

// Four accepted, four rejected by two rules.
record::ReviewKey key() {
  record::ReviewKey key;
  key.sheet = "5e0f1c2a9b34";
  for (int i = 1; i <= 8; ++i) {
    const bool accepted = i <= 4;
    key.items.push_back({i, cat("q", i), accepted,
                         accepted ? ""
                         : i <= 6 ? "gold-leak"
                                  : "cites-caption",
                         "A", "A", "ABCD"});
  }
  return key;
}

record::Ratings ratings(const std::string& rater, const std::vector<std::string>& acceptable,
                        const std::vector<std::string>& findings = {},
                        const std::string& letters = "") {
  record::Ratings all{rater, {}};
  for (size_t i = 0; i < acceptable.size(); ++i) {
    record::Rating one;
    one.item = static_cast<int64_t>(i) + 1;
    one.acceptable = acceptable[i];
    if (i < findings.size()) one.findings = findings[i];
    if (i < letters.size()) one.answer = letters.substr(i, 1);
    all.items.push_back(one);
  }
  return all;
}

const PairAgreement& pair_of(const Review& review, const std::string& question) {
  for (const PairAgreement& pair : review.pairs) {
    if (pair.question == question) return pair;
  }
  throw InternalError(question);
}

TEST(Review, RatersWithEachOther) {
  const Review found =
      review(key(), {ratings("AB", {"yes", "yes", "yes", "no", "no", "no", "yes", "no"},
                             {"yes", "partly", "no", "cannot tell", "yes", "yes", "no", ""}),
                     ratings("CD", {"yes", "yes", "no", "no", "no", "no", "yes", ""},
                             {"yes", "yes", "no", "no", "yes", "partly", "no", "no"})});
  // acceptable, items 1 to 7: 6 of 7 the same. Chance: AB says yes 4 of 7, CD 3 of 7, so
  // (4*3 + 3*4) / 49 = 24/49 and kappa = (42/49 - 24/49) / (25/49) = 18/25.
  const PairAgreement& acceptable = pair_of(found, "acceptable");
  EXPECT_EQ(acceptable.items, 7);
  EXPECT_DOUBLE_EQ(*acceptable.same, 6.0 / 7);
  EXPECT_NEAR(*acceptable.kappa, 18.0 / 25, 1e-15);
  // findings: 7 items, of which one rater cannot tell one. The six pairs on the scale no = 0,
  // partly = 1, yes = 2: 22 12 00 22 21 00; squares of the distances sum to 2; expected from the
  // margins (first: 2 no, 1 partly, 3 yes; second: 2 no, 1 partly, 3 yes), over 36 combinations:
  // 2*(2*3*4 + 2*1*1 + 1*3*1) = 58. kappa = 1 - 2 * 6 / 58.
  const PairAgreement& findings = pair_of(found, "findings");
  EXPECT_EQ(findings.items, 7);
  EXPECT_EQ(findings.ordinal_items, 6);
  EXPECT_NEAR(*findings.ordinal_kappa, 1 - 12.0 / 58, 1e-15);
  EXPECT_EQ(pair_of(found, "leads").items, 0);
  EXPECT_FALSE(pair_of(found, "leads").kappa);
  EXPECT_TRUE(found.groups.empty());
}

TEST(Review, ThreeRatersAndUndefinedMetrics) {
  const std::vector<std::string> always(8, "yes");
  const Review found =
      review(key(), {ratings("AB", always), ratings("CD", always), ratings("EF", always)});
  EXPECT_EQ(found.pairs.size(), 12U);  // three pairs, four questions
  ASSERT_EQ(found.groups.size(), 4U);
  EXPECT_EQ(found.groups[2].question, "acceptable");
  EXPECT_EQ(found.groups[2].items, 8);
  EXPECT_FALSE(found.groups[2].kappa);
  const std::string text = review_text(found);
  EXPECT_THAT(text, HasSubstr("undefined"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
  EXPECT_THAT(to_text(to_json(found)), HasSubstr("\"kappa\":null"));
}

TEST(Review, TheChecksTheRulesAndTheGoldAnswers) {
  const Review found = review(
      key(), {ratings("AB", {"yes", "yes", "yes", "no", "no", "yes", "yes", "no"}, {}, "AAABACDA"),
              ratings("CD", {"", "", "", "", "no", "no", "yes", "yes"})});
  const CheckAgreement& check = found.checks[0];
  EXPECT_EQ(check.items, 8);
  EXPECT_EQ(check.sensitivity.correct, 3);  // of 5 acceptable ones
  EXPECT_EQ(check.sensitivity.total, 5);
  EXPECT_EQ(check.specificity.correct, 2);
  EXPECT_EQ(check.specificity.total, 3);
  EXPECT_EQ(check.accepted_rightly.correct, 3);
  EXPECT_EQ(check.accepted_rightly.total, 4);
  EXPECT_EQ(check.rejected_rightly.correct, 2);
  EXPECT_EQ(check.rejected_rightly.total, 4);
  // 5 of 8 the same; chance (5*4 + 3*4) / 64 = 1/2.
  EXPECT_NEAR(*check.kappa, 0.25, 1e-15);
  // Wilson for 3 of 5, from scipy.stats.binomtest(3, 5).proportion_ci(0.95, "wilson").
  EXPECT_NEAR(check.sensitivity.interval_95[0], 0.2307, 5e-5);
  EXPECT_NEAR(check.sensitivity.interval_95[1], 0.8824, 5e-5);

  ASSERT_EQ(found.rules.size(), 2U);
  EXPECT_EQ(found.rules[0].rule, "cites-caption");  // items 7 (yes, yes) and 8 (no, yes)
  EXPECT_EQ(found.rules[0].items, 2);
  EXPECT_EQ(found.rules[0].ratings, 4);
  EXPECT_EQ(found.rules[0].acceptable, 3);
  EXPECT_EQ(found.rules[0].by_majority, 1);
  EXPECT_EQ(found.rules[1].acceptable, 1);  // item 6 (yes, no)
  EXPECT_EQ(found.rules[1].by_majority, 0);

  EXPECT_EQ(found.answers[0].gold.correct, 5);
  EXPECT_EQ(found.answers[0].gold.total, 8);
  EXPECT_EQ(found.answers[1].gold.total, 0);
  const std::string text = review_text(found);
  EXPECT_THAT(text, HasSubstr("5 of 8, 62.5 %"));
  EXPECT_THAT(text,
              HasSubstr("\n  rule           items  ratings  would accept  items by majority\n"
                        "  cites-caption      2        4             3                  1\n"));
  EXPECT_THAT(text, HasSubstr("sheet 5e0f1c2a9b34, 8 explanations\n  AB: 8 rated\n"));
}

TEST(Review, ReadsFilesAndTellsFaults) {
  const std::string folder = testing::TempDir();
  const std::string key_file = folder + "review.key.json";
  const std::string ratings_file = folder + "ratings-AB.json";
  write_file(key_file, to_pretty_text(record::to_json(key())));
  write_file(ratings_file, R"({"sheet": "5e0f1c2a9b34", "rater": "AB", "items": [
    {"item": 1, "acceptable": "yes"}, {"item": 99, "acceptable": "yes"}]})");
  const Review found = read_review(key_file, {ratings_file});
  ASSERT_EQ(found.faults.size(), 1U);
  EXPECT_THAT(review_text(found), HasSubstr("left out, 1:\n  " + ratings_file + ", item 99: "));
  EXPECT_THROW(read_review(key_file, {ratings_file, ratings_file}), InputError);
}

}  // namespace
}  // namespace lmc::eval
