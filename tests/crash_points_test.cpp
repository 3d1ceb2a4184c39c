// A process that dies at any of its changes to the file system, in the middle of a write too: the
// same command, started again, comes to the same bytes as one that was never killed, and leaves
// nothing unfinished behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <regex>
#include <sstream>
#include <vector>

#include "base/check.h"        // cat
#include "base/device_file.h"  // DeviceFile
#include "base/json.h"         // Json, to_text
#include "support/faulty_system.h"
#include "support/phantom_questions.h"
#include "support/run_program.h"
#include "support/scripted_http_server.h"

namespace lmc::tests {
namespace {

namespace fs = std::filesystem;

constexpr int kKilled = 128 + SIGKILL;

struct Stage {
  std::vector<std::string> command;  // that writes into the folder `out` alone
  std::vector<std::string> results;  // files in it that must not differ
};

class CrashPoints : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!kHaveFaultySystem) GTEST_SKIP() << "built with sanitizers";
    make_phantom_questions(folder_, 8, 2);
    const ProgramResult made = run_program(
        {"export", "--model", LMC_SOURCE_DIR "/assets/phantom/student", "--format", "device",
         "--weights", "int8", "--no-verify", "--out", folder_.path("s.lmcd")});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  static Script answer(const net::ServerRequest& request) {
    Script script;
    script.body = to_text(
        {{"model", "scripted"},
         {"choices",
          {{{"message",
             {{"role", "assistant"},
              {"content", cat("It shows one finding, and that decides the question.\n\nAnswer: ",
                              "ABCD"[request.body.size() % 4])}}},
            {"finish_reason", "stop"}}}},
         {"usage", {{"prompt_tokens", 100}, {"completion_tokens", 20}}}});
    return script;
  }

  std::string out(const std::string& name = {}) const {
    return folder_.path(name.empty() ? "out" : "out/" + name);
  }

