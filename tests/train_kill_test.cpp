// Training that is killed without warning and started again ends in the same bytes as training that
// was left alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>

#include "support/run_program.h"

namespace lmc::tests {
namespace {

constexpr int kKilled = 128 + 9;

int64_t lines_in(const std::string& path) {
  const std::string text = read_bytes(path);
  return std::count(text.begin(), text.end(), '\n');
}

// The metrics without their times.
std::string losses_of(const std::string& path) {
  std::ifstream in(path);
  std::string losses, line;
  while (std::getline(in, line)) {
    const size_t at = line.find("\"loss\":");
    losses += line.substr(at, line.find(',', at) - at) + "\n";
  }
  return losses;
}

class TrainKill : public ::testing::Test {
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

  std::vector<std::string> command(const std::string& out) const {
    return {"train",
            "--model",
            LMC_SOURCE_DIR "/assets/phantom/student",
            "--questions",
            folder_.path("questions/questions.jsonl"),
            "--explanations",
            folder_.path("data/composite_train_explanations.jsonl"),
            "--steps",
            "20",
            "--batch",
            "4",
            "--dropout",
            "0.1",
            "--save-every",
            "3",
            "--show",
            "0",
            "--threads",
            "1",
            "--out",
            folder_.path(out)};
  }

  TemporaryFolder folder_;
};

TEST_F(TrainKill, ResumesToTheSameBytes) {
  const ProgramResult whole = run_program(command("whole"));
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const std::string metrics = folder_.path("killed/metrics.jsonl");
  for (const int64_t lines : {int64_t{1}, int64_t{10}, int64_t{17}}) {
    const ProgramResult killed =
        run_program_until(command("killed"), [&] { return lines_in(metrics) >= lines; });
    ASSERT_EQ(killed.exit_code, kKilled) << killed.err;
    EXPECT_FALSE(std::filesystem::exists(folder_.path("killed/adapter_config.json")));
  }
  const ProgramResult resumed = run_program(command("killed"));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, ::testing::HasSubstr("continues after step"));
  EXPECT_EQ(read_bytes(folder_.path("killed/adapter_model.safetensors")),
            read_bytes(folder_.path("whole/adapter_model.safetensors")));
  EXPECT_EQ(losses_of(metrics), losses_of(folder_.path("whole/metrics.jsonl")));
  EXPECT_EQ(lines_in(metrics), 20);
}

// At moments that a seeded generator names, from before the first step to amid a checkpoint.
TEST_F(TrainKill, LongFiftyKillsEndInTheSameBytes) {
  auto longer = [&](const std::string& out) {
    std::vector<std::string> words = command(out);
    *(std::find(words.begin(), words.end(), "--steps") + 1) = "400";
    *(std::find(words.begin(), words.end(), "--save-every") + 1) = "1";
    return words;
  };
  ASSERT_EQ(run_program(longer("whole")).exit_code, 0);
  std::mt19937 random(5);
  for (int kills = 0; kills < 50;) {
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(std::uniform_int_distribution(100, 1600)(random));
    const ProgramResult result = run_program_until(
        longer("killed"), [&] { return std::chrono::steady_clock::now() >= until; });
    ASSERT_EQ(result.exit_code, kKilled) << "the run ended after " << kills << " kills\n"
                                         << result.err;
    ++kills;
  }
  const ProgramResult last = run_program(longer("killed"));
  ASSERT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(read_bytes(folder_.path("killed/adapter_model.safetensors")),
            read_bytes(folder_.path("whole/adapter_model.safetensors")));
  EXPECT_EQ(losses_of(folder_.path("killed/metrics.jsonl")),
            losses_of(folder_.path("whole/metrics.jsonl")));
}

TEST_F(TrainKill, AFinishedRunIsLeftAsItIs) {
  ASSERT_EQ(run_program(command("out")).exit_code, 0);
  const auto written =
      std::filesystem::last_write_time(folder_.path("out/adapter_model.safetensors"));
  const ProgramResult again = run_program(command("out"));
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.out, ::testing::HasSubstr("was finished before"));
  EXPECT_EQ(std::filesystem::last_write_time(folder_.path("out/adapter_model.safetensors")),
            written);
}

}  // namespace
}  // namespace lmc::tests
