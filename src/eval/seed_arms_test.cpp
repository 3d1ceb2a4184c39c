#include "eval/seed_arms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/check.h"  // InputError
#include "base/files.h"  // write_file
#include "eval/score.h"  // compare_runs

namespace lmc::eval {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SeedArms : public testing::Test {
 protected:
  SeedArms() { make_folder(folder_); }
  ~SeedArms() override { std::filesystem::remove_all(folder_); }

  // An adapter's training, and a run with it. Returns the run's folder.
  std::string trained_run(const std::string& name, int seed, double learning_rate,
                          const std::string& ledger = "ledger") {
    const std::string adapter = folder_ + "/adapters/" + name;
    make_folder(adapter);
    write_file(adapter + "/manifest.json",
               to_text(Json{{"command", "train"},
                            {"options",
                             {{"seed", seed},
                              {"learning-rate", learning_rate},
                              {"out", adapter},
                              {"vision-cache", cat("/tmp/", name)}}},
                            {"inputs", {{{"path", "l"}, {"sha256", ledger}}}}}));
    return run(name, {{"adapter", adapter}, {"model", "student"}, {"seed", 0}},
               {{{"path", adapter}, {"sha256", "weights of " + name}},
                {{"path", "q"}, {"sha256", "questions"}}});
  }

  std::string run(const std::string& name, Json options, const Json& inputs) {
    const std::string path = cat(folder_, "/", name);
    make_folder(path);
    options["out"] = path;
    options["name"] = name;
    write_file(path + "/manifest.json",
               to_text(Json{{"command", "evaluate"}, {"options", options}, {"inputs", inputs}}));
    return path;
  }

  std::vector<std::string> names_of(const std::vector<std::string>& folders) {
    std::vector<std::string> names;
    for (const auto& one : folders) names.push_back(std::filesystem::path(one).filename());
    return names;
  }

  std::vector<ArmRuns> by_manifest(const std::vector<std::string>& folders) {
    return find_arms({{}, true}, folders, names_of(folders));
  }

  const std::string folder_ = testing::TempDir() + "seed_arms_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(SeedArms, AreRunsWhoseTrainingsDifferInTheSeedAlone) {
  const std::vector<std::string> folders = {run("zero-shot", {{"model", "student"}}, Json::array()),
                                            trained_run("distilled-seed1", 1, 1e-3),
                                            trained_run("distilled-seed2", 2, 1e-3),
                                            trained_run("hot-seed1", 1, 1e-2),
                                            trained_run("other-data", 5, 1e-3, "another ledger"),
                                            trained_run("distilled-seed3", 3, 1e-3),
                                            folder_ + "/without-manifest"};
  const auto arms = by_manifest(folders);
  ASSERT_EQ(arms.size(), 1U);
  EXPECT_EQ(arms[0].name, "distilled");
  EXPECT_THAT(arms[0].runs, ElementsAre(1, 2, 5));
  EXPECT_TRUE(find_arms({}, folders, names_of(folders)).empty()) << "not asked for";
}

TEST_F(SeedArms, TheSameSeedAgainIsNoSecondMeasurement) {
  EXPECT_TRUE(by_manifest({trained_run("a", 1, 1e-3), trained_run("b", 1, 1e-3)}).empty());
  const auto arms = by_manifest(
      {trained_run("a1", 1, 1e-3), trained_run("a1-again", 1, 1e-3), trained_run("a2", 2, 1e-3)});
  ASSERT_EQ(arms.size(), 1U);
  EXPECT_THAT(arms[0].runs, ElementsAre(0, 2));
}

TEST_F(SeedArms, ASeedOfSamplingCountsWhereSomethingIsDrawn) {
  const auto sampled = [&](int seed, double temperature) {
    return run(cat("t", temperature, "-", seed),
               {{"model", "m"}, {"seed", seed}, {"temperature", temperature}}, Json::array());
  };
  EXPECT_EQ(by_manifest({sampled(1, 0.7), sampled(2, 0.7)}).size(), 1U);
  EXPECT_TRUE(by_manifest({sampled(1, 0), sampled(2, 0)}).empty());
}

TEST_F(SeedArms, AreNamedByHandToo) {
  const std::vector<std::string> folders = {"runs/a", "runs/b/", "runs/c"};
  const std::vector<std::string> names = {"first", "second", "third"};
  const auto arms = find_arms({{"mine=runs/c,runs/b"}, true}, folders, names);
  ASSERT_EQ(arms.size(), 1U);
  EXPECT_EQ(arms[0].name, "mine");
  EXPECT_THAT(arms[0].runs, ElementsAre(1, 2));
  EXPECT_THAT(find_arms({{"x=first,third"}, false}, folders, names)[0].runs, ElementsAre(0, 2));
  for (const auto& [words, expected] : {std::pair("mine", "expected NAME=RUN,RUN"),
                                        {"=a,b", "expected NAME=RUN,RUN"},
                                        {"mine=runs/a", "two runs or more"},
                                        {"mine=runs/a,runs/x", "\"runs/x\""},
                                        {"mine=runs/a,first", "in an arm already"},
                                        {"third=runs/a,runs/b", "has this name"}}) {
    try {
      find_arms({{words}, false}, folders, names);
      ADD_FAILURE() << words;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(expected)) << words;
    }
  }
}

