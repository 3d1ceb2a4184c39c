// `litemedcot teach` against an endpoint that does everything an endpoint can do wrong, on a fixed
// schedule; and the same under kill -9. Every question must end in the ledger once, with the
// verdict the schedule demands, at no more requests than it demands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "base/files.h"          // write_file, file_exists
#include "base/json.h"           // Json, to_text
#include "base/random.h"         // Random
#include "base/sha256.h"         // sha256_hex
#include "image/image.h"         // encode_png
#include "record/explanation.h"  // for_each_explanation
#include "record/question.h"     // Question
#include "support/run_program.h"
#include "support/scripted_http_server.h"
#include "support/untrusted_tls_server.h"

namespace lmc::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kQuestions = 5000;
constexpr int kConcurrency = 64;
constexpr auto kTimeout = 2s;
constexpr int kRetries = 6;
constexpr const char* kKeyVariable = "LMC_TEST_FAULTS_KEY";
constexpr const char* kKey = "sk-faults-7f3a9c51e0";
constexpr const char* kOtherKeyVariable = "LMC_TEST_FAULTS_OTHER_KEY";
constexpr const char* kOtherKey = "sk-other-b2d80e6647";

Script reply(std::string body) {
  Script script;
  script.body = std::move(body);
  return script;
}

Script error_status(int status, const std::string& message = "scripted") {
  Script script = reply(to_text({{"error", {{"message", message}}}}));
  script.status = status;
  return script;
}

Script completion(const std::string& text) {
  return reply(to_text(
      {{"model", "scripted"},
       {"choices",
        {{{"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", "stop"}}}},
       {"usage", {{"prompt_tokens", 100}, {"completion_tokens", 20}}}}));
}

char gold_of(int question) { return static_cast<char>('A' + question % 4); }

Script good(int question) {
  return completion(cat("The image shows a finding that decides question ", question,
                        " and no other.\n\nAnswer: ", gold_of(question)));
}

Script with_header(Script script, std::string name, std::string value) {
  script.headers.add(std::move(name), std::move(value));
  return script;
}

// The beginning of a good reply: then nothing (cut), a reset, or the end of what claims to be
// whole.
Script half_of(Script script, Script::End end) {
  script.body_sent = script.body.size() / 2;
  script.end = end;
  return script;
}

Script truncated(Script script) {
  script.body.resize(script.body.size() / 2);
  return script;
}

Script never() {
  Script script;
  script.end = Script::End::kNever;
  return script;
}

// Would take four times the time a request may take.
Script dripping(Script script) {
  script.piece_bytes = script.body.size() / 40 + 1;
  script.piece_wait = 4 * std::chrono::milliseconds(kTimeout) / 40;
  return script;
}

Script not_http() {
  Script script = reply("220 mail.example.org ESMTP\r\n");
  script.framing = Script::Framing::kNone;
  return script;
}

Script in_chunks(Script script) {
  script.framing = Script::Framing::kChunked;
  script.piece_bytes = 50;
  return script;
}

// How the endpoint treats one question: `fault` so many times, then `last`, which finishes it.
struct Plan {
  int faults = 0;
  Script fault;
  Script last;
  std::string reason;  // of the ledger; empty: accepted
};

// Of 100 questions, 12 meet a passing fault and 4 have no good reply; rarer are 10 MB (one in 500)
// and a Retry-After that holds everything up (one in 1000).
Plan plan_of(int question) {
  const Script fine = good(question);
  if (question % 1000 == 18)
    return {1, with_header(error_status(429), "Retry-After", "1"), fine, ""};
  if (question % 500 == 17) {  // 10 MB
    return {0,
            {},
            completion(cat(std::string(10'000'000, 'x'), "\n\nAnswer: ", gold_of(question))),
            "too-large"};
  }
  switch (question * 37 % 100) {  // neighbours meet different fates
    case 0:
      return {2, error_status(429), fine, ""};
    case 1:
      return {1, with_header(error_status(429), "Retry-After", "0"), fine, ""};
    case 2:
      return {1, error_status(500), fine, ""};
    case 3:
      return {2, error_status(503), fine, ""};
    case 4:
      return {1, dripping(fine), fine, ""};
    case 5:
      return {2, half_of(fine, Script::End::kReset), fine, ""};
    case 6:
      return {1, half_of(fine, Script::End::kCut), fine, ""};
    case 7:
      return {2, truncated(fine), fine, ""};
    case 8:
      return {1,
              with_header(reply("<html><body>Sign in</body></html>"), "Content-Type", "text/html"),
              fine, ""};
    case 9:
      return {1, never(), fine, ""};
    case 10:
      return {1, error_status(500, cat("upstream refused the key ", kKey)), fine, ""};
    case 11:
      return {1, not_http(), fine, ""};
    case 12:
      return {0, {}, in_chunks(fine), ""};
    case 13:
      return {0,
              {},
              completion(cat("The image shows something else entirely.\n\nAnswer: ",
                             gold_of(question + 1))),
              "wrong-answer"};
    case 14:
      return {0, {}, completion(""), "empty"};
    case 15:
      return {0, {}, completion("I'm sorry, but I can't help with medical images."), "refused"};
    case 16:
      return {0, {}, error_status(400, cat("image too small; key ", kKey)), "bad-request"};
    default:
      return {0, {}, fine, ""};
  }
}

