// A training that could learn nothing, or would take all there is, ends before its first step with
// exit code 2 and one line, and writes no adapter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "support/phantom_questions.h"
#include "support/run_program.h"

namespace lmc::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(TrainRefusals, WhatCannotWorkEndsAtOnce) {
  const TemporaryFolder folder;
  make_phantom_questions(folder, 6, 2);
  const std::vector<std::string> train = {"train",
                                          "--model",
                                          LMC_SOURCE_DIR "/assets/phantom/student",
                                          "--questions",
                                          folder.path("train/questions.jsonl"),
                                          "--target",
                                          "answer",
                                          "--show",
                                          "0",
                                          "--out",
                                          folder.path("run")};
  const auto expect_refused = [&](const std::vector<std::string>& more, const std::string& part) {
    std::vector<std::string> words = train;
    words.insert(words.end(), more.begin(), more.end());
    const ProgramResult run = run_program(words);
    EXPECT_EQ(run.exit_code, 2) << part << run.err;
    EXPECT_THAT(run.err.substr(std::min(run.err.size(), run.err.rfind("error: "))),
                HasSubstr(part));
    EXPECT_FALSE(fs::exists(folder.path("run/adapter_config.json")));
    EXPECT_FALSE(fs::exists(folder.path("run/result.json")));
  };
  expect_refused({"--max-tokens", "2"}, "of 6 samples none can be learnt from");
  expect_refused({"--batch", "9223372036854775807"}, "--batch: expected 1 to 1048576");
  expect_refused({"--steps", "9223372036854775807"}, "--steps: expected 0 to 2147483647");
  expect_refused({"--epochs", "1e300"}, "--epochs: expected above 0 to 1000000");
  expect_refused({"--rank", "1000000", "--dry-run"}, "--rank: expected 1 to 32768");
  expect_refused({"--alpha", "1e308", "--dry-run"}, "--alpha: expected a number of at most 1e+09");
  expect_refused({"--alpha-pattern", "q_proj=1e308", "--dry-run"}, "--alpha-pattern: expected");
  for (const auto& entry : fs::directory_iterator(folder.path("data/images"))) {
    fs::resize_file(entry.path(), 50);
  }
  expect_refused({}, "of 6 samples none can be learnt from");
}

}  // namespace
}  // namespace lmc::tests
