// Every kind of input, damaged at random, through the program's own command line: whatever a file
// holds, a command ends by itself, with exit code 0 or with 2 and one line of error; never by a
// signal, never as a bug of ours, never late. Each run is a process of its own.
//
// A finding's files stay in the folder mutation_findings beside the test, with the command.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "base/check.h"  // cat
#include "base/json.h"   // Json, to_text
#include "support/forked_program.h"
#include "support/mutator.h"
#include "support/run_program.h"  // read_bytes, TemporaryFolder

namespace lmc::tests {
namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

// A command that reads a file. "@/" stands for the run's own folder, which has all that is in the
// list of `needed` as links or copies, and `file` damaged.
struct Case {
  std::string file;
  FileKind kind;
  Words needed;
  Words command;
};

Words with_folder(const Words& words, const std::string& folder) {
  Words result = words;
  for (std::string& word : result) {
    for (size_t at = word.find("@/"); at != word.npos; at = word.find("@/", at + 1)) {
      word.replace(at, 1, folder);
    }
  }
  return result;
}

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void write_bytes(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

// Records may be written to by a command, and are copied; what is large is linked.
void bring(const fs::path& from, const fs::path& to) {
  fs::create_directories(to.parent_path());
  if (fs::is_directory(from)) {
    fs::create_directories(to);
    for (const auto& entry : fs::directory_iterator(from)) {
      bring(entry.path(), to / entry.path().filename());
    }
  } else if (const auto kind = from.extension(); kind == ".json" || kind == ".jsonl") {
    fs::copy_file(from, to);
  } else {
    fs::create_symlink(from, to);
  }
}

class Mutations : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    base_ = new TemporaryFolder;
    make_base();
  }
  static void TearDownTestSuite() {
    delete base_;
    base_ = nullptr;
  }

  static std::string base(const std::string& name) { return base_->path(name); }

  static void run(const Words& words) {
    const TemporaryFolder output;
    int status = 0;
    const pid_t child = start_forked(with_folder(words, base_->path()), output.path(), {600, 600});
    ::waitpid(child, &status, 0);
    ASSERT_EQ(exit_code_of(status), 0) << joined(words) << ": " << read_bytes(output.path("err"));
  }

  // All stages once, over very little.
  static void make_base() {
    bring(LMC_SOURCE_DIR "/assets/phantom/student", base("student"));
    run({"phantom", "--out", "@/data", "--train", "6", "--validation", "2", "--single-test", "2",
         "--test", "4"});
    run({"prepare", "--pmc-vqa", "@/data/composite_test.csv", "--images", "@/data/images",
         "--boxes", "@/data/composite_test_boxes.jsonl", "--out", "@/q", "--decode-images"});
    run({"prepare", "--pmc-vqa", "@/data/composite_train.csv", "--images", "@/data/images", "--out",
         "@/t"});
    std::string own = read_bytes(base("t/questions.jsonl"));
    for (size_t at; (at = own.find("../data/images/")) != own.npos;) own.erase(at, 15);
    write_bytes(base("own.jsonl"), own);
    run({"export", "--model", "@/student", "--format", "device", "--weights", "int8", "--no-verify",
         "--out", "@/s.lmcd"});
    for (const char* part : {"1/2", "2/2"}) {
      run({"evaluate", "--model", "@/s.lmcd", "--questions", "@/q/questions.jsonl", "--mode",
           "likelihood", "--reply", "answer", "--batch", "2", "--shard", part, "--out",
           cat("@/shard", part[0])});
    }
    run({"evaluate", "--merge", "@/shard1", "@/shard2", "--questions", "@/q/questions.jsonl",
         "--out", "@/run"});
    run({"evaluate", "--calibrate", "@/run", "--out", "@/calibration.json"});
    run({"ground", "--model", "@/s.lmcd", "--questions", "@/q/questions.jsonl", "--conditions",
         "grey", "rotation", "--shuffles", "1", "--maps", "1", "--map-grid", "2", "--out", "@/g"});
    fs::copy_file(base("data/composite_train_explanations.jsonl"), base("ledger.jsonl"));
    fs::copy_file(base("data/composite_train_explanations.jsonl"), base("other.jsonl"));
    run({"teach", "--questions", "@/t/questions.jsonl", "--out", "@/ledger.jsonl", "--export",
         "@/foreign.jsonl", "--form", "sharegpt"});
    for (const auto& entry : fs::directory_iterator(base("data/images"))) {
      fs::copy_file(entry.path(), base("i.png"), fs::copy_options::overwrite_existing);
    }
    fs::copy_file(LMC_SOURCE_DIR "/tests/golden/image/rgb.jpg", base("i.jpg"));
    fs::copy_file(LMC_SOURCE_DIR "/tests/golden/image_files/" + any_webp(), base("i.webp"));
    write_bytes(base("options.json"), to_text({{"questions", "@/t/questions.jsonl"},
                                               {"limit", 2},
                                               {"mode", "reject"},
                                               {"samples", 2},
                                               {"temperature", 0.7},
                                               {"rules-off", {"too-short"}},
                                               {"dry-run", true},
                                               {"out", "@/l.jsonl"},
                                               {"model", "m"}}));
    write_bytes(base("replies.jsonl"), batch_replies());
    if (LMC_WITH_TORCH) {
      run({"train", "--model", "@/student", "--questions", "@/t/questions.jsonl", "--explanations",
           "@/ledger.jsonl", "--batch", "2", "--steps", "2", "--rank", "2", "--save-every", "1",
           "--show", "0", "--out", "@/adapter"});
    }
  }