  // Without the times at which lines were finished. A ledger's are in any order: requests are made
  // ready by several threads.
  std::string result(const std::string& name) const {
    if (name.ends_with(".lmcd")) return tensors_of(out(name));
    const std::string bytes = read_bytes(out(name));
    if (name.ends_with(".html")) {
      // A page says when it was made.
      return std::regex_replace(bytes, std::regex("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z"),
                                "");
    }
    if (!name.ends_with(".jsonl")) return bytes;
    std::istringstream in(bytes);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
      Json json = Json::parse(line, nullptr, false);
      if (json.is_object()) json.erase("finished_at");
      lines.push_back(to_text(json) + "\n");
    }
    if (name == "ledger.jsonl") std::sort(lines.begin(), lines.end());
    return std::accumulate(lines.begin(), lines.end(), std::string());
  }

  // Of a device file all but what it says of its own making.
  static std::string tensors_of(const std::string& path) {
    const DeviceFile file(path);
    file.verify();
    std::string all;
    for (const auto& [name, tensor] : file.tensors()) {
      all += name;
      all.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
    }
    return all;
  }

  std::map<std::string, std::string> results_of(const Stage& stage) const {
    std::map<std::string, std::string> results;
    for (const std::string& name : stage.results) results[name] = result(name);
    return results;
  }

  void expect_nothing_unfinished(const std::string& where) const {
    for (const auto& entry : fs::recursive_directory_iterator(out())) {
      EXPECT_EQ(entry.path().string().find(".part-"), std::string::npos) << where << entry.path();
    }
  }

  // Kills the stage at `points` of its changes, spread over all; 0: at every one.
  void check(const std::string& name, const Stage& stage, long points) {
    fs::create_directories(out());
    const ProgramResult whole =
        run_under({{"LMC_CHANGES_FILE", folder_.path("changes")}}, stage.command);
    ASSERT_EQ(whole.exit_code, 0) << name << ": " << whole.err;
    const long changes = std::stol(read_bytes(folder_.path("changes")));
    ASSERT_GT(changes, 5) << name;
    const auto right = results_of(stage);
    for (const auto& [file, bytes] : right) {
      if (file != "rejected.jsonl") EXPECT_FALSE(bytes.empty()) << file;  // nothing was rejected
    }
    const long step = points == 0 ? 1 : std::max(1L, changes / points);
    int killed = 0;
    for (long at = 1; at <= changes; at += step) {
      const std::string where = cat(name, ", change ", at, " of ", changes, ": ");
      fs::remove_all(out());
      fs::create_directories(out());
      const ProgramResult first = run_under({{"LMC_CRASH_AT", std::to_string(at)}}, stage.command);
      // Threads may make fewer changes in another order.
      if (first.exit_code == kKilled) ++killed;
      ASSERT_TRUE(first.exit_code == kKilled || first.exit_code == 0) << where << first.err;
      const ProgramResult second = run_program(stage.command);
      // What was whole when the kill came, at the removal of its lock, is not made again.
      const bool was_whole = second.err.find("is there already") != std::string::npos;
      ASSERT_EQ(second.exit_code, was_whole ? 2 : 0) << where << second.err;
      EXPECT_TRUE(!was_whole || (name == "export" && at == changes)) << where << second.err;
      for (const auto& [file, bytes] : right) EXPECT_EQ(result(file), bytes) << where << file;
      expect_nothing_unfinished(where);
    }
    EXPECT_GT(killed, 3) << name;
    fs::remove_all(out());
  }

  std::map<std::string, Stage> stages() const {
    const std::string questions = folder_.path("train/questions.jsonl");
    return {{"prepare",
             {{"prepare", "--pmc-vqa", folder_.path("data/composite_train.csv"), "--images",
               folder_.path("data/images"), "--out", out(), "--decode-images", "--audit"},
              {"questions.jsonl", "rejected.jsonl", "row_ids.txt", "result.json", "audit.json",
               "audit.html"}}},
            {"teach",
             {{"teach", "--questions", questions, "--out", out("ledger.jsonl"), "--model", "m",
               "--endpoint", server_.url("/v1"), "--mode", "reject", "--concurrency", "1"},
              {"ledger.jsonl"}}},
            {"teach --export",
             {{"teach", "--questions", questions, "--out",
               folder_.path("data/composite_train_explanations.jsonl"), "--export", out("x.jsonl")},
              {"x.jsonl"}}},
            {"evaluate",
             {{"evaluate", "--model", folder_.path("s.lmcd"), "--questions", questions, "--out",
               out(), "--mode", "likelihood", "--reply", "answer", "--batch", "2"},
              {"answers.jsonl", "result.json"}}},
            {"evaluate --endpoint",
             {{"evaluate", "--model", "m", "--endpoint", server_.url("/v1"), "--questions",
               questions, "--out", out(), "--concurrency", "1"},
              {"answers.jsonl", "result.json"}}},
            {"ground",
             {{"ground", "--model", folder_.path("s.lmcd"), "--questions", questions, "--out",
               out(), "--reply", "answer", "--conditions", "grey", "--shuffles", "1", "--limit",
               "4", "--maps", "1", "--map-grid", "2"},
              {"grounding.jsonl", "maps.jsonl", "result.json"}}},
            {"report",
             {{"report", folder_.path("run"), "--questions", questions, "--out", out("report.html"),
               "--tables", out("tables")},
              {"report.html"}}},
            {"export",
             {{"export", "--model", LMC_SOURCE_DIR "/assets/phantom/student", "--format", "device",
               "--weights", "int8", "--no-verify", "--out", out("s.lmcd")},
              {"s.lmcd"}}}};
  }

  void check_all(long points) {
    const ProgramResult run =
        run_program({"evaluate", "--model", folder_.path("s.lmcd"), "--questions",
                     folder_.path("train/questions.jsonl"), "--out", folder_.path("run"), "--mode",
                     "likelihood", "--reply", "answer"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    for (const auto& [name, stage] : stages()) check(name, stage, points);
  }

  TemporaryFolder folder_;
  ScriptedHttpServer server_{
      [](const net::ServerRequest& request, int64_t) { return answer(request); }};
};

TEST_F(CrashPoints, ASecondStartComesToTheSameBytes) { check_all(6); }

TEST_F(CrashPoints, LongEveryOneOfThem) { check_all(0); }

}  // namespace
}  // namespace lmc::tests
