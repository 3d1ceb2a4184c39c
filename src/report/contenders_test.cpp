#include "report/contenders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"   // InputError, cat
#include "report/look.h"  // summarise_looks
#include "report/sections.h"
#include "report/standing_chart.h"

namespace lmc::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

record::Result run(const std::string& name, int64_t right, int64_t total) {
  record::Result one;
  one.name = name;
  one.overall = record::proportion_of(right, total);
  one.best_letter_accuracy = 0.3;
  return one;
}

record::PairComparison pair(const std::string& first, const std::string& second, int64_t only_first,
                            int64_t only_second, int64_t total, double holm_p,
                            std::array<double, 2> interval) {
  record::PairComparison one;
  one.first = first;
  one.second = second;
  one.only_first_right = only_first;
  one.only_second_right = only_second;
  one.both_wrong = total - only_first - only_second;
  one.p_value = holm_p / 3;
  one.holm_p = holm_p;
  one.difference_interval_95 = interval;
  return one;
}

NamedManifest manifest(const std::string& adapter) {
  return {"run", "", record::Manifest{"evaluate", {{"adapter", adapter}}}};
}

// Zero-shot 40, answers 50, distilled 70 and teacher 90 of 100; single: 8 of 10 other questions.
ReportData study() {
  ReportData data;
  data.comparison.runs = {run("zero-shot", 40, 100), run("teacher", 90, 100),
                          run("answers", 50, 100), run("distilled", 70, 100), run("single", 8, 10)};
  data.comparison.pairs = {pair("zero-shot", "teacher", 5, 55, 100, 1e-9, {-0.6, -0.4}),
                           pair("zero-shot", "answers", 10, 20, 100, 0.3, {-0.21, 0.01}),
                           pair("zero-shot", "distilled", 5, 35, 100, 1e-5, {-0.4, -0.2}),
                           pair("teacher", "answers", 45, 5, 100, 1e-8, {0.3, 0.5}),
                           pair("teacher", "distilled", 25, 5, 100, 1e-3, {0.1, 0.3}),
                           pair("answers", "distilled", 10, 30, 100, 0.0125, {-0.32, -0.08})};
  data.manifests = {manifest(""), manifest(""), manifest("a/answers"), manifest("a/distilled"),
                    manifest("")};
  data.manifests.push_back({"train: answers", "a/answers/manifest.json",
                            record::Manifest{"train", {{"target", "answer"}}}});
  data.manifests.push_back({"train: distilled", "a/distilled/manifest.json",
                            record::Manifest{"train", {{"target", "reasoning-answer"}}}});
  return data;
}

std::vector<std::string> names_of(const QuestionSet& set) {
  std::vector<std::string> names;
  for (const Contender& one : set.contenders) names.push_back(one.name);
  return names;
}

TEST(Contenders, AreRankedAmongTheSameQuestionsAlone) {
  const ReportData data = study();
  const auto sets = question_sets(data.comparison, data.manifests, "");
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_THAT(names_of(sets[0]), ElementsAre("teacher", "distilled", "answers", "zero-shot"));
  EXPECT_THAT(names_of(sets[1]), ElementsAre("single"));
  EXPECT_EQ(sets[0].contenders[sets[0].reference].name, "answers") << "the control";
  EXPECT_EQ(sets[0].contenders[sets[0].subject].name, "distilled") << "the best that was trained";
  const auto other = question_sets(data.comparison, data.manifests, "zero-shot");
  EXPECT_EQ(other[0].contenders[other[0].reference].name, "zero-shot");
  const auto turned = question_sets(data.comparison, data.manifests, "single");
  EXPECT_THAT(names_of(turned[0]), ElementsAre("single")) << "the reference's set is the first";
  EXPECT_THROW(question_sets(data.comparison, data.manifests, "nobody"), InputError);
  const auto untrained = question_sets(data.comparison, {}, "");
  EXPECT_EQ(untrained[0].contenders[untrained[0].reference].name, "zero-shot") << "the first run";
  EXPECT_EQ(untrained[0].contenders[untrained[0].subject].name, "teacher");
  EXPECT_TRUE(question_sets({}, {}, "").empty());
}

TEST(Contenders, ADifferenceCountsWhenTestAndIntervalShowIt) {
  const ReportData data = study();
  const auto all = contenders_of(data.comparison, data.manifests);
  const auto of = [&](size_t first, size_t second) {
    return *standing_of(data.comparison, all[first], all[second]);
  };
  EXPECT_EQ(of(3, 2).verdict, Verdict::kAhead);
  EXPECT_NEAR(of(3, 2).difference, 0.2, 1e-15);
  EXPECT_THAT(*of(3, 2).interval_95, ElementsAre(0.08, 0.32)) << "turned with the pair";
  EXPECT_EQ(of(2, 3).verdict, Verdict::kBehind);
  EXPECT_EQ(of(2, 0).verdict, Verdict::kNotShown);
  EXPECT_FALSE(standing_of(data.comparison, all[0], all[4])) << "no common question";

  // A small p whose interval holds zero, and an interval without zero whose Holm p is large.
  record::Comparison both = data.comparison;
  both.pairs[5].difference_interval_95 = {{-0.3, 0.01}};
  EXPECT_EQ(standing_of(both, all[3], all[2])->verdict, Verdict::kNotShown);
  both.pairs[5].difference_interval_95 = {{-0.32, -0.08}};
  both.pairs[5].holm_p = 0.06;
  EXPECT_EQ(standing_of(both, all[3], all[2])->verdict, Verdict::kNotShown);
}