TEST_F(SeedArms, ANameThatARunHasIsNotTaken) {
  const std::vector<std::string> folders = {run("distilled", {{"model", "m"}}, Json::array()),
                                            trained_run("distilled-1", 1, 1e-3),
                                            trained_run("distilled-2", 2, 1e-3)};
  const auto arms = by_manifest(folders);
  ASSERT_EQ(arms.size(), 1U);
  EXPECT_EQ(arms[0].name, "distilled (2 seeds)");
}

std::vector<record::Answer> answers(const std::string& letters, const std::string& prefix = "q") {
  std::vector<record::Answer> all;
  for (size_t i = 0; i < letters.size(); ++i) {
    all.push_back({cat(prefix, i), "A", std::string(1, letters[i]), "", "end", 1, {}, ""});
  }
  return all;
}

// Accuracies 0.6, 0.8, 1.0 of five questions: mean 0.8, deviation 0.2, half of the interval
// t 0.2 / sqrt(3), where t of two degrees of freedom at p is (2 p - 1) / sqrt(2 p (1 - p)).
TEST_F(SeedArms, MetricsByHand) {
  record::Comparison comparison;
  for (const char* name : {"s1", "zero", "s2", "s3"}) {
    comparison.runs.emplace_back();
    comparison.runs.back().name = name;
  }
  const std::vector<std::vector<record::Answer>> all = {answers("AAABB"), answers("ABBBA"),
                                                        answers("AAAAB"), answers("AAAAA")};
  add_seed_arms(std::vector<ArmRuns>{{"arm", {0, 2, 3}}}, all, comparison);
  ASSERT_EQ(comparison.seed_arms.size(), 1U);
  const record::SeedArm& arm = comparison.seed_arms[0];
  EXPECT_THAT(arm.runs, ElementsAre("s1", "s2", "s3"));
  EXPECT_THAT(arm.accuracies, ElementsAre(0.6, 0.8, 1.0));
  EXPECT_NEAR(arm.mean, 0.8, 1e-15);
  EXPECT_NEAR(arm.standard_deviation, 0.2, 1e-15);
  EXPECT_THAT(arm.range, ElementsAre(0.6, 1.0));
  const double half = 0.95 / std::sqrt(2 * 0.975 * 0.025) * 0.2 / std::sqrt(3);
  EXPECT_NEAR(arm.seed_interval_95[0], 0.8 - half, 1e-12);
  EXPECT_EQ(arm.questions, 5);
  ASSERT_TRUE(arm.question_interval_95);
  EXPECT_LE((*arm.question_interval_95)[0], 0.8);
  EXPECT_GE((*arm.question_interval_95)[1], 0.8);
  EXPECT_LE((*arm.question_interval_95)[1], 1.0) << "shares, not sums over seeds";

  ASSERT_EQ(comparison.arm_pairs.size(), 1U);
  const record::ArmComparison& pair = comparison.arm_pairs[0];
  EXPECT_EQ(pair.first, "arm");
  EXPECT_EQ(pair.second, "zero");
  EXPECT_NEAR(pair.difference, 0.8 - 0.4, 1e-15);
  // The lone run is exact: the interval of the mean, moved.
  ASSERT_TRUE(pair.seed_interval_95);
  EXPECT_NEAR((*pair.seed_interval_95)[1], 0.4 + half, 1e-12);
  ASSERT_TRUE(pair.question_interval_95);
  EXPECT_LE((*pair.question_interval_95)[1], 1.0);
  const Json json = record::to_json(comparison);
  EXPECT_EQ(json["seed_arms"][0]["runs"].size(), 3U);
  EXPECT_EQ(json["arm_pairs"][0]["questions"], 5);
}

