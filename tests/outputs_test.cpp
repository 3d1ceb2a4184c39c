// An output is nobody's input: whatever --out is mistyped as, the program ends with one clear line
// and exit code 2, and every file is as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/check.h"          // cat
#include "base/file_lock.h"      // FolderLock
#include "base/files.h"          // write_file, file_exists
#include "base/json.h"           // Json, to_text
#include "record/answer.h"       // Answer
#include "record/explanation.h"  // Explanation
#include "support/phantom_questions.h"
#include "support/run_program.h"
#include "support/scripted_http_server.h"

namespace lmc::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

using Files = std::map<std::string, std::string>;

class Outputs : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path(name); }

  std::string write(const std::string& name, const std::string& bytes) const {
    make_parent_folder(path(name));
    write_file(path(name), bytes);
    return path(name);
  }

  // Own questions, prepared without images.
  std::string prepared(const std::string& name = "questions") const {
    write("own.jsonl",
          "{\"question\": \"Which organ?\", \"options\": {\"A\": \"Liver\", \"B\": \"Spleen\"}, "
          "\"answer\": \"B\", \"image\": \"x.png\", \"note\": \"kept\"}\n");
    const ProgramResult made =
        run_program({"prepare", "--jsonl", path("own.jsonl"), "--no-images", "--out", path(name)});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return path(name + "/questions.jsonl");
  }

  // A finished evaluation of these questions.
  std::string evaluated(const std::string& questions) const {
    const std::string id = parse_json(read_file(questions), questions)["id"];
    record::Answer answer;
    answer.question_id = id;
    answer.gold = answer.letter = "B";
    answer.finish = "end";
    answer.letter_log_probability = {{'A', -1.5}, {'B', -0.25}};
    write("run/answers.jsonl", to_text(record::to_json(answer)) + "\n");
    write("run/manifest.json",
          to_text({{"command", "evaluate"},
                   {"options", {{"questions", questions}, {"mode", "likelihood"}, {"limit", 0}}}}));
    const ProgramResult scored =
        run_program({"evaluate", "--rescore", path("run"), "--out", path("scored")});
    EXPECT_EQ(scored.exit_code, 0) << scored.err;
    return path("scored");
  }

  Files files() const {
    Files all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (entry.is_regular_file()) all[entry.path().string()] = read_bytes(entry.path().string());
    }
    return all;
  }

  // The command is refused in one line that has `part`, and changes nothing.
  void expect_refused(const std::vector<std::string>& arguments, const std::string& part) const {
    const Files before = files();
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(part));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    const Files after = files();
    for (const auto& [name, bytes] : before) {
      EXPECT_TRUE(after.contains(name)) << name;
      if (after.contains(name)) EXPECT_EQ(after.at(name), bytes) << name;
    }
    EXPECT_EQ(after.size(), before.size());
  }

  TemporaryFolder folder_;
};

TEST_F(Outputs, ALedgerIsNoFileOfAnotherKind) {
  const std::string questions = prepared();
  const auto teach_into = [&](const std::string& out) {
    return std::vector<std::string>{
        "teach",   "--questions", questions, "--endpoint", "http://127.0.0.1:9/v1",
        "--model", "m",           "--out",   out};
  };
  for (const auto& [name, bytes] : Files{{"one.json", "{\"weights\": [1, 2, 3]}"},
                                         {"cut.json", "{\"weights\": [1, 2"},
                                         {"photo.jpg", std::string("\xFF\xD8\xFF\xE0\n\0JFIF", 10)},
                                         {"notes.txt", "a line\nand half a line"},
                                         {"list.json", "[{\"question_id\": \"q\"}]\n"},
                                         {"torn.json", "{\"question_id\": \"mine\", \"note\": "}}) {
    expect_refused(teach_into(write(name, bytes)), name);
  }
  expect_refused(teach_into(questions), "questions.jsonl");
  // An empty file may be a ledger that was only begun, but not where another stage left it.
  expect_refused(teach_into(path("questions/rejected.jsonl")), "of the run in its folder");
  evaluated(questions);
  expect_refused(teach_into(path("run/answers.jsonl")), "of the run in its folder");
}