  static std::string any_webp() {
    for (const auto& entry : fs::directory_iterator(LMC_SOURCE_DIR "/tests/golden/image_files")) {
      if (entry.path().extension() == ".webp") return entry.path().filename();
    }
    return "none";
  }

  static std::string batch_replies() {
    std::istringstream questions(read_bytes(base("t/questions.jsonl")));
    std::string lines;
    for (std::string line; std::getline(questions, line);) {
      const std::string id = Json::parse(line)["id"];
      const Json completion = {
          {"model", "m"},
          {"choices",
           {{{"message", {{"role", "assistant"}, {"content", "It shows one.\n\nAnswer: A"}}},
             {"finish_reason", "stop"}}}},
          {"usage", {{"prompt_tokens", 10}, {"completion_tokens", 5}}}};
      lines += to_text({{"custom_id", id + "#0"},
                        {"response", {{"status_code", 200}, {"body", completion}}}}) +
               "\n";
    }
    return lines;
  }

  static std::vector<Case> cases() {
    const Words ask = {"ask",           "--question",       "Which?", "--choices", "a", "b",
                       "--answer-only", "--max-new-tokens", "1",      "--threads", "1", "--image"};
    const auto plus = [](Words words, const Words& more) {
      words.insert(words.end(), more.begin(), more.end());
      return words;
    };
    const Words to_device = {"export",    "--model",   "@/student", "--format",
                             "device",    "--weights", "bf16",      "--no-verify",
                             "--threads", "1",         "--out",     "@/x.lmcd"};
    const Words report = {"report", "@/run",        "@/g", "--questions", "@/q/questions.jsonl",
                          "--out",  "@/report.html"};
    const Words rescore = {"evaluate", "--rescore", "@/run", "--questions", "@/q/questions.jsonl",
                           "--out",    "@/again"};
    const Words prepared = {"q", "data/images"};
    const Words runs = {"q", "data/images", "run", "g"};
    const Words taught = {"t", "data/images", "ledger.jsonl", "other.jsonl"};
    const auto prepare = [&](const Words& source) {
      return plus({"prepare", "--images", "@/data/images", "--out", "@/p"}, source);
    };
    const auto teach = [&](const Words& what) {
      return plus({"teach", "--questions", "@/t/questions.jsonl", "--out", "@/ledger.jsonl"}, what);
    };
    std::vector<Case> all = {
        {"student/config.json", FileKind::kJson, {"student"}, to_device},
        {"student/tokenizer.json", FileKind::kJson, {"student"}, to_device},
        {"student/tokenizer_config.json", FileKind::kJson, {"student"}, to_device},
        {"student/preprocessor_config.json", FileKind::kJson, {"student"}, to_device},
        {"student/generation_config.json", FileKind::kJson, {"student"}, to_device},
        {"student/chat_template.json", FileKind::kJson, {"student"}, to_device},
        {"student/model.safetensors", FileKind::kSafetensors, {"student"}, to_device},
        {"s.lmcd",
         FileKind::kDeviceFile,
         {"s.lmcd", "i.png"},
         plus(ask, {"@/i.png", "--model", "@/s.lmcd"})},
        {"i.png",
         FileKind::kBytes,
         {"s.lmcd", "i.png"},
         plus(ask, {"@/i.png", "--model", "@/s.lmcd"})},
        {"i.jpg",
         FileKind::kBytes,
         {"s.lmcd", "i.jpg"},
         plus(ask, {"@/i.jpg", "--model", "@/s.lmcd"})},
        {"i.webp",
         FileKind::kBytes,
         {"s.lmcd", "i.webp"},
         plus(ask, {"@/i.webp", "--model", "@/s.lmcd"})},
        {"data/composite_test.csv",
         FileKind::kBytes,
         {"data"},
         prepare({"--pmc-vqa", "@/data/composite_test.csv"})},
        {"data/composite_test_boxes.jsonl",
         FileKind::kJsonLines,
         {"data"},
         prepare({"--pmc-vqa", "@/data/composite_test.csv", "--boxes",
                  "@/data/composite_test_boxes.jsonl"})},
        {"own.jsonl",
         FileKind::kJsonLines,
         {"own.jsonl", "t", "data/images"},
         prepare({"--jsonl", "@/own.jsonl", "--audit", "--against", "@/t"})},
        {"t/questions.jsonl", FileKind::kJsonLines, taught, teach({"--model", "m", "--dry-run"})},
        {"t/questions.jsonl", FileKind::kJsonLines, taught,
         teach({"--review-sheet", "@/sheet.html"})},
        {"q/questions.jsonl",
         FileKind::kJsonLines,
         {"q", "data/images", "s.lmcd"},
         {"evaluate", "--model", "@/s.lmcd", "--questions", "@/q/questions.jsonl", "--mode",
          "likelihood", "--reply", "answer", "--threads", "1", "--out", "@/new"}},
        {"q/questions.jsonl", FileKind::kJsonLines, runs, report},
        {"q/pictures.jsonl",
         FileKind::kJsonLines,
         {"q", "data"},
         {"prepare", "--pmc-vqa", "@/data/composite_test.csv", "--images", "@/data/images", "--out",
          "@/q", "--decode-images"}},
        {"q/result.json",
         FileKind::kJson,
         {"own.jsonl", "q", "data/images"},
         prepare({"--jsonl", "@/own.jsonl", "--audit", "--against", "@/q"})},
        {"ledger.jsonl", FileKind::kJsonLines, taught, teach({"--status", "--examples", "2"})},
        {"ledger.jsonl", FileKind::kJsonLines, taught,
         teach({"--export", "@/x.jsonl", "--form", "messages"})},
        {"ledger.jsonl", FileKind::kJsonLines, taught, teach({"--review-sheet", "@/sheet.html"})},
        {"ledger.jsonl",
         FileKind::kJsonLines,
         taught,
         {"teach", "--merge", "@/ledger.jsonl", "@/other.jsonl", "--out", "@/merged.jsonl"}},
        {"foreign.jsonl",
         FileKind::kJsonLines,
         {"t", "data/images", "foreign.jsonl"},
         {"teach", "--questions", "@/t/questions.jsonl", "--out", "@/l.jsonl", "--import",
          "@/foreign.jsonl"}},
        {"replies.jsonl",
         FileKind::kJsonLines,
         {"t", "data/images", "replies.jsonl"},
         {"teach", "--questions", "@/t/questions.jsonl", "--out", "@/l.jsonl", "--model", "m",
          "--batch-read", "@/replies.jsonl"}},
        {"options.json",
         FileKind::kJson,
         {"options.json", "t", "data/images"},
         {"teach", "--config", "@/options.json", "--questions", "@/t/questions.jsonl", "--out",
          "@/l.jsonl", "--dry-run"}},
        {"run/answers.jsonl", FileKind::kJsonLines, runs, rescore},
        {"run/answers.jsonl", FileKind::kJsonLines, runs, report},
        {"run/manifest.json", FileKind::kJson, runs, rescore},
        {"run/manifest.json", FileKind::kJson, runs, report},
        {"run/result.json", FileKind::kJson, runs, report},
        {"shard1/manifest.json",
         FileKind::kJson,
         {"q", "data/images", "shard1", "shard2"},
         {"evaluate", "--merge", "@/shard1", "@/shard2", "--questions", "@/q/questions.jsonl",
          "--out", "@/m"}},
        {"shard2/answers.jsonl",
         FileKind::kJsonLines,
         {"q", "data/images", "shard1", "shard2"},
         {"evaluate", "--merge", "@/shard1", "@/shard2", "--questions", "@/q/questions.jsonl",
          "--out", "@/m"}},
        {"calibration.json", FileKind::kJson, plus(runs, {"calibration.json"}),
         plus(rescore, {"--calibration", "@/calibration.json"})},
        {"run/answers.jsonl",
         FileKind::kJsonLines,
         runs,
         {"evaluate", "--calibrate", "@/run", "--out", "@/c.json"}},
        {"g/grounding.jsonl", FileKind::kJsonLines, runs, {"ground", "--rescore", "@/g"}},
        {"g/maps.jsonl", FileKind::kJsonLines, runs, report},
        {"g/manifest.json", FileKind::kJson, runs, {"ground", "--rescore", "@/g"}},
        {"g/result.json", FileKind::kJson, runs, report},
    };
    if (!LMC_WITH_TORCH) return all;
    const Words with_adapter = {"student", "adapter", "i.png"};
    const Words ask_adapted =
        plus(ask, {"@/i.png", "--model", "@/student", "--adapter", "@/adapter"});
    const Words train = {"train",
                         "--model",
                         "@/student",
                         "--questions",
                         "@/t/questions.jsonl",
                         "--explanations",
                         "@/ledger.jsonl",
                         "--batch",
                         "2",
                         "--steps",
                         "2",
                         "--rank",
                         "2",
                         "--show",
                         "0",
                         "--threads",
                         "1",
                         "--out",
                         "@/new"};
    const Words trained = {"student", "t", "data/images", "ledger.jsonl"};
    const std::vector<Case> more = {
        {"student/config.json", FileKind::kJson, with_adapter, ask_adapted},
        {"student/model.safetensors", FileKind::kSafetensors, with_adapter, ask_adapted},
        {"adapter/adapter_config.json", FileKind::kJson, with_adapter, ask_adapted},
        {"adapter/adapter_model.safetensors", FileKind::kSafetensors, with_adapter, ask_adapted},
        {"adapter/adapter_config.json",
         FileKind::kJson,
         with_adapter,
         {"export", "--model", "@/student", "--adapter", "@/adapter", "--no-verify", "--threads",
          "1", "--out", "@/x"}},
        {"adapter/metrics.jsonl", FileKind::kJsonLines, plus(runs, {"adapter"}),
         plus(report, {"--metrics", "@/adapter/metrics.jsonl"})},
        {"adapter/manifest.json", FileKind::kJson, plus(runs, {"adapter"}),
         plus(report, {"--metrics", "@/adapter/metrics.jsonl"})},
        {"adapter/result.json", FileKind::kJson, plus(runs, {"adapter"}),
         plus(report, {"--metrics", "@/adapter/metrics.jsonl"})},
        {"ledger.jsonl", FileKind::kJsonLines, trained, train},
        {"t/questions.jsonl", FileKind::kJsonLines, trained, train},
    };
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  // Ends it, in a folder of its own.
  static ProgramResult run_case(const Case& one, const std::string& damaged) {
    const TemporaryFolder folder;
    for (const std::string& needed : one.needed) {
      bring(base(needed), fs::path(folder.path()) / needed);
    }
    write_bytes(folder.path(one.file), damaged);
    int status = 0;
    const pid_t child = start_forked(with_folder(one.command, folder.path()), folder.path(), {});
    ::waitpid(child, &status, 0);
    return {exit_code_of(status), read_bytes(folder.path("out")), read_bytes(folder.path("err"))};
  }

  // What is damaged later is taken as it is.
  static void check_undamaged() {
    for (const Case& one : cases()) {
      const ProgramResult result = run_case(one, read_bytes(base(one.file)));
      EXPECT_EQ(result.exit_code, 0) << one.file << ": " << joined(one.command) << "\n"
                                     << result.err;
    }
  }

  static void check_manifests() {
    for (const Case& one : cases()) {
      if (!one.file.ends_with("/manifest.json")) continue;
      for (const char* manifest :
           {"{}", "[]", "null", "3", "\"text\"", R"({"command": "evaluate", "options": 1})",
            R"({"command": "evaluate", "options": {"limit": "x"}})", R"({"inputs": [{}]})",
            R"({"command": "evaluate", "options": {}, "inputs": 5, "time": 1e999})"}) {
        const ProgramResult result = run_case(one, manifest);
        // Some need less of a manifest than others.
        if (result.exit_code == 0) continue;
        EXPECT_EQ(result.exit_code, 2) << joined(one.command) << " " << manifest << result.err;
        EXPECT_EQ(fault_of(result.exit_code, result.err), "") << result.err;
      }
    }
  }

  // What is wrong with how a run ended; empty: nothing.
  static std::string fault_of(int exit_code, const std::string& err) {
    if (exit_code == 128 + SIGXCPU || exit_code == 128 + SIGALRM) return "is still at it";
    if (exit_code > 128) return cat("ended by signal ", exit_code - 128);
    if (exit_code == 0) return "";
    if (exit_code != 2) return cat("exit code ", exit_code);
    const size_t begin = err.rfind("error: ");
    if (begin == err.npos || (begin > 0 && err[begin - 1] != '\n' && err[begin - 1] != '\r')) {
      return "exit code 2 without a line of error";
    }
    const std::string line = err.substr(begin);
    if (std::count(line.begin(), line.end(), '\n') != 1) return "an error of several lines";
    if (line.size() > 4000) return "an error of many bytes";
    for (const char c : line) {
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f) {
        return "an error with control characters";
      }
    }
    return "";
  }

