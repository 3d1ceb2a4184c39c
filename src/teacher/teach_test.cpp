// The stage against a teacher that answers, fails and refuses by a script.
#include "teacher/teach.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/passing_error.h"  // PassingError
#include "teacher/scripted_teacher.h"

namespace lmc::teacher {
namespace {

using std::chrono::milliseconds;

TEST(Teach, AsksEveryQuestionOnceAndKeepsWhatIsAccepted) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) { return good_completion(number); });
  TeachOptions options = options_for(teacher, folder);
  options.concurrency = 4;
  const auto questions = numbered_questions(folder, 20);
  const TeachResult result = run(options, questions);
  EXPECT_EQ(result.accepted, 20);
  EXPECT_EQ(result.num_rejected(), 0);
  EXPECT_EQ(result.failed, 0);
  EXPECT_EQ(result.prompt_tokens, 2000);
  EXPECT_EQ(result.reply_tokens, 400);
  EXPECT_EQ(teacher.num_requests(), 20);
  EXPECT_LE(teacher.most_at_once(), 4);
  const auto lines = ledger_of(options);
  ASSERT_EQ(lines.size(), 20u);
  for (const record::Question& question : questions) {
    const record::Explanation& line = lines.at(question.id);
    EXPECT_TRUE(line.accepted);
    EXPECT_EQ(line.answer, std::string(1, question.answer));
    EXPECT_EQ(line.reasoning, "The image shows a finding that decides the question.");
    EXPECT_EQ(line.mode, "reject");
    EXPECT_EQ(line.teacher, "scripted");
  }
  // Again: nothing to do, nothing asked.
  const TeachResult again = run(options, questions);
  EXPECT_EQ(again.already_done, 20);
  EXPECT_EQ(again.accepted, 0);
  EXPECT_EQ(teacher.num_requests(), 20);
}

TEST(Teach, ManyRequestsAreInFlightAtOnce) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) {
    std::this_thread::sleep_for(milliseconds(100));
    return good_completion(number);
  });
  TeachOptions options = options_for(teacher, folder);
  options.concurrency = 40;
  EXPECT_EQ(run(options, numbered_questions(folder, 120)).accepted, 120);
  EXPECT_LE(teacher.most_at_once(), 40);
  EXPECT_GT(teacher.most_at_once(), 20);
}

// Everything an endpoint does on a bad day; each question meets it once or for ever.
TEST(Teach, ABadDay) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int time, const Json&) {
    const bool first = time == 0;
    net::ServerReply good = good_completion(number);
    switch (number) {
      case 0:
        return first ? error_status(429) : good;
      case 1:
        return time < 2 ? error_status(500) : good;
      case 2:  // slower than the time limit, once
        if (first) std::this_thread::sleep_for(milliseconds(600));
        return good;
      case 3: {  // cut in the middle
        net::ServerReply cut;
        cut.stream = [body = good.body](const net::SendChunk& send) {
          send(std::string_view(body).substr(0, body.size() / 2));
          return false;
        };
        return first ? cut : good;
      }
      case 4:  // JSON that ends too early
        if (first) good.body.resize(good.body.size() / 2);
        return good;
      case 5:
        return completion("The image shows something else entirely.\n\nAnswer: A");
      case 6:
        return completion("");
      case 7:
        return completion("I'm sorry, but I can't help with medical images.");
      case 8:
        return completion("The image shows many things, and", "length");
      case 9:
        return completion("Answer: B");
      case 10:
        return completion("<html>proxy error</html>");
      case 11:
        return error_status(503);
      case 12:
        return error_status(400);
      default:
        return good;
    }
  });
  TeachOptions options = options_for(teacher, folder);
  options.timeout = 0.3;
  options.retries = 3;
  const auto questions = numbered_questions(folder, 16);
  const TeachResult result = run(options, questions);
  EXPECT_EQ(result.accepted, 5 + 3);  // 0 to 4 after retries, 13 to 15 at once
  const std::map<std::string, int64_t> rejected = {
      {"wrong-answer", 1}, {"empty", 1},     {"refused", 1},    {"truncated", 1},
      {"no-reasoning", 1}, {"no-answer", 1}, {"bad-request", 1}};
  EXPECT_EQ(result.rejected, rejected);
  EXPECT_EQ(result.failed, 1);
  const auto lines = ledger_of(options);
  EXPECT_EQ(lines.size(), 15u);
  EXPECT_FALSE(lines.contains("q11"));  // no answer is no verdict
  EXPECT_EQ(lines.at("q12").reply, "HTTP 400: scripted");
  EXPECT_EQ(lines.at("q7").reason, "refused");
  EXPECT_FALSE(lines.at("q7").accepted);
  auto times = teacher.times_asked();
  EXPECT_EQ(times[1], 3);
  EXPECT_EQ(times[11], 1 + 3);
  EXPECT_NE(summary(result).find("failed 1"), std::string::npos) << summary(result);
  // The next run tries just the failed ones.
  const TeachResult again = run(options, questions);
  EXPECT_EQ(again.already_done, 15);
  EXPECT_EQ(again.failed, 1);
  EXPECT_EQ(teacher.times_asked()[5], 1);
}

