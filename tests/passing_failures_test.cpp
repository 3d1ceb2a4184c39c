// What the system fails to give for a while is no property of a file: the run ends with exit code 2
// and one line, nothing is noted down for good, and the same command comes to the same end as one
// that was never disturbed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <numeric>
#include <set>
#include <sstream>

#include "base/check.h"  // cat
#include "base/files.h"  // write_file
#include "base/json.h"   // Json, to_text
#include "support/faulty_system.h"
#include "support/phantom_questions.h"
#include "support/run_program.h"
#include "support/scripted_http_server.h"

namespace lmc::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kStudent = LMC_SOURCE_DIR "/assets/phantom/student";

class PassingFailures : public ::testing::Test {
 protected:
  void SetUp() override { make_phantom_questions(folder_, 40, 4); }

  // Every question is answered by its own length, whatever that comes to.
  Script answer(const net::ServerRequest& request) {
    if (--requests_until_away_ == 0) fs::rename(folder_.path("data/images"), folder_.path("away"));
    Script script;
    script.body = to_text(
        {{"model", "scripted"},
         {"choices",
          {{{"message",
             {{"role", "assistant"},
              {"content",
               cat("The image shows one finding, and that decides the question.\n\nAnswer: ",
                   "ABCD"[request.body.size() % 4])}}},
            {"finish_reason", "stop"}}}},
         {"usage", {{"prompt_tokens", 100}, {"completion_tokens", 20}}}});
    return script;
  }

  // The stages that read images, with all that they write into the folder `out`.
  std::vector<std::string> command(const std::string& stage, const std::string& out) const {
    const std::string questions = folder_.path("train/questions.jsonl");
    const std::string path = folder_.path(out);
    if (stage == "teach") {
      return {"teach",
              "--questions",
              questions,
              "--out",
              path + "/ledger.jsonl",
              "--model",
              "m",
              "--endpoint",
              server_.url("/v1"),
              "--mode",
              "reject",
              "--concurrency",
              "1"};
    }
    if (stage == "teach --batch-write") {
      return {"teach",        "--questions", questions, "--out",       path + "/ledger.jsonl",
              "--model",      "m",           "--mode",  "rationalise", "--batch-write",
              path + "/batch"};
    }
    if (stage == "evaluate --endpoint") {
      return {"evaluate", "--questions", questions,          "--out",         path, "--model",
              "m",        "--endpoint",  server_.url("/v1"), "--concurrency", "1"};
    }
    if (stage == "ground --endpoint") {
      return {"ground",
              "--questions",
              questions,
              "--out",
              path,
              "--model",
              "m",
              "--reply",
              "reasoning",
              "--endpoint",
              server_.url("/v1"),
              "--conditions",
              "grey",
              "--shuffles",
              "1"};
    }
    if (stage == "evaluate") {
      return {"evaluate", "--questions", questions, "--out",  path,      "--model", kStudent,
              "--mode",   "likelihood",  "--reply", "answer", "--batch", "4"};
    }
    if (stage == "ground") {
      return {"ground", "--questions", questions, "--out",        path,   "--model",
              kStudent, "--reply",     "answer",  "--conditions", "grey", "--maps",
              "2",      "--map-grid",  "2",       "--limit",      "30"};
    }
    if (stage == "train") {
      return {"train",  "--questions", questions, "--out",   path, "--model", kStudent, "--target",
              "answer", "--batch",     "8",       "--steps", "4",  "--show",  "0"};
    }
    return {"prepare",
            "--pmc-vqa",
            folder_.path("data/composite_train.csv"),
            "--images",
            folder_.path("data/images"),
            "--out",
            path,
            "--decode-images"};
  }

  // What the stage's run came to: the file that must not differ.
  std::string result_of(const std::string& stage, const std::string& out) const {
    if (stage == "train") return read_bytes(folder_.path(out + "/adapter_model.safetensors"));
    if (stage == "prepare") return read_bytes(folder_.path(out + "/questions.jsonl"));
    if (stage == "teach --batch-write") return read_bytes(folder_.path(out + "/batch-001.jsonl"));
    if (stage == "teach") return without_times(read_bytes(folder_.path(out + "/ledger.jsonl")));
    return read_bytes(
        folder_.path(out + (stage.starts_with("ground") ? "/grounding.jsonl" : "/answers.jsonl")));
  }

  // In any order: requests are made ready by several threads.
  static std::string without_times(const std::string& lines) {
    std::istringstream in(lines);
    std::set<std::string> all;
    for (std::string line; std::getline(in, line);) {
      Json json = Json::parse(line);
      json.erase("finished_at");
      EXPECT_TRUE(all.insert(to_text(json)).second) << line;
    }
    return std::accumulate(all.begin(), all.end(), std::string());
  }

  static std::vector<std::string> stages() {
    std::vector<std::string> all = {"prepare", "teach", "teach --batch-write",
                                    "evaluate --endpoint", "ground --endpoint"};
    if (LMC_WITH_TORCH) all.insert(all.end(), {"evaluate", "ground", "train"});
    return all;
  }

