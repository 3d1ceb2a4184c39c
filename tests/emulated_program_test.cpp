// The program on processors that this machine does not have, under QEMU: one with 64-bit ARM runs the
// device files of this one, and says what this one says.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "support/phantom_questions.h"
#include "support/run_program.h"

namespace lmc::tests {
namespace {

using testing::HasSubstr;

constexpr const char* kArmProgram = LMC_SOURCE_DIR "/build-aarch64/litemedcot";

class LongEmulated : public testing::Test {
 protected:
  void need(const std::string& emulator) {
    if (run_command({emulator, "--version"}).exit_code != 0) {
      GTEST_SKIP() << "no " << emulator << " here (Debian: qemu-user)";
    }
  }

  void need_arm() {
    need("qemu-aarch64");
    if (!std::filesystem::exists(kArmProgram)) {
      GTEST_SKIP() << "no " << kArmProgram << ": make aarch64";
    }
  }

  static ProgramResult run_on_arm(const std::string& processor,
                                  const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {
        "qemu-aarch64", "-cpu", processor, "-L", LMC_SOURCE_DIR "/.sysroot-aarch64", kArmProgram};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_command(command);
  }

  std::string export_as(const std::string& weights) {
    const std::string path = folder_.path(weights + ".lmcd");
    const ProgramResult result =
        run_program({"export", "--model", LMC_SOURCE_DIR "/assets/phantom/student", "--format",
                     "device", "--weights", weights, "--out", path});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return path;
  }

  // With probabilities, to all their digits.
  std::vector<std::string> question(const std::string& model) {
    return {"ask",
            "--model",
            model,
            "--image",
            folder_.path("data/images/composite_validation_000000.png"),
            "--question",
            "Which side of the image shows a finding?",
            "--choices",
            "left",
            "right",
            "both",
            "none",
            "--json"};
  }

  const TemporaryFolder folder_;
};

// A processor with NEON alone, one with dot products, and one with products of matrices too. Integers
// are exact everywhere, and the tiers of both kinds of processor round alike.
TEST_F(LongEmulated, ArmSaysWhatThisMachineSays) {
  need_arm();
  if (IsSkipped()) return;
  make_phantom_questions(folder_, 1, 1);
  for (const char* weights : {"f32", "int8", "int4"}) {
    const std::string path = export_as(weights);
    const ProgramResult here = run_program(question(path));
    ASSERT_EQ(here.exit_code, 0) << here.err;
    for (const char* processor : {"cortex-a53", "cortex-a76", "max"}) {
      const ProgramResult there = run_on_arm(processor, question(path));
      EXPECT_EQ(there.exit_code, 0) << there.err;
      EXPECT_EQ(there.out, here.out) << weights << " on " << processor;
    }
  }
}

TEST_F(LongEmulated, WhatArmDoesNotTakeIsSaidInALine) {
  need_arm();
  if (IsSkipped()) return;
  const std::string path = export_as("int4");
  const auto error_of = [&](const std::string& model, const std::string& tier) {
    const ProgramResult result =
        run_on_arm("cortex-a76", {"ask", "--question", "What?", "--model", model, "--tier", tier});
    EXPECT_EQ(result.exit_code, 2) << result.err;
    return result.err;
  };
  EXPECT_THAT(error_of(path, "avx2"), HasSubstr("neon-i8mm"));
  EXPECT_THAT(error_of(path, "neon-i8mm"), HasSubstr("lacks its instructions"));
  EXPECT_THAT(error_of(folder_.path("none.lmcd"), "auto"), HasSubstr("none.lmcd"));
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_THAT(error_of(path, "auto"), HasSubstr("cut short or damaged"));
}

#if !LMC_WITH_TORCH
// Where there is no tier but the scalar one, nothing compiled for another may run, not even before
// main().
TEST_F(LongEmulated, AProcessorWithoutAvxRunsTheScalarTier) {
  need("qemu-x86_64");
  if (IsSkipped()) return;
  make_phantom_questions(folder_, 1, 1);
  const std::string path = export_as("int8");
  std::vector<std::string> command = {"qemu-x86_64", "-cpu", "Nehalem", LMC_PROGRAM};
  std::vector<std::string> arguments = question(path);
  command.insert(command.end(), arguments.begin(), arguments.end());
  const ProgramResult there = run_command(command);
  EXPECT_EQ(there.exit_code, 0) << there.err;
  arguments.insert(arguments.end(), {"--tier", "scalar"});
  EXPECT_EQ(there.out, run_program(arguments).out);
}
#endif

}  // namespace
}  // namespace lmc::tests