// Two seeds of the distilled arm.
ReportData seeds(std::array<double, 2> over_questions, std::array<double, 2> over_seeds) {
  ReportData data;
  data.comparison.runs = {run("answers", 50, 100), run("d1", 60, 100), run("d2", 70, 100)};
  data.comparison.pairs = {pair("answers", "d1", 10, 20, 100, 0.2, {-0.2, 0.0}),
                           pair("answers", "d2", 5, 25, 100, 0.001, {-0.3, -0.1}),
                           pair("d1", "d2", 10, 20, 100, 0.3, {-0.2, 0.02})};
  record::SeedArm arm;
  arm.name = "distilled";
  arm.runs = {"d1", "d2"};
  arm.accuracies = {0.6, 0.7};
  arm.mean = 0.65;
  arm.standard_deviation = 0.0707;
  arm.range = {0.6, 0.7};
  arm.seed_interval_95 = {0.01, 1.29};
  arm.question_interval_95 = {{0.56, 0.74}};
  arm.questions = 100;
  data.comparison.seed_arms = {arm};
  data.comparison.arm_pairs = {{"answers", "distilled", 100, -0.15, over_seeds, over_questions}};
  return data;
}

TEST(Contenders, SeedsOfAnArmAreOne) {
  const ReportData data = seeds({-0.24, -0.06}, {-0.25, -0.05});
  const auto all = contenders_of(data.comparison, {});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_THAT(all[1].runs, ElementsAre(1, 2));
  EXPECT_EQ(all[1].accuracy, 0.65);
  EXPECT_EQ(standing_of(data.comparison, all[1], all[0])->verdict, Verdict::kAhead);
  const ReportData varied = seeds({-0.24, -0.06}, {-0.79, 0.49});
  const auto same = contenders_of(varied.comparison, {});
  EXPECT_EQ(standing_of(varied.comparison, same[1], same[0])->verdict, Verdict::kNotShown)
      << "another seed might not show it";
  const std::string html =
      standing_html(data.comparison, question_sets(data.comparison, {}, "")[0]);
  EXPECT_THAT(html, HasSubstr("mean of 2 seeds, 60.0 to 70.0 %, deviation 7.1"));
  EXPECT_THAT(html, HasSubstr("ahead: +15.0 points (+6.0 to +24.0), over seeds +5.0 to +25.0"));
  EXPECT_THAT(html, HasSubstr("<circle class=\"seed\" cx=\"60.00%\""));
  EXPECT_THAT(html, HasSubstr("<circle class=\"dot\" cx=\"65.00%\""));
}

TEST(Findings, LeadWithTheSubjectAndItsControl) {
  const std::string body = findings_section(study()).body;
  EXPECT_THAT(body,
              HasSubstr("<p class=\"headline\">distilled is right in 70.0 % of 100 questions, "
                        "20.0 points more than answers</p>"));
  EXPECT_THAT(body,
              HasSubstr("Difference with its 95 % interval by image group: +20.0 points (+8.0 to "
                        "+32.0). Exact McNemar p = 0.004, adjusted for all 6 pairs "
                        "(Holm) 0.013."));
  EXPECT_THAT(body, HasSubstr("no difference shown: -10.0 points (-21.0 to +1.0)"));
  EXPECT_THAT(body, HasSubstr("On 10 other questions: 1 run"));
  EXPECT_THAT(body, HasSubstr("Not measured."));
  EXPECT_THAT(body, HasSubstr("100 questions"));
  EXPECT_LT(body.find("headline"), body.find("class=\"standing\""));
}

TEST(Findings, SayNothingThatIsNotShown) {
  ReportData data = study();
  data.reference = "zero-shot";
  data.comparison.pairs[2] = pair("zero-shot", "distilled", 20, 24, 100, 1, {-0.1, 0.03});
  const std::string body = findings_section(data).body;
  EXPECT_THAT(body, HasSubstr("No difference is shown between distilled (70.0 %) and zero-shot"));
  EXPECT_THAT(body, Not(HasSubstr("more than")));
  data.comparison.pairs[2].equivalence_p = 0.2;
  EXPECT_THAT(findings_section(data).body, HasSubstr("That they are alike is not shown either."));
  data.comparison.pairs[2].equivalence_p = 0.01;
  EXPECT_THAT(findings_section(data).body, HasSubstr("alike within 2 points is shown (p = 0.010"));
}