TEST(Teach, HoldsBackWhenTheEndpointSaysSo) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int time, const Json&) {
    if (number > 0 || time > 0) return good_completion(number);
    net::ServerReply busy = error_status(429);
    busy.headers.add("Retry-After", "1");
    return busy;
  });
  TeachOptions options = options_for(teacher, folder);
  options.concurrency = 1;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run(options, numbered_questions(folder, 3)).accepted, 3);
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(1000));
}

TEST(Teach, TheKeyStandsNowhere) {
  const TestFolder folder;
  const std::string key = "sk-very-secret";
  ::setenv("LMC_TEST_TEACHER_KEY", cat(key, "\n").c_str(), 1);
  std::atomic<bool> refuse{false};
  ScriptedTeacher teacher([&](int number, int, const Json&) {
    net::ServerReply reply = good_completion(number);
    if (refuse) {
      reply.status = 401;
      reply.body = cat(R"({"error":{"message":"wrong key )", key, R"("}})");
    }
    return reply;
  });
  TeachOptions options = options_for(teacher, folder);
  options.api_key_env = {"LMC_TEST_TEACHER_KEY"};
  std::ostringstream progress;
  ask(options, numbered_questions(folder, 2), progress);
  EXPECT_EQ(teacher.last_authorization(), "Bearer " + key);
  refuse = true;
  try {
    ask(options, numbered_questions(folder, 8), progress);
    FAIL() << "401 must stop the run";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("HTTP 401"), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find(key), std::string::npos);
  }
  EXPECT_EQ(progress.str().find(key), std::string::npos);
  EXPECT_EQ(read_file(options.out).find(key), std::string::npos);
  const std::string manifest = read_file(options.out + ".manifest.json");
  EXPECT_NE(manifest.find("LMC_TEST_TEACHER_KEY"), std::string::npos);
  EXPECT_EQ(manifest.find(key), std::string::npos);
  EXPECT_EQ(ledger_of(options).size(), 2u);
  options.api_key_env = {"LMC_TEST_NO_SUCH_VARIABLE"};
  EXPECT_THROW(run(options, numbered_questions(folder, 8)), InputError);
}

TEST(Teach, StopsWhenNothingSucceeds) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int, int, const Json&) { return error_status(503); });
  TeachOptions options = options_for(teacher, folder);
  options.retries = 0;
  options.concurrency = 2;
  EXPECT_THROW(run(options, numbered_questions(folder, 200)), InputError);
  EXPECT_LT(teacher.num_requests(), 20);
}

TEST(Teach, NothingLeavesThisMachineUnlessAllowed) {
  const TestFolder folder;
  TeachOptions options;
  options.out = folder.file("ledger.jsonl");
  options.model = "m";
  options.questions = folder.file("questions.jsonl");
  options.endpoint = {"https://teacher.example.org/v1"};
  try {
    run(options, numbered_questions(folder, 1));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("--allow-upload"), std::string::npos);
  }
  EXPECT_FALSE(file_exists(options.out));
}

TEST(Teach, ABrokenImageIsCountedAndNotSent) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) { return good_completion(number); });
  const TeachOptions options = options_for(teacher, folder);
  auto questions = numbered_questions(folder, 3);
  write_file(folder.file("broken.png"), "\x89PNG\r\n\x1a\n and no more");
  questions[0].image = folder.file("broken.png");
  questions[0].image_sha256.clear();
  questions[1].image = folder.file("missing.png");
  TeachResult result = run(options, questions);
  EXPECT_EQ(result.accepted, 1);
  EXPECT_EQ(result.rejected["unreadable-picture"], 2);
  EXPECT_EQ(teacher.num_requests(), 1);
}

// A request that no question is at fault for must not give all of them up.
TEST(Teach, ARefusalBeforeAnyAnswerIsNoVerdict) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int, int, const Json&) { return error_status(400); });
  TeachOptions options = options_for(teacher, folder);
  options.retries = 1;
  options.concurrency = 2;
  EXPECT_THROW(run(options, numbered_questions(folder, 30)), InputError);
  EXPECT_TRUE(record::read_ledger(options.out).empty());
}

// A folder that is not mounted must not turn a whole set into rejects.
TEST(Teach, StopsWhenNoImageCanBeRead) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) { return good_completion(number); });
  const TeachOptions options = options_for(teacher, folder);
  auto questions = numbered_questions(folder, 200);
  for (record::Question& question : questions) question.image = folder.file("away/picture.png");
  EXPECT_THROW(run(options, questions), PassingError);
  EXPECT_LT(ledger_of(options).size(), 30u);
}

}  // namespace
}  // namespace lmc::teacher
