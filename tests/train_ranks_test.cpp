// One training run on several processes gives what one process gives, to rounding; a rank that dies
// leaves a run that goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "support/mpirun.h"
#include "support/run_program.h"
#include "tensorio/safetensors.h"

namespace lmc::tests {
namespace {

using ::testing::HasSubstr;

std::vector<double> losses_in(const std::string& path) {
  std::ifstream in(path);
  std::vector<double> losses;
  for (std::string line; std::getline(in, line);) {
    const size_t at = line.find("\"loss\":");
    if (at != line.npos) losses.push_back(std::stod(line.substr(at + 7)));
  }
  return losses;
}

std::vector<float> values_of(const tensorio::TensorView& tensor) {
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

// |found - expected| / |expected| of all matrices B of an adapter together. They begin as zeros, so
// that all of their norm has been learnt.
double difference_of(const std::string& found, const std::string& expected) {
  const tensorio::SafetensorsFile a(found + "/adapter_model.safetensors");
  const tensorio::SafetensorsFile b(expected + "/adapter_model.safetensors");
  double differs = 0, norm = 0;
  for (const auto& [name, tensor] : b.tensors()) {
    if (name.find("lora_B") == name.npos) continue;
    const std::vector<float> theirs = values_of(a.tensors().at(name)), ours = values_of(tensor);
    for (size_t i = 0; i < ours.size(); ++i) {
      differs += std::pow(double{theirs[i]} - double{ours[i]}, 2);
      norm += std::pow(double{ours[i]}, 2);
    }
  }
  return std::sqrt(differs / norm);
}

class TrainRanks : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!have_mpirun()) GTEST_SKIP() << "no mpirun, or built without MPI";
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

  std::vector<std::string> command(const std::string& out, int steps, int save_every = 2) const {
    return {LMC_PROGRAM,      "train",
            "--model",        LMC_SOURCE_DIR "/assets/phantom/student",
            "--questions",    folder_.path("questions/questions.jsonl"),
            "--explanations", folder_.path("data/composite_train_explanations.jsonl"),
            "--steps",        std::to_string(steps),
            "--batch",        "6",
            "--schedule",     "constant",
            "--save-every",   std::to_string(save_every),
            "--show",         "0",
            "--threads",      "1",
            "--out",          folder_.path(out)};
  }

  std::vector<double> losses(const std::string& out) const {
    return losses_in(folder_.path(out + "/metrics.jsonl"));
  }
  std::string adapter(const std::string& out) const {
    return read_bytes(folder_.path(out + "/adapter_model.safetensors"));
  }

  // The step of the newest checkpoint; 0: none.
  int newest_step(const std::string& out) const {
    int newest = 0;
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.path(out + "/checkpoints"), none)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("step-")) newest = std::max(newest, std::stoi(name.substr(5)));
    }
    return newest;
  }

  void run(int size, const std::vector<std::string>& command) {
    Mpirun ranks(size, command);
    ASSERT_EQ(ranks.wait(), 0) << ranks.all_errors();
  }

  // Ends rank `dies` of a run by SIGKILL after some steps; what the first rank said.
  std::string run_until_a_death(int size, int dies, const std::vector<std::string>& command,
                                const std::string& out) {
    Mpirun ranks(size, command);
    EXPECT_TRUE(holds_soon([&] { return losses(out).size() >= 3; })) << ranks.all_errors();
    ranks.send(dies, SIGKILL);
    EXPECT_NE(ranks.wait(), 0);
    return ranks.err(0);
  }

  TemporaryFolder folder_;
};

TEST_F(TrainRanks, OneUnderMpirunIsOneAlone) {
  ASSERT_EQ(Process(command("alone", 4), {}).wait(), 0);
  run(1, command("launched", 4));
  EXPECT_EQ(adapter("launched"), adapter("alone"));
}

TEST_F(TrainRanks, AsManyGiveTheSameBits) {
  for (const char* out : {"first", "second"}) run(2, command(out, 6));
  EXPECT_FALSE(adapter("first").empty());
  EXPECT_EQ(adapter("first"), adapter("second"));
}

// Shares of a step are packed apart and added in another order: gradients differ by a few roundings
// of f32 through the model, at most e = 1e-6 of their size, and the loss by far less than 1e-5. At
// first AdamW steps by the sign of a gradient, so that nearly all values move alike. Of a normal
// distribution 0.8 e lie within e of zero and may move the other way: of the 86016 values of B,
// 0.4 in six steps. One differs by two of the six steps, 2 / (6 sqrt(86016)) = 1.1e-3 of the norm;
// five of them, which no run in ten thousand has, by 2.5e-3.
TEST_F(TrainRanks, OneTwoAndFourDifferByRounding) {
  run(1, command("one", 6));
  const std::vector<double> expected = losses("one");
  ASSERT_EQ(expected.size(), 6U);
  for (const int size : {2, 4}) {
    const std::string out = "of_" + std::to_string(size);
    run(size, command(out, 6));
    const std::vector<double> found = losses(out);
    ASSERT_EQ(found.size(), expected.size());
    double largest = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      largest = std::max(largest, std::abs(found[i] - expected[i]) / expected[i]);
    }
    const double difference = difference_of(folder_.path(out), folder_.path("one"));
    std::cout << size << " ranks: losses differ by " << largest << ", the adapter by " << difference
              << "\n";
    EXPECT_LT(largest, 1e-5);
    EXPECT_LT(difference, 2.5e-3);
  }
}

// The launcher stops the others, and the first rank keeps the last step that all had finished.
TEST_F(TrainRanks, LongADeathLeavesTheLastFinishedStep) {
  for (const int size : {2, 4}) {
    const std::string out = "of_" + std::to_string(size), whole = out + "_whole";
    constexpr int kSteps = 12, kNever = 1000;
    const std::string said = run_until_a_death(size, size - 1, command(out, kSteps, kNever), out);
    EXPECT_THAT(said, HasSubstr("another rank did not come"));
    const int kept = newest_step(out);
    EXPECT_GE(kept, 3) << said;
    EXPECT_LT(kept, kSteps);
    EXPECT_EQ(losses(out).size(), static_cast<size_t>(kept));
    run(size, command(out, kSteps, kNever));
    run(size, command(whole, kSteps, kNever));
    EXPECT_EQ(losses(out), losses(whole));
    EXPECT_EQ(adapter(out), adapter(whole)) << size << " ranks";
  }
}

// Nobody else writes checkpoints: the last one stands, and another number of ranks carries on.
TEST_F(TrainRanks, LongADeathOfTheFirstLeavesItsLastCheckpoint) {
  run_until_a_death(2, 0, command("out", 12), "out");
  EXPECT_GE(newest_step("out"), 2);
  run(4, command("out", 12));
  EXPECT_EQ(losses("out").size(), 12U);
}

TEST_F(TrainRanks, LongAStopOfMpirunLeavesTheLastFinishedStep) {
  Mpirun ranks(2, command("out", 400, 1000));
  ASSERT_TRUE(holds_soon([&] { return losses("out").size() >= 5; })) << ranks.all_errors();
  ranks.send(SIGTERM);
  EXPECT_NE(ranks.wait(), 0);
  EXPECT_THAT(ranks.err(0), HasSubstr("continues from the checkpoint"));
  EXPECT_GE(newest_step("out"), 5);
}

}  // namespace
}  // namespace lmc::tests
