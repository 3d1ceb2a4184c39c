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

// What is said of a DICOM image, and that nothing of its patient is.
TEST(Program, ADicomImageIsShownByAWindow) {
  const std::string files = LMC_SOURCE_DIR "/tests/golden/dicom/";
  const std::string model = LMC_SOURCE_DIR "/tests/golden/prompt/model";
  const auto inspect = [&](const std::string& name) {
    return run_program({"inspect", "--model", model, "--text", "x", "--image", files + name});
  };
  const ProgramResult shown = inspect("two_windows.dcm");
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.err,
              HasSubstr("DICOM, CT, window 40,400; windows: SOFT TISSUE, LUNG, abdomen"));
  const ProgramResult burned_in = inspect("burned_in.dcm");
  EXPECT_THAT(burned_in.err, HasSubstr("warning: "));
  EXPECT_THAT(burned_in.err, HasSubstr("text is burned into the pixels"));
  for (const ProgramResult& result : {shown, burned_in}) {
    EXPECT_EQ((result.out + result.err).find("entinel"), std::string::npos);
  }
  const auto ask = [&](const std::string& name, const std::string& flag, const std::string& value) {
    return run_program(
        {"ask", "--model", model, "--question", "x", "--image", files + name, flag, value});
  };
  expect_one_error_line(ask("two_windows.dcm", "--window", "liver"), "full, SOFT TISSUE, LUNG");
  expect_one_error_line(ask("four_frames.dcm", "--frame", "5"), "a frame of 1 to 4");
  expect_one_error_line(ask("../image_files/plain.png", "--window", "lung"), "only DICOM");
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