TEST_F(Outputs, AWholeLastLineOfALedgerIsKept) {
  const std::string questions = prepared();
  record::Explanation line;
  line.question_id = parse_json(read_file(questions), questions)["id"];
  line.accepted = true;
  line.reasoning = "Paid for.";
  line.answer = "B";
  const std::string text = to_text(record::to_json(line));
  write("ledger.jsonl", text);
  const ProgramResult result =
      run_program({"teach", "--questions", questions, "--endpoint", "http://127.0.0.1:9/v1",
                   "--model", "m", "--out", path("ledger.jsonl")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(read_bytes(path("ledger.jsonl")).starts_with(text));
}

TEST_F(Outputs, WhatIsWrittenBehindALedgerIsKept) {
  const std::string questions = prepared();
  record::Explanation line;
  line.question_id = parse_json(read_file(questions), questions)["id"];
  line.accepted = true;
  const std::string text = to_text(record::to_json(line)) + "\n";
  const std::vector<std::string> teach = {
      "teach",   "--questions", questions, "--endpoint",        "http://127.0.0.1:9/v1",
      "--model", "m",           "--out",   path("ledger.jsonl")};
  write("ledger.jsonl", text + "notes of mine");
  expect_refused(teach, "ends in text that would be cut off");
  // A kill or a power cut leaves these.
  for (const std::string& torn : {std::string("{\"question_id\":\"t"), std::string(40, '\0')}) {
    write("ledger.jsonl", text + torn);
    const ProgramResult result = run_program(teach);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(read_bytes(path("ledger.jsonl")).starts_with(text));
  }
}

TEST_F(Outputs, WhatAStageWouldWriteIsNobodysBefore) {
  const std::string questions = prepared();
  write("table.csv", "question,A,B,answer,image\nWhich?,x,y,A,p.png\n");
  for (const char* name : {"rejected.jsonl", "row_ids.txt", "audit.html", "audit.json",
                           "result.json", "pictures.jsonl"}) {
    write(cat("of-", name, "/", name), "mine");
    expect_refused({"prepare", "--csv", path("table.csv"), "--no-images", "--audit", "--out",
                    path(cat("of-", name))},
                   "no manifest.json");
  }
  for (const char* name :
       {"composite_test.csv", "composite_test_boxes.jsonl", "composite_test_explanations.jsonl",
        "images/composite_test_000000.png"}) {
    write(cat("of-", name, "/", name), "mine");
    expect_refused({"phantom", "--out", path(cat("of-", name)), "--train", "0", "--validation", "0",
                    "--test", "1", "--single-test", "0"},
                   "no manifest.json");
  }
  const std::string run = evaluated(questions);
  write("tables/results.md", "my notes");
  expect_refused({"report", run, "--out", path("page/report.html"), "--tables", path("tables")},
                 "results.md: is there already");
}

TEST_F(Outputs, PreparedQuestionsAreNotTheirSource) {
  const std::string source =
      write("own/questions.jsonl",
            "{\"question\": \"Which?\", \"options\": [\"x\", \"y\"], \"answer\": \"A\", \"image\": "
            "\"p.png\", \"extra\": 1}\n");
  expect_refused({"prepare", "--jsonl", source, "--no-images", "--out", path("own")},
                 "questions.jsonl");
  fs::create_directory_symlink(path("own"), path("other-name"));
  expect_refused({"prepare", "--jsonl", source, "--no-images", "--out", path("other-name")},
                 "questions.jsonl");
  // Nor somebody's who did not make them here.
  write("table.csv", "question,A,B,answer,image\nWhich?,x,y,A,p.png\n");
  expect_refused({"prepare", "--csv", path("table.csv"), "--no-images", "--out", path("own")},
                 "no manifest.json");
  prepared("questions");
  expect_refused({"prepare", "--csv", path("table.csv"), "--no-images", "--audit", "--against",
                  path("questions"), "--out", path("questions")},
                 "is read as input");
}

TEST_F(Outputs, AReportTakesNobodysPlace) {
  const std::string questions = prepared();
  const std::string run = evaluated(questions);
  write("adapter/manifest.json", to_text({{"command", "train"}, {"options", Json::object()}}));
  write("adapter/result.json", "{\"steps\": 5}");
  write("looking/manifest.json", to_text({{"command", "ground"}, {"options", Json::object()}}));
  write("foreign/result.json", "{\"accuracy\": 0.5}");
  write("home/page.html", "{}");
  for (const auto& [out, part] : Files{{"adapter/report.html", "litemedcot train"},
                                       {"looking/report.html", "litemedcot ground"},
                                       {"questions/report.html", "litemedcot prepare"},
                                       {"scored/report.html", "is read as input"},
                                       {"foreign/report.html", "not the result of a comparison"},
                                       {"home/page.html", "not a page"}}) {
    expect_refused({"report", run, "--questions", questions, "--out", path(out)}, part);
  }
  const std::string copy = write("copy/q.jsonl", read_bytes(questions));
  expect_refused({"report", run, "--questions", copy, "--out", copy}, "is read as input");
  const std::vector<std::string> right = {"report", run, "--out", path("page/report.html")};
  EXPECT_EQ(run_program(right).exit_code, 0);
  EXPECT_EQ(run_program(right).exit_code, 0) << "its own page is written again";
}

TEST_F(Outputs, ACalibrationIsNoRun) {
  const std::string run = evaluated(prepared());
  expect_refused({"evaluate", "--calibrate", run, "--out", run + "/answers.jsonl"},
                 "answers.jsonl");
  expect_refused({"evaluate", "--calibrate", run, "--out", path("own.jsonl")},
                 "is not a calibration");
  expect_refused({"evaluate", "--rescore", run, "--out", run}, "is read as input");
  expect_refused({"evaluate", "--merge", run, path("run"), "--out", path("run")},
                 "is read as input");
}

TEST_F(Outputs, AnInspectionReplacesOnlyAnother) {
  const std::string model = LMC_SOURCE_DIR "/tests/golden/prompt/model";
  const auto inspect_into = [&](const std::string& out) {
    return std::vector<std::string>{"inspect", "--model", model, "--text", "x", "--out", out};
  };
  expect_refused(inspect_into(write("notes.txt", "dear diary")), "is not an inspection");
  expect_refused(inspect_into(write("config.json", "{\"model_type\": \"x\"}")),
                 "is not an inspection");
  expect_refused(inspect_into(model + "/config.json"), "is a file of the input");
  EXPECT_EQ(run_program(inspect_into(path("seen.json"))).exit_code, 0);
  EXPECT_EQ(run_program(inspect_into(path("seen.json"))).exit_code, 0);
}

TEST_F(Outputs, AModelIsNotInitialisedOverAnother) {
  fs::copy(LMC_SOURCE_DIR "/assets/phantom/student", path("student"));
  expect_refused({"init", "--source", path("student"), "--out", path("student")},
                 "is read as input");
  Json config = read_json(path("student/config.json"));
  config["text_config"]["num_hidden_layers"] = 7;
  write("other/config.json", to_text(config));
  expect_refused({"init", "--source", path("student"), "--out", path("other")}, "another model's");
  write("shards/model.safetensors.index.json", "{}");
  expect_refused({"init", "--source", path("student"), "--out", path("shards")}, "index.json");
}

TEST_F(Outputs, AFolderHasOneWriter) {
  const std::string questions = prepared();
  const FolderLock held(path("questions"));
  expect_refused(
      {"prepare", "--jsonl", path("own.jsonl"), "--no-images", "--out", path("questions")},
      "another process is writing");
  const FolderLock data(path("data"));
  expect_refused({"phantom", "--out", path("data"), "--train", "1", "--validation", "0", "--test",
                  "0", "--single-test", "0"},
                 "another process is writing");
}

TEST_F(Outputs, AnExportHasOneWriter) {
  for (const char* format : {"hf", "device", "gguf"}) {
    const std::string out = path(cat("made.", format));
    const FileLock held(out + ".lock", out);
    expect_refused({"export", "--model", LMC_SOURCE_DIR "/assets/phantom/student", "--format",
                    format, "--out", out},
                   "another process is writing");
  }
}

TEST_F(Outputs, WhatAKillLeftIsRemovedByTheNextStart) {
  const ProgramResult first = run_program_until(
      {"phantom", "--out", path("data"), "--train", "600", "--validation", "0", "--test", "0",
       "--single-test", "0"},
      [&] { return file_exists(path("data/images")) && !fs::is_empty(path("data/images")); });
  EXPECT_EQ(first.exit_code, 128 + 9);
  write("data/images/x.png.part-999999999-1", "a process id that no machine gives");
  EXPECT_EQ(run_program({"phantom", "--out", path("data"), "--train", "600", "--validation", "0",
                         "--test", "0", "--single-test", "0"})
                .exit_code,
            0);
  for (const auto& [name, bytes] : files()) {
    EXPECT_EQ(name.find(".part-"), std::string::npos) << name;
    EXPECT_FALSE(name.ends_with(".lock")) << name;
  }
}

Script right_reply(char letter) {
  Script script;
  script.body =
      to_text({{"model", "scripted"},
               {"choices",
                {{{"message",
                   {{"role", "assistant"},
                    {"content", cat("The outline of the lesion is sharp.\n\nAnswer: ", letter)}}},
                  {"finish_reason", "stop"}}}},
               {"usage", {{"prompt_tokens", 10}, {"completion_tokens", 5}}}});
  return script;
}

class EndpointRuns : public Outputs {
 protected:
  void SetUp() override { make_phantom_questions(folder_, 4, 1); }

  std::vector<std::string> evaluate(const std::string& endpoint,
                                    const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"evaluate", "--endpoint",  endpoint,
                                    "--model",  "m",           "--retries",
                                    "0",        "--questions", path("train/questions.jsonl"),
                                    "--out",    path("run")};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(EndpointRuns, ARunThatFailedBeforeItsFirstAnswerBindsNobody) {
  const std::string nobody = "http://127.0.0.1:9/v1";
  EXPECT_EQ(run_program(evaluate(nobody)).exit_code, 2);
  EXPECT_TRUE(file_exists(path("run/manifest.json")));
  const ScriptedHttpServer server(
      [](const net::ServerRequest&, int64_t) { return right_reply('A'); });
  const ProgramResult other = run_program(evaluate(server.url("/v1"), {"--max-new-tokens", "77"}));
  EXPECT_EQ(other.exit_code, 0) << other.err;
}

TEST_F(EndpointRuns, AnotherPortOrFolderNameIsTheSameRun) {
  {
    const ScriptedHttpServer first(
        [](const net::ServerRequest&, int64_t) { return right_reply('B'); });
    EXPECT_EQ(run_program(evaluate(first.url("/v1"))).exit_code, 0);
  }
  const std::string whole = read_bytes(path("run/answers.jsonl"));
  const std::string result = read_bytes(path("run/result.json"));
  write("run/answers.jsonl", whole.substr(0, whole.find('\n') + 20));
  fs::remove(path("run/result.json"));
  fs::create_directory_symlink(path("train"), path("elsewhere"));
  const ScriptedHttpServer second(
      [](const net::ServerRequest&, int64_t) { return right_reply('C'); });
  std::vector<std::string> on = evaluate(second.url("/v1"), {"--threads", "1"});
  for (std::string& word : on) {
    if (word == path("train/questions.jsonl")) word = path("elsewhere/questions.jsonl");
  }
  const ProgramResult again = run_program(on);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(second.counts().requests, 0) << "the replies are there";
  EXPECT_EQ(read_bytes(path("run/answers.jsonl")), whole);
  EXPECT_EQ(read_bytes(path("run/result.json")), result);
  const ProgramResult differs = run_program(evaluate(second.url("/v1"), {"--temperature", "0.5"}));
  EXPECT_EQ(differs.exit_code, 2);
  EXPECT_THAT(differs.err, HasSubstr("temperature was"));
  EXPECT_THAT(differs.err, HasSubstr("is 0.5"));
}

TEST_F(EndpointRuns, ABatchThatCannotBeWrittenIsNoVerdictOnItsQuestions) {
  const std::vector<std::string> batch = {
      "teach", "--questions", path("train/questions.jsonl"), "--model",
      "m",     "--out",       path("ledger.jsonl"),          "--batch-write"};
  const auto expect_stop = [&](const std::string& prefix, const std::string& part) {
    std::vector<std::string> words = batch;
    words.push_back(path(prefix));
    const ProgramResult result = run_program(words);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(part));
    EXPECT_EQ(read_bytes(path("ledger.jsonl")), "");
  };
  expect_stop("nowhere/b", "nowhere/b-001.jsonl");
  write("b-001.jsonl", "mine");
  expect_stop("b", "is not a batch of requests");
  EXPECT_EQ(read_bytes(path("b-001.jsonl")), "mine");
  EXPECT_FALSE(file_exists(path("b-002.jsonl")));
}

TEST_F(EndpointRuns, ALedgerThatIsDeletedEndsTheRun) {
  const ScriptedHttpServer server([&](const net::ServerRequest&, int64_t number) {
    if (number == 1) fs::remove(path("ledger.jsonl"));
    return right_reply('A');
  });
  const ProgramResult result = run_program({"teach", "--questions", path("train/questions.jsonl"),
                                            "--endpoint", server.url("/v1"), "--model", "m",
                                            "--concurrency", "1", "--out", path("ledger.jsonl")});
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr("ledger.jsonl: was deleted or replaced"));
}

}  // namespace
}  // namespace lmc::tests