// The endpoint.
// Threads: its own; the rest by mutex.
class FaultyTeacher {
 public:
  std::string endpoint() const { return server_.url("/v1"); }
  ServerCounts counts() const { return server_.counts(); }

  // From here on, a request for one of these is a mistake.
  void forbid(const std::set<int>& questions) {
    const std::lock_guard lock(mutex_);
    forbidden_ = questions;
  }
  int num_forbidden_asked() {
    const std::lock_guard lock(mutex_);
    return num_forbidden_asked_;
  }
  int num_without_key() {
    const std::lock_guard lock(mutex_);
    return num_without_key_;
  }
  // How many times each question was given the reply that finishes it.
  std::map<int, int> times_finished() {
    const std::lock_guard lock(mutex_);
    return times_finished_;
  }
  int num_finished() {
    const std::lock_guard lock(mutex_);
    return num_finished_;
  }

 private:
  Script answer(const net::ServerRequest& request) {
    constexpr std::string_view kMark = "question number ";
    const int question = std::atoi(request.body.c_str() + request.body.find(kMark) + kMark.size());
    Plan plan = plan_of(question);
    const std::lock_guard lock(mutex_);
    num_without_key_ += request.headers.get("Authorization") != cat("Bearer ", kKey);
    num_forbidden_asked_ += forbidden_.contains(question);
    if (times_asked_[question]++ < plan.faults) return plan.fault;
    ++times_finished_[question];
    ++num_finished_;
    plan.last.delay = std::chrono::milliseconds(question * 7 % 12);  // so that order is lost
    return plan.last;
  }

  std::mutex mutex_;
  std::set<int> forbidden_;
  std::map<int, int> times_asked_;
  std::map<int, int> times_finished_;
  int num_finished_ = 0;
  int num_forbidden_asked_ = 0;
  int num_without_key_ = 0;
  // Ends first: its thread uses what stands above.
  ScriptedHttpServer server_{
      [this](const net::ServerRequest& request, int64_t) { return answer(request); }};
};

class TeachFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv(kKeyVariable, kKey, 1);
    ::setenv(kOtherKeyVariable, kOtherKey, 1);
    const std::string image =
        image::encode_png({8, 8, std::vector<uint8_t>(size_t{8} * 8 * 3, 90)});
    write_file(folder_.path("picture.png"), image);
    std::ostringstream lines;
    for (int k = 0; k < kQuestions; ++k) {
      record::Question question;
      question.id = cat("q", k);
      question.image = "picture.png";
      question.image_sha256 = sha256_hex(image);
      question.question = cat("This is question number ", k, ". Which organ is shown?");
      question.options = {{'A', "Liver"}, {'B', "Heart"}, {'C', "Spleen"}, {'D', "Kidney"}};
      question.answer = gold_of(k);
      question.split = "train";
      question.source = "made by a test";
      lines << to_text(record::to_json(question)) << "\n";
    }
    write_file(folder_.path("questions.jsonl"), lines.str());
  }

  // Two endpoints share the work: one that fails by the schedule, one that nobody should trust.
  std::vector<std::string> command() const {
    return {"teach",
            "--questions",
            folder_.path("questions.jsonl"),
            "--out",
            ledger(),
            "--model",
            "scripted",
            "--mode",
            "reject",
            "--endpoint",
            teacher_.endpoint(),
            "--api-key-env",
            kKeyVariable,
            "--endpoint",
            untrusted_.url("/v1"),
            "--api-key-env",
            kOtherKeyVariable,
            "--concurrency",
            std::to_string(kConcurrency),
            "--retries",
            std::to_string(kRetries),
            "--retry-wait",
            "0.01",
            "--timeout",
            std::to_string(kTimeout.count())};
  }

  std::string ledger() const { return folder_.path("out/ledger.jsonl"); }

  std::set<int> finished() const {
    std::set<int> questions;
    if (!file_exists(ledger())) return questions;
    record::for_each_explanation(ledger(), [&](const record::Explanation& line) {
      questions.insert(std::atoi(line.question_id.c_str() + 1));
    });
    return questions;
  }

  // One line a question, with the verdict the schedule demands. Differences are counted by kind.
  void expect_the_ledger_demanded() const {
    std::map<int, int> num_lines;
    std::map<std::string, int> wrong_verdicts;
    const auto word = [](bool accepted, const std::string& reason) {
      return accepted ? "accepted" : cat("rejected ", reason);
    };
    record::for_each_explanation(ledger(), [&](const record::Explanation& line) {
      const int question = std::atoi(line.question_id.c_str() + 1);
      ++num_lines[question];
      const std::string demanded = plan_of(question).reason;
      const std::string expected = word(demanded.empty(), demanded);
      const std::string found = word(line.accepted, line.reason);
      if (found != expected) ++wrong_verdicts[cat("expected ", expected, ", found ", found)];
    });
    std::map<std::string, int> wrong_counts;
    for (int k = 0; k < kQuestions; ++k) {
      if (num_lines[k] == 1) continue;
      ++wrong_counts[cat(num_lines[k], " lines of a question whose reason is \"", plan_of(k).reason,
                         "\"")];
    }
    EXPECT_THAT(wrong_verdicts, IsEmpty());
    EXPECT_THAT(wrong_counts, IsEmpty());
  }

  void expect_no_key(const ProgramResult& result) const {
    for (const char* key : {kKey, kOtherKey}) {
      EXPECT_THAT(result.out, Not(HasSubstr(key)));
      EXPECT_THAT(result.err, Not(HasSubstr(key)));
      for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
        if (!entry.is_regular_file()) continue;
        EXPECT_EQ(read_bytes(entry.path()).find(key), std::string::npos) << entry.path();
      }
    }
  }

  TemporaryFolder folder_;
  FaultyTeacher teacher_;
  UntrustedTlsServer untrusted_;
};

TEST_F(TeachFaults, EveryQuestionGetsItsVerdict) {
  const ProgramResult result = run_program(command());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_the_ledger_demanded();
  expect_no_key(result);
  EXPECT_TRUE(file_exists(ledger() + ".manifest.json"));
  const std::map<int, int> times = teacher_.times_finished();
  EXPECT_EQ(times.size(), static_cast<size_t>(kQuestions));
  // Asked again is only what the client's patience ran out for, as on a machine that stalls for
  // seconds; each has one line all the same (see above), and no more tries than it may have.
  for (const auto& [question, count] : times) EXPECT_LE(count, 1 + kRetries) << question;
  EXPECT_EQ(teacher_.num_without_key(), 0);
  EXPECT_GT(untrusted_.num_connections(), 0);
  EXPECT_EQ(untrusted_.num_bytes_received(), 0);
  EXPECT_LE(teacher_.counts().most_in_flight, kConcurrency);
}

TEST_F(TeachFaults, KilledTwentyTimes) {
  constexpr int kKills = 20;
  // So few questions between two kills that some are left after the last.
  constexpr int kMaxBetween = kQuestions / (kKills + 5);
  Random random(20);
  for (int kill = 0; kill < kKills; ++kill) {
    const int64_t enough = teacher_.num_finished() + random.integer(0, kMaxBetween);
    const auto then = std::chrono::milliseconds(random.integer(0, 40));
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    const ProgramResult result = run_program_until(command(), [&] {
      if (std::chrono::steady_clock::now() > give_up) return true;
      if (teacher_.num_finished() < enough) return false;
      std::this_thread::sleep_for(then);
      return true;
    });
    ASSERT_EQ(result.exit_code, 128 + 9) << result.err;
    expect_no_key(result);
    teacher_.forbid(finished());
  }
  const ProgramResult result = run_program(command());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_the_ledger_demanded();
  expect_no_key(result);
  // Asked again is only what had no line yet, and so was in flight at a kill.
  EXPECT_EQ(teacher_.num_forbidden_asked(), 0);
  EXPECT_GE(teacher_.num_finished(), kQuestions);
  EXPECT_LE(teacher_.num_finished(), kQuestions + kKills * kConcurrency);
  EXPECT_EQ(untrusted_.num_bytes_received(), 0);
  for (const auto& [question, times] : teacher_.times_finished()) {
    EXPECT_LE(times, 1 + kKills) << question;
  }
}

}  // namespace
}  // namespace lmc::tests