TEST(Findings, OfOneRunAreMeasuredByTheLetters) {
  ReportData data;
  data.comparison.runs = {run("only", 60, 100)};
  EXPECT_THAT(findings_section(data).body, HasSubstr("only is right in 60.0 % of 100 questions"));
  EXPECT_THAT(findings_section(data).body, HasSubstr("the interval lies above that"));
  data.comparison.runs[0].overall = record::proportion_of(33, 100);
  EXPECT_THAT(findings_section(data).body, HasSubstr("no skill beyond that is shown"));
  data.comparison.runs[0].overall = record::proportion_of(10, 100);
  EXPECT_THAT(findings_section(data).body, HasSubstr("the interval lies below that"));
}

TEST(Findings, OfSeedsNameBothIntervals) {
  const std::string body = findings_section(seeds({-0.24, -0.06}, {-0.79, 0.49})).body;
  EXPECT_THAT(body, HasSubstr("No difference is shown between distilled (65.0 %) and answers"));
  EXPECT_THAT(body, HasSubstr("both must leave zero out"));
  EXPECT_THAT(body, Not(HasSubstr("McNemar")));
}

TEST(Findings, ConfidenceIsCheckedAgainstWhatIsRight) {
  ReportData data;
  data.comparison.runs = {run("only", 60, 100)};
  record::Confidence confidence;
  confidence.answers = 100;
  confidence.mean_confidence = 0.9;
  confidence.ece = 0.3;
  confidence.table = {{0.5, 0.8, 40, 0.75, 0.5, {}}, {0.8, 1, 60, 1, 40.0 / 60, {}}};
  confidence.promises = {{0.1, std::nullopt, 0},
                         {0.2, record::CoveragePoint{0.8, 0.25, 0.1}, 0.19}};
  data.comparison.runs[0].confidence = confidence;
  const auto body = [&] { return findings_section(data).body; };
  EXPECT_THAT(body(), HasSubstr("only is surer than it is right: confidence 90.0 %, right 60.0 %"));
  EXPECT_THAT(body(), HasSubstr("expected calibration error 0.300"));
  EXPECT_THAT(body(), HasSubstr("a confidence of 0.80 or more leaves 25.0 % answered"));
  data.comparison.runs[0].confidence->mean_confidence = 0.62;
  EXPECT_THAT(body(), HasSubstr("about as sure as it is right"));
  data.comparison.runs[0].confidence->mean_confidence = 0.3;
  EXPECT_THAT(body(), HasSubstr("less sure than it is right"));
  data.comparison.runs[0].confidence->promises = {{0.1, std::nullopt, 0}};
  EXPECT_THAT(body(), HasSubstr("No threshold keeps wrong answers at or below 10.0 %"));
}

GroundingRun grounded(const std::string& name, std::optional<std::array<double, 2>> interval,
                      double value) {
  GroundingRun one;
  one.result.name = name;
  one.result.metrics = {{"VRS", "a - b", "s", value, interval, 50, {}},
                        {"IS", "c", "s", 0.75, std::nullopt, 50, {}}};
  return one;
}

TEST(Looks, AreSaidOfIntervalsWithoutZero) {
  const GroundingRun looks = grounded("sees", {{0.4, 0.6}}, 0.5);
  const GroundingRun blind = grounded("blind", {{-0.02, 0.04}}, 0.01);
  const GroundingRun backwards = grounded("odd", {{-0.2, -0.1}}, -0.15);
  EXPECT_EQ(look_of(looks.result), Look::kLooks);
  EXPECT_EQ(look_of(blind.result), Look::kNotShown);
  EXPECT_EQ(look_of(backwards.result), Look::kBackwards);
  EXPECT_EQ(look_of(grounded("one figure", std::nullopt, 0.5).result), Look::kNotShown);
  EXPECT_EQ(look_of({}), Look::kNotMeasured);
  const LookSummary both = summarise_looks({looks, blind, backwards});
  EXPECT_EQ(both.answer,
            "Yes: sees. Not shown of blind. More often right with another image: odd.");
  EXPECT_EQ(both.because[0],
            "sees loses 50.0 points of accuracy with another question's image (95 % interval "
            "40.0 to 60.0); 75.0 % of its answers change.");
  EXPECT_THAT(both.because[2], HasSubstr("odd gains 15.0 points"));
  EXPECT_EQ(summarise_looks({}).answer, "Not measured.");
  const LookSummary many = summarise_looks({looks, looks, looks, looks, looks});
  EXPECT_EQ(many.because.size(), 4U);
  EXPECT_THAT(many.because[3], HasSubstr("2 more"));
}

TEST(Looks, AreTheFindingWhereNothingElseWasAsked) {
  ReportData data;
  data.grounding = {grounded("sees", {{0.4, 0.6}}, 0.5)};
  EXPECT_THAT(findings_section(data).body,
              HasSubstr("<p class=\"headline\">Does it look at the image? Yes: sees.</p>"));
  EXPECT_EQ(findings_section({}).body, "");
}

}  // namespace
}  // namespace lmc::report
