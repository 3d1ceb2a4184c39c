// The folder of a training: one writer, nobody's input, noticed when it goes; and runs beside an
// adapter that go on as they began.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/phantom_questions.h"
#include "support/run_program.h"

namespace lmc::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kStudent = LMC_SOURCE_DIR "/assets/phantom/student";

int64_t lines_in(const std::string& path) {
  const std::string text = read_bytes(path);
  return std::count(text.begin(), text.end(), '\n');
}

class TrainFolder : public ::testing::Test {
 protected:
  void SetUp() override { make_phantom_questions(folder_, 8, 6); }

  std::vector<std::string> train(const std::string& out, const std::string& steps,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"train",
                                    "--model",
                                    kStudent,
                                    "--questions",
                                    folder_.path("train/questions.jsonl"),
                                    "--target",
                                    "answer",
                                    "--steps",
                                    steps,
                                    "--batch",
                                    "4",
                                    "--save-every",
                                    "1",
                                    "--show",
                                    "0",
                                    "--threads",
                                    "1",
                                    "--out",
                                    folder_.path(out)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  void expect_refused(const ProgramResult& result, const std::string& part) const {
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(part));
  }

  TemporaryFolder folder_;
};

TEST_F(TrainFolder, ASecondTrainingIsRefusedAndTheFirstEndsAsAlone) {
  ProgramResult second;
  bool was_started = false;
  const std::string metrics = folder_.path("run/metrics.jsonl");
  const ProgramResult first = run_program_until(train("run", "25"), [&] {
    if (!was_started && lines_in(metrics) >= 2) {
      was_started = true;
      second = run_program(train("run", "25"));
    }
    return false;
  });
  ASSERT_TRUE(was_started);
  expect_refused(second, "another process is writing");
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(lines_in(metrics), 25);
  EXPECT_FALSE(fs::exists(folder_.path("run/.lock")));
}

TEST_F(TrainFolder, AMetricsFileThatIsDeletedEndsTheRun) {
  const std::string metrics = folder_.path("run/metrics.jsonl");
  const ProgramResult result = run_program_until(train("run", "200"), [&] {
    if (lines_in(metrics) >= 2) fs::remove(metrics);
    return false;
  });
  expect_refused(result, "metrics.jsonl: was deleted or replaced");
}

TEST_F(TrainFolder, IsNobodysInput) {
  fs::copy(kStudent, folder_.path("model"));
  const std::string weights = read_bytes(folder_.path("model/model.safetensors"));
  std::vector<std::string> full = train("model", "1", {"--full"});
  full[2] = folder_.path("model");
  expect_refused(run_program(full), "is read as input");
  // Another model, which is not even read.
  expect_refused(run_program(train("model", "1", {"--full"})), "config.json");
  EXPECT_EQ(read_bytes(folder_.path("model/model.safetensors")), weights);
  expect_refused(run_program(train("train", "1")), "`litemedcot prepare` made");
  ASSERT_EQ(run_program(train("adapter", "1")).exit_code, 0);
  const std::string adapter = read_bytes(folder_.path("adapter/adapter_model.safetensors"));
  expect_refused(run_program(train("adapter", "2", {"--continue-from", folder_.path("adapter")})),
                 "is read as input");
  EXPECT_EQ(read_bytes(folder_.path("adapter/adapter_model.safetensors")), adapter);
}

TEST_F(TrainFolder, AnEvaluationBesideItGoesOn) {
  ASSERT_EQ(run_program(train("adapter", "1")).exit_code, 0);
  fs::copy(kStudent, folder_.path("model"));
  const auto evaluate = [&](const std::string& threads, const std::string& adapter,
                            const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = {"evaluate",
                                    "--model",
                                    folder_.path("model"),
                                    "--adapter",
                                    folder_.path(adapter),
                                    "--mode",
                                    "likelihood",
                                    "--reply",
                                    "answer",
                                    "--batch",
                                    "2",
                                    "--questions",
                                    folder_.path("validation/questions.jsonl"),
                                    "--threads",
                                    threads,
                                    "--out",
                                    folder_.path("adapter/eval")};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  };
  ASSERT_EQ(evaluate("1", "adapter").exit_code, 0);
  const std::string answers = folder_.path("adapter/eval/answers.jsonl");
  const std::string whole = read_bytes(answers);
  std::ofstream(answers) << whole.substr(0, whole.find('\n') + 30);
  fs::remove(folder_.path("adapter/eval/result.json"));
  std::ofstream(folder_.path("model/.DS_Store")) << "x";
  std::ofstream(folder_.path("model/model.safetensors.part-999999999-0")) << "x";
  const ProgramResult on =
      evaluate("2", "../" + fs::path(folder_.path()).filename().string() + "/adapter/");
  EXPECT_EQ(on.exit_code, 0) << on.err;
  EXPECT_EQ(read_bytes(answers).substr(0, whole.find('\n')), whole.substr(0, whole.find('\n')));
  EXPECT_EQ(lines_in(answers), 6);
  // What was read counts.
  std::ofstream(folder_.path("model/config.json"), std::ios::app) << "\n";
  expect_refused(evaluate("1", "adapter"), "the content of " + folder_.path("model"));
  expect_refused(evaluate("1", "adapter", {"--limit", "3"}), "limit was 0, is 3");
  // And the adapter's own folder is the training's.
  expect_refused(
      run_program({"evaluate", "--model", kStudent, "--questions",
                   folder_.path("validation/questions.jsonl"), "--out", folder_.path("adapter")}),
      "`litemedcot train` made");
}

TEST_F(TrainFolder, TwoExportsAreKeptApart) {
  ASSERT_EQ(run_program(train("adapter", "1")).exit_code, 0);
  const std::vector<std::string> arguments = {"export",
                                              "--model",
                                              kStudent,
                                              "--adapter",
                                              folder_.path("adapter"),
                                              "--out",
                                              folder_.path("merged")};
  ProgramResult second;
  bool was_started = false;
  const ProgramResult first = run_program_until(arguments, [&] {
    if (!was_started && fs::exists(folder_.path("merged.lock"))) {
      was_started = true;
      second = run_program(arguments);
    }
    return false;
  });
  EXPECT_EQ(first.exit_code, 0) << first.err;
  ASSERT_TRUE(was_started);
  EXPECT_EQ(second.exit_code, 2) << second.err;
  EXPECT_TRUE(fs::exists(folder_.path("merged/model.safetensors")));
  EXPECT_FALSE(fs::exists(folder_.path("merged.lock")));
}

}  // namespace
}  // namespace lmc::tests
