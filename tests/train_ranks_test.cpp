// One training run on several processes gives the loss curve of one process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "support/processes.h"
#include "support/run_program.h"

namespace lmc::tests {
namespace {

std::vector<double> losses_in(const std::string& path) {
  std::ifstream in(path);
  std::vector<double> losses;
  for (std::string line; std::getline(in, line);) {
    const size_t at = line.find("\"loss\":");
    if (at != line.npos) losses.push_back(std::stod(line.substr(at + 7)));
  }
  return losses;
}

class TrainRanks : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string data = folder_.path("data");
    ASSERT_EQ(
        run_program({"phantom", "--out", data, "--train", "24", "--validation", "0", "--test", "0"})
            .exit_code,
        0);
    ASSERT_EQ(run_program({"prepare", "--pmc-vqa", data + "/composite_train.csv", "--images",
                           data + "/images", "--out", folder_.path("questions")})
                  .exit_code,
              0);
  }

  std::vector<std::string> command(const std::string& out, int steps) const {
    return {LMC_PROGRAM,      "train",
            "--model",        LMC_SOURCE_DIR "/assets/phantom/student",
            "--questions",    folder_.path("questions/questions.jsonl"),
            "--explanations", folder_.path("data/composite_train_explanations.jsonl"),
            "--steps",        std::to_string(steps),
            "--batch",        "6",
            "--schedule",     "constant",
            "--save-every",   "2",
            "--show",         "0",
            "--threads",      "1",
            "--out",          folder_.path(out)};
  }

  // Exit codes of all ranks.
  std::vector<int> run(const std::vector<std::string>& command, int size) {
    Processes processes;
    const int port = free_port();
    for (int rank = 0; rank < size; ++rank) processes.start(command, torchrun(rank, size, port));
    std::vector<int> codes;
    for (int rank = 0; rank < size; ++rank) {
      codes.push_back(processes.wait(static_cast<size_t>(rank)));
      if (codes.back() != 0) ADD_FAILURE() << processes.err(static_cast<size_t>(rank));
    }
    return codes;
  }

  TemporaryFolder folder_;
};

// Only the order of f32 sums differs, 1e-7 of the gradient; six steps of AdamW at 2e-4 keep that
// far below 1e-5 of the loss.
TEST_F(TrainRanks, OneTwoAndFourGiveTheSameCurve) {
  run(command("one", 6), 1);
  const std::vector<double> expected = losses_in(folder_.path("one/metrics.jsonl"));
  ASSERT_EQ(expected.size(), 6U);
  for (const int size : {2, 4}) {
    const std::string out = "of_" + std::to_string(size);
    run(command(out, 6), size);
    const std::vector<double> found = losses_in(folder_.path(out + "/metrics.jsonl"));
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i], expected[i], 1e-5 * expected[i]) << size << " ranks, step " << i + 1;
    }
  }
}

TEST_F(TrainRanks, AnotherNumberOfRanksCarriesOnAfterARankDied) {
  const std::string metrics = folder_.path("out/metrics.jsonl");
  {
    Processes processes;
    const int port = free_port();
    for (int rank = 0; rank < 2; ++rank) {
      processes.start(command("out", 40), torchrun(rank, 2, port));
    }
    ASSERT_TRUE(processes.until([&] { return losses_in(metrics).size() >= 5; }));
    processes.send(1, SIGKILL);
    EXPECT_EQ(processes.wait(0), 2);
    EXPECT_THAT(processes.err(0), ::testing::HasSubstr("rank 1"));
  }
  run(command("out", 40), 1);
  EXPECT_EQ(losses_in(metrics).size(), 40U);
  EXPECT_FALSE(read_bytes(folder_.path("out/adapter_model.safetensors")).empty());
}

}  // namespace
}  // namespace lmc::tests