  // Damages the file of each case in turn until there were `count` runs, several at a time.
  static void run_mutants(int count) {
    const std::vector<Case> all = cases();
    const TemporaryFolder work;
    const std::string findings = "mutation_findings";
    fs::remove_all(findings);
    std::map<pid_t, int> running;
    std::map<int, int> exits;
    std::set<std::string> told;
    const auto command_of = [&](int number, const std::string& folder) {
      return with_folder(all[static_cast<size_t>(number) % all.size()].command, folder);
    };
    const auto start = [&](int number) {
      const Case& one = all[static_cast<size_t>(number) % all.size()];
      const std::string folder = work.path(std::to_string(number));
      fs::create_directory(folder);
      for (const std::string& needed : one.needed) {
        bring(base(needed), fs::path(folder) / needed);
      }
      Mutator mutator(static_cast<uint64_t>(number));
      write_bytes(fs::path(folder) / one.file,
                  mutator.damaged(one.kind, read_bytes(base(one.file))));
      running[start_forked(command_of(number, folder), folder, {})] = number;
    };
    const auto finish = [&](pid_t child, int status) {
      const int number = running.at(child);
      running.erase(child);
      const std::string folder = work.path(std::to_string(number));
      const std::string err = read_bytes(folder + "/err");
      const int exit_code = exit_code_of(status);
      ++exits[exit_code];
      const std::string fault = fault_of(exit_code, err);
      if (!fault.empty()) {
        const Case& one = all[static_cast<size_t>(number) % all.size()];
        const std::string kept = cat(findings, "/", number);
        fs::create_directories(kept);
        fs::copy(folder, kept, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        const std::string said = err.substr(0, 400);
        // One of a kind is shown in full.
        if (told.insert(cat(one.file, one.command[0], fault, said.substr(0, 60))).second) {
          ADD_FAILURE() << "mutant " << number << " of " << one.file << ": " << fault << "\n  "
                        << joined(command_of(number, kept)) << "\n  " << said;
        }
      }
      fs::remove_all(folder);
    };
    const size_t most = std::max(1U, std::thread::hardware_concurrency());
    for (int next = 0; next < count || !running.empty();) {
      if (next < count && running.size() < most) {
        start(next++);
        continue;
      }
      int status = 0;
      const pid_t child = ::waitpid(-1, &status, 0);
      if (child > 0) finish(child, status);
    }
    std::cout << count << " mutants of " << all.size() << " inputs:";
    for (const auto& [exit_code, number] : exits) {
      std::cout << " " << number << " x exit code " << exit_code;
    }
    std::cout << "\n";
    // Damage that does nothing would prove nothing.
    EXPECT_GT(exits[2], count / 5);
    EXPECT_GT(exits[0], count / 20);
  }

  static TemporaryFolder* base_;
};

TemporaryFolder* Mutations::base_ = nullptr;

TEST_F(Mutations, EveryInputIsTakenOrRefused) {
  check_undamaged();
  check_manifests();
  run_mutants(400);
}

TEST_F(Mutations, LongEveryInputIsTakenOrRefused) { run_mutants(20'000); }

}  // namespace
}  // namespace lmc::tests