  // Ends with exit code 2 and one line that says `reason`; nothing that is wrong stays.
  void expect_stopped(const ProgramResult& run, const std::string& stage,
                      const std::string& reason) const {
    EXPECT_EQ(run.exit_code, 2) << stage << ": " << run.err;
    const size_t begin = run.err.rfind("error: ");
    ASSERT_NE(begin, run.err.npos) << stage << ": " << run.err;
    const std::string line = run.err.substr(begin);
    EXPECT_THAT(line, HasSubstr(reason)) << stage;
    EXPECT_THAT(line, HasSubstr("the same command")) << stage;
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << stage << ": " << line;
  }

  TemporaryFolder folder_;
  std::atomic<int> requests_until_away_ = 0;
  // Ends first: its thread uses what stands above.
  ScriptedHttpServer server_{
      [this](const net::ServerRequest& request, int64_t) { return answer(request); }};
};

TEST_F(PassingFailures, OfAFileEndTheRunAndLeaveNothingBehind) {
  if (!kHaveFaultySystem) GTEST_SKIP() << "built with sanitizers";
  const std::pair<int, const char*> reasons[] = {{EIO, "Input/output error"},
                                                 {ESTALE, "Stale file handle"},
                                                 {ENOMEM, "Cannot allocate memory"},
                                                 {ENFILE, "Too many open files in system"},
                                                 {EMFILE, "Too many open files"}};
  size_t next = 0;
  for (const std::string& stage : stages()) {
    const ProgramResult whole = run_program(command(stage, "whole"));
    ASSERT_EQ(whole.exit_code, 0) << stage << ": " << whole.err;
    for (const int first : {0, 11}) {
      const auto& [reason, words] = reasons[next++ % std::size(reasons)];
      const auto again = command(stage, "again");
      // Each image is opened once or more; "data/images/" names them all.
      expect_stopped(run_under(failing_open(reason, first, 1, "data/images/"), again), stage,
                     words);
      const ProgramResult rest = run_program(again);
      ASSERT_EQ(rest.exit_code, 0) << stage << ": " << rest.err;
      EXPECT_EQ(result_of(stage, "again"), result_of(stage, "whole")) << stage << " " << words;
      fs::remove_all(folder_.path("again"));
    }
    fs::remove_all(folder_.path("whole"));
  }
}

TEST_F(PassingFailures, AFolderThatIsAwayEndsTheRun) {
  for (const std::string& stage : stages()) {
    if (stage == "prepare") continue;  // without images there is no question
    const ProgramResult whole = run_program(command(stage, "whole"));
    ASSERT_EQ(whole.exit_code, 0) << stage << ": " << whole.err;
    const auto again = command(stage, "again");
    fs::rename(folder_.path("data/images"), folder_.path("away"));
    expect_stopped(run_program(again), stage, "images in a row");
    // An empty folder, as of a file system that is not mounted, is no better.
    fs::create_directory(folder_.path("data/images"));
    expect_stopped(run_program(again), stage, "images in a row");
    fs::remove(folder_.path("data/images"));
    fs::rename(folder_.path("away"), folder_.path("data/images"));
    const ProgramResult rest = run_program(again);
    ASSERT_EQ(rest.exit_code, 0) << stage << ": " << rest.err;
    EXPECT_EQ(result_of(stage, "again"), result_of(stage, "whole")) << stage;
    fs::remove_all(folder_.path("again"));
    fs::remove_all(folder_.path("whole"));
  }
}

TEST_F(PassingFailures, AFolderThatGoesAwayInBetween) {
  for (const std::string stage : {"teach", "evaluate --endpoint", "ground --endpoint"}) {
    const ProgramResult whole = run_program(command(stage, "whole"));
    ASSERT_EQ(whole.exit_code, 0) << stage << ": " << whole.err;
    const auto again = command(stage, "again");
    requests_until_away_ = 7;
    expect_stopped(run_program(again), stage, "images in a row");
    EXPECT_LE(requests_until_away_, 0);
    fs::rename(folder_.path("away"), folder_.path("data/images"));
    const ProgramResult rest = run_program(again);
    ASSERT_EQ(rest.exit_code, 0) << stage << ": " << rest.err;
    EXPECT_EQ(result_of(stage, "again"), result_of(stage, "whole")) << stage;
    fs::remove_all(folder_.path("again"));
    fs::remove_all(folder_.path("whole"));
  }
}

// Single images that are missing or damaged are noted down, as before.
TEST_F(PassingFailures, SingleImagesAreLeftOut) {
  std::vector<fs::path> images;
  for (const auto& entry : fs::directory_iterator(folder_.path("data/images"))) {
    images.push_back(entry.path());
  }
  std::sort(images.begin(), images.end());
  fs::remove(images[1]);
  fs::resize_file(images[5], fs::file_size(images[5]) / 2);
  const ProgramResult run = run_program(command("teach", "run"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out + run.err, HasSubstr("unreadable-picture 2"));
}

}  // namespace
}  // namespace lmc::tests
