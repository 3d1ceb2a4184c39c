// A training that has left the numbers: it ends at once with exit code 2 and one line, whatever is
// trained and on however many processes, and saves nothing of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "support/mpirun.h"
#include "support/phantom_questions.h"
#include "support/run_program.h"

namespace lmc::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class TrainNotFinite : public ::testing::Test {
 protected:
  void SetUp() override { make_phantom_questions(folder_, 12, 4); }

  std::vector<std::string> command(const std::string& out, const std::vector<std::string>& more,
                                   const std::string& warmup = "0") {
    std::vector<std::string> words = {"train",
                                      "--model",
                                      LMC_SOURCE_DIR "/assets/phantom/student",
                                      "--questions",
                                      folder_.path("train/questions.jsonl"),
                                      "--target",
                                      "answer",
                                      "--batch",
                                      "4",
                                      "--schedule",
                                      "constant",
                                      "--warmup",
                                      warmup,
                                      "--show",
                                      "0",
                                      "--out",
                                      folder_.path(out)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  // The last line, which is the error.
  static std::string last_line(const std::string& text) {
    const size_t end = text.find_last_not_of('\n');
    const size_t begin = text.find_last_of('\n', end);
    return text.substr(begin == text.npos ? 0 : begin + 1);
  }

  // Files that hold weights, by name, under a run's folder; those of checkpoints left out.
  std::vector<std::string> saved(const std::string& out) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path(out))) {
      const std::string path = entry.path().string();
      if (path.ends_with(".safetensors") && path.find("/checkpoints/") == path.npos) {
        found.push_back(path);
      }
    }
    return found;
  }

  TemporaryFolder folder_;
};

// Every update is one of about the learning rate, so that the largest f32 there is multiplies to
// more; a single step is enough, though no loss is computed behind it.
TEST_F(TrainNotFinite, EndsWhateverIsTrained) {
  const std::vector<std::vector<std::string>> kinds = {
      {}, {"--dora"}, {"--full"}, {"--dtype", "bfloat16"}};
  for (size_t kind = 0; kind < kinds.size(); ++kind) {
    for (const char* steps : {"1", "3"}) {
      const std::string out = "run" + std::to_string(kind) + steps;
      auto more = kinds[kind];
      more.insert(more.end(), {"--learning-rate", "1e38", "--steps", steps});
      const ProgramResult run = run_program(command(out, more));
      EXPECT_EQ(run.exit_code, 2) << out << run.err;
      const std::string line = last_line(run.err);
      EXPECT_THAT(line, HasSubstr("not finite")) << out;
      EXPECT_THAT(line, HasSubstr("step ")) << out;
      EXPECT_THAT(line, HasSubstr("no checkpoint")) << out;
      EXPECT_THAT(line, HasSubstr("--learning-rate than 1e+38")) << out;
      EXPECT_EQ(line.find("--dtype") != line.npos, kind == 3) << line;
      EXPECT_THAT(saved(out), ::testing::IsEmpty());
      EXPECT_FALSE(fs::exists(folder_.path(out + "/result.json")));
      EXPECT_FALSE(fs::exists(folder_.path(out + "/checkpoints")));
    }
  }
}

// The rate rises from 0 to its full size over the steps: the first ones are sound.
TEST_F(TrainNotFinite, NamesTheLastGoodCheckpoint) {
  const ProgramResult run = run_program(
      command("run",
              {"--learning-rate", "1e38", "--steps", "4", "--save-every", "1", "--validate-every",
               "1", "--validation", folder_.path("validation/questions.jsonl")},
              "0.5"));
  EXPECT_EQ(run.exit_code, 2) << run.err;
  EXPECT_THAT(last_line(run.err), HasSubstr(folder_.path("run/checkpoints/step-000001")));
  EXPECT_TRUE(fs::exists(folder_.path("run/checkpoints/step-000001/state.json")));
  EXPECT_FALSE(fs::exists(folder_.path("run/checkpoints/step-000002")));
  EXPECT_FALSE(fs::exists(folder_.path("run/adapter_model.safetensors")));
  // The best so far is that of the sound step.
  EXPECT_EQ(saved("run").size(), 1U);
  // It goes on from there, to the same end.
  const ProgramResult again = run_program(
      command("run",
              {"--learning-rate", "1e38", "--steps", "4", "--save-every", "1", "--validate-every",
               "1", "--validation", folder_.path("validation/questions.jsonl")},
              "0.5"));
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_EQ(last_line(again.err), last_line(run.err));
}

TEST_F(TrainNotFinite, AllRanksStopAlike) {
  if (!have_mpirun()) GTEST_SKIP() << "no mpirun, or built without MPI";
  auto words = command("run", {"--learning-rate", "1e38", "--steps", "3", "--threads", "1"});
  words.insert(words.begin(), LMC_PROGRAM);
  Mpirun ranks(2, words);
  EXPECT_EQ(ranks.wait(), 2);
  EXPECT_THAT(ranks.err(0), HasSubstr("not finite"));
  EXPECT_EQ(last_line(ranks.err(0)), last_line(ranks.err(1)));
  EXPECT_THAT(saved("run"), ::testing::IsEmpty());
}

}  // namespace
}  // namespace lmc::tests