// Of two arms, each question's values are brought to one unit: 2 of 2 seeds against 2 of 3.
TEST_F(SeedArms, TwoArmsOfDifferentSizeOnCommonQuestions) {
  record::Comparison comparison;
  comparison.runs.resize(5);
  for (size_t i = 0; i < 5; ++i) comparison.runs[i].name = cat("r", i);
  const std::vector<std::vector<record::Answer>> all = {
      answers("AAA"), answers("AAB"), answers("AB"), answers("AB"), answers("BA")};
  add_seed_arms(std::vector<ArmRuns>{{"two", {0, 1}}, {"three", {2, 3, 4}}}, all, comparison);
  ASSERT_EQ(comparison.arm_pairs.size(), 1U);
  EXPECT_EQ(comparison.arm_pairs[0].questions, 2);
  // Right of 2 seeds: q0 2, q1 2; of 3 seeds: q0 2, q1 1.
  EXPECT_NEAR(comparison.arm_pairs[0].difference, 1.0 - 0.5, 1e-15);
  EXPECT_FALSE(comparison.arm_pairs[0].seed_interval_95) << "accuracies are of other questions";
}

TEST_F(SeedArms, AnArmHasOneSetOfQuestions) {
  record::Comparison comparison;
  comparison.runs.resize(2);
  const std::vector<ArmRuns> arms = {{"arm", {0, 1}}};
  const std::vector<std::vector<record::Answer>> other = {answers("AAA"), answers("AAA", "x")};
  EXPECT_THROW(add_seed_arms(arms, other, comparison), InputError);
  const std::vector<std::vector<record::Answer>> fewer = {answers("AAA"), answers("AA")};
  EXPECT_THROW(add_seed_arms(arms, fewer, comparison), InputError);
}

TEST_F(SeedArms, ComeFromTheFoldersOfRuns) {
  std::vector<std::string> folders = {trained_run("d-1", 1, 1e-3), trained_run("d-2", 2, 1e-3)};
  for (size_t i = 0; i < 2; ++i) {
    record::Result result;
    result.name = cat("d-", i + 1);
    write_file(folders[i] + "/result.json", to_text(record::to_json(result)));
    std::string lines;
    for (const auto& one : answers(i == 0 ? "AAB" : "ABB")) {
      lines += to_text(record::to_json(one)) + "\n";
    }
    write_file(folders[i] + "/answers.jsonl", lines);
  }
  EXPECT_TRUE(compare_runs(folders).seed_arms.empty());
  const record::Comparison comparison = compare_runs(folders, {{}, true});
  ASSERT_EQ(comparison.seed_arms.size(), 1U);
  EXPECT_EQ(comparison.seed_arms[0].name, "d");
  EXPECT_NEAR(comparison.seed_arms[0].mean, 0.5, 1e-15);
}

}  // namespace
}  // namespace lmc::eval
