// The plan's memory against the peak of the run, each in a process of its own.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/run_program.h"

namespace lmc::tests {
namespace {

using nlohmann::json;

class TrainMemory : public ::testing::TestWithParam<std::vector<std::string>> {};

// The aim is a tenth. A twentieth more is left to what neither is counted nor the same in two runs:
// the heap's pieces, and how much of the last step's images is still there when the next come.
TEST_P(TrainMemory, LongThePlanIsThePeak) {
  const TemporaryFolder folder;
  const std::string data = folder.path("data");
  ASSERT_EQ(run_program({"phantom", "--out", data, "--train", "160", "--validation", "0",
                         "--single-test", "0", "--test", "0"})
                .exit_code,
            0);
  ASSERT_EQ(run_program({"prepare", "--pmc-vqa", data + "/composite_train.csv", "--images",
                         data + "/images", "--out", folder.path("questions")})
                .exit_code,
            0);
  std::vector<std::string> command = {"train",
                                      "--model",
                                      LMC_SOURCE_DIR "/assets/phantom/student",
                                      "--questions",
                                      folder.path("questions/questions.jsonl"),
                                      "--explanations",
                                      data + "/composite_train_explanations.jsonl",
                                      "--show",
                                      "0",
                                      "--out",
                                      folder.path("run")};
  command.insert(command.end(), GetParam().begin(), GetParam().end());
  const ProgramResult run = run_program(command);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json result = json::parse(read_bytes(folder.path("run/result.json")));
  const auto estimated = result["estimated_peak_bytes"].get<double>();
  const auto measured = result["measured_peak_bytes"].get<double>();
  ASSERT_GT(measured, 0);
  EXPECT_LE(std::abs(estimated / measured - 1), 0.15)
      << estimated / 1e9 << " GB planned, " << measured / 1e9 << " GB measured\n"
      << run.err;
}

// As the demo trains, and long micro-batches one at a time of which nothing is recomputed.
INSTANTIATE_TEST_SUITE_P(
    Shapes, TrainMemory,
    ::testing::Values(std::vector<std::string>{"--batch", "32", "--tokens-per-pass", "8192",
                                               "--epochs", "2", "--rank", "32"},
                      std::vector<std::string>{"--batch", "64", "--tokens-per-pass", "8192",
                                               "--steps", "3", "--without", "parallel-passes"}),
    [](const auto& info) { return info.index == 0 ? "AsTheDemo" : "LongPasses"; });

}  // namespace
}  // namespace lmc::tests
