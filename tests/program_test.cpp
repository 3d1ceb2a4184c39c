// What a user meets who mistypes: one clear line and exit code 2, never a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "support/run_program.h"

namespace lmc::tests {
namespace {

using ::testing::HasSubstr;

void expect_one_error_line(const ProgramResult& result, const std::string& part) {
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr(part));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST(Program, HelpNamesEveryStage) {
  const ProgramResult result = run_program({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  std::vector<const char*> stages = {"init",  "inspect",  "phantom", "prepare", "serve",
                                     "teach", "evaluate", "ground",  "report",  "ask"};
  if (LMC_WITH_TORCH) stages.insert(stages.end(), {"train", "demo"});
  for (const char* stage : stages) {
    EXPECT_THAT(result.out, HasSubstr(stage));
    const ProgramResult help = run_program({stage, "--help"});
    EXPECT_EQ(help.exit_code, 0) << stage;
    EXPECT_THAT(help.out, HasSubstr("Examples:")) << stage;
  }
}

TEST(Program, MistypedCommandNamesTheNearest) {
  expect_one_error_line(run_program({"evaluat"}),
                        "no command is called \"evaluat\" (hint: did you mean evaluate?)");
}

TEST(Program, MistypedFlagNamesTheNearest) {
  expect_one_error_line(run_program({"ask", "--modle", "x"}), "did you mean --model?");
}

TEST(Program, MissingOptionIsNamed) {
  expect_one_error_line(run_program({"ask", "--question", "x"}), "--model is missing");
}

TEST(Program, MissingFolderIsNamed) {
  expect_one_error_line(run_program({"inspect", "--model", "no-such-folder", "--text", "x"}),
                        "no-such-folder: no such folder");
}

TEST(Program, ImagesAndConversationMustAgree) {
  const TemporaryFolder folder;
  std::ofstream(folder.path("chat.json"))
      << R"([{"role": "user", "content": [{"type": "image"}]}])";
  expect_one_error_line(
      run_program({"inspect", "--model", LMC_SOURCE_DIR "/tests/golden/prompt/model", "--messages",
                   folder.path("chat.json")}),
      "the conversation has 1 images, but 0 are given");
}

TEST(Program, TellsWhatItDidWithAnImage) {
  const std::string files = LMC_SOURCE_DIR "/tests/golden/image_files/";
  const auto inspect = [](const std::string& image) {
    return run_program({"inspect", "--model", LMC_SOURCE_DIR "/tests/golden/prompt/model", "--text",
                        "x", "--image", image});
  };
  const ProgramResult turned = inspect(files + "rgba_turned.png");
  EXPECT_EQ(turned.exit_code, 0) << turned.err;
  EXPECT_THAT(turned.err, HasSubstr("rgba_turned.png: turned upright"));
  EXPECT_THAT(turned.err, HasSubstr("white stands behind"));
  EXPECT_EQ(inspect(files + "plain.jpg").err, "");
  const TemporaryFolder folder;
  std::ofstream(folder.path("p.jpg")) << "version https://git-lfs.github.com/spec/v1\n";
  expect_one_error_line(inspect(folder.path("p.jpg")), "found: git-lfs pointer");
}

}  // namespace
}  // namespace lmc::tests
