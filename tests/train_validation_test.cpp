// What a run that validates leaves behind: its measurements, the best adapter, an early end.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/phantom_questions.h"
#include "support/run_program.h"

namespace lmc::tests {
namespace {

using nlohmann::json;

class TrainValidation : public ::testing::Test {
 protected:
  void SetUp() override { make_phantom_questions(folder_, 16, 8); }

  ProgramResult train(const std::string& out, const std::vector<std::string>& more) const {
    std::vector<std::string> command = {"train",
                                        "--model",
                                        LMC_SOURCE_DIR "/assets/phantom/student",
                                        "--questions",
                                        folder_.path("train/questions.jsonl"),
                                        "--target",
                                        "answer",
                                        "--batch",
                                        "4",
                                        "--show",
                                        "0",
                                        "--validation",
                                        folder_.path("validation/questions.jsonl"),
                                        "--out",
                                        folder_.path(out)};
    command.insert(command.end(), more.begin(), more.end());
    return run_program(command);
  }

  // By step: the loss and the accuracy measured there.
  std::map<int, std::pair<double, double>> validations(const std::string& run) const {
    std::map<int, std::pair<double, double>> found;
    std::istringstream lines(read_bytes(folder_.path(run + "/metrics.jsonl")));
    for (std::string text; std::getline(lines, text);) {
      const json line = json::parse(text);
      if (!line.contains("validation_loss")) continue;
      found[line["step"]] = {line["validation_loss"], line["validation_accuracy"]};
    }
    return found;
  }

  TemporaryFolder folder_;
};

TEST_F(TrainValidation, KeepsTheBestAdapter) {
  const ProgramResult run = train("run", {"--steps", "6", "--validate-every", "2"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto measured = validations("run");
  ASSERT_EQ(measured.size(), 3U);
  int best = 2;
  for (const auto& [step, values] : measured) {
    EXPECT_EQ(step % 2, 0);
    EXPECT_TRUE(values.second >= 0 && values.second <= 1);
    EXPECT_EQ(std::fmod(values.second * 8, 1), 0) << "a share of the eight questions";
    if (values.first < measured.at(best).first) best = step;
  }
  const json result = json::parse(read_bytes(folder_.path("run/result.json")));
  EXPECT_EQ(result["best_step"], best);
  EXPECT_EQ(result["best_validation_loss"], measured.at(best).first);
  // The best adapter is the one of a run that ends there on the same schedule: an equal loss tells.
  const ProgramResult again =
      train("again", {"--steps", "1", "--learning-rate", "0", "--validate-every", "1",
                      "--continue-from", folder_.path("run/best")});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_DOUBLE_EQ(validations("again").at(1).first, measured.at(best).first);
}

TEST_F(TrainValidation, EndsEarlyWithoutProgress) {
  // Nothing is learnt, so no validation after the first is better.
  const ProgramResult run = train(
      "run", {"--steps", "20", "--validate-every", "1", "--patience", "3", "--learning-rate", "0"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(validations("run").size(), 4U);
  const json result = json::parse(read_bytes(folder_.path("run/result.json")));
  EXPECT_EQ(result["stopped_early"], true);
  EXPECT_EQ(result["best_step"], 1);
  EXPECT_EQ(result["steps"], 4);
}

}  // namespace
}  // namespace lmc::tests
