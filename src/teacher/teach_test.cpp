#include "teacher/teach.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "record/explanation.h"  // read_ledger
#include "teacher/scripted_teacher.h"
#include "teacher/status.h"     // ledger_status
#include "teacher/work_list.h"  // shard_from_word

namespace lmc::teacher {
namespace {

using std::chrono::milliseconds;

std::map<std::string, record::Explanation> ledger_of(const TeachOptions& options) {
  std::map<std::string, record::Explanation> lines;
  for (record::Explanation& line : record::read_ledger(options.out)) {
    const std::string id = line.question_id;
    lines[id] = std::move(line);
  }
  return lines;
}

TeachResult run(const TeachOptions& options, const std::vector<record::Question>& questions) {
  std::ostringstream progress;
  return ask(options, questions, progress);
}

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
        cut.stream = [body = good.body](const net::SendPiece& send) {
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

TEST(Teach, DrawsSamplesUntilOneIsAccepted) {
  const TestFolder folder;
  std::mutex mutex;
  std::set<int64_t> seeds;
  ScriptedTeacher teacher([&](int number, int time, const Json& request) {
    const std::lock_guard lock(mutex);
    seeds.insert(request["seed"].get<int64_t>());
    const bool right = number == 0 ? time == 2 : false;
    return right ? good_completion(number)
                 : completion("The image shows nothing in particular.\n\nAnswer: D");
  });
  TeachOptions options = options_for(teacher, folder);
  options.until_first = true;
  options.samples = 4;
  EXPECT_THROW(run(options, numbered_questions(folder, 2)), InputError);  // all would be the same
  options.temperature = 0.7;
  TeachResult result = run(options, numbered_questions(folder, 2));
  EXPECT_EQ(result.accepted, 1);
  EXPECT_EQ(result.rejected["wrong-answer"], 1);
  EXPECT_EQ(teacher.times_asked()[0], 3);
  EXPECT_EQ(teacher.times_asked()[1], 4);
  EXPECT_EQ(seeds.size(), 7u);  // every sample from a seed of its own
  // Asked again, a rejected question draws new seeds; the accepted one is left alone.
  options.retry_rejected = true;
  result = run(options, numbered_questions(folder, 2));
  EXPECT_EQ(teacher.times_asked()[0], 3);
  EXPECT_EQ(teacher.times_asked()[1], 8);
  EXPECT_EQ(seeds.size(), 11u);
  EXPECT_EQ(ledger_of(options).size(), 2u);
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

TEST(Teach, ALedgerHoldsOnePromptOnly) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) { return good_completion(number); });
  TeachOptions options = options_for(teacher, folder);
  run(options, numbered_questions(folder, 2));
  options.mode = "rationalise";
  EXPECT_THROW(run(options, numbered_questions(folder, 2)), InputError);
  options.mode = "reject";
  options.system_prompt = false;
  EXPECT_THROW(run(options, numbered_questions(folder, 2)), InputError);
  options.system_prompt = true;
  EXPECT_EQ(run(options, numbered_questions(folder, 3)).accepted, 1);
}

TEST(Teach, ABrokenPictureIsCountedAndNotSent) {
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

TEST(Teach, ChoosesBySplitAndLimit) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) { return good_completion(number); });
  TeachOptions options = options_for(teacher, folder);
  options.split = "train";
  options.limit = 3;
  EXPECT_EQ(run(options, numbered_questions(folder, 20)).accepted, 3);
  const std::map<int, int> expected = {{0, 1}, {2, 1}, {4, 1}};
  EXPECT_EQ(teacher.times_asked(), expected);
  options.split = "validation";
  EXPECT_THROW(run(options, numbered_questions(folder, 20)), InputError);
}

TEST(Teach, RejectDrawsEverySampleAndCountsThePassRate) {
  const TestFolder folder;
  // Samples 0 and 2 reach the gold answer, by different words; 1 and 3 do not.
  ScriptedTeacher teacher([](int number, int time, const Json&) {
    const char letter = static_cast<char>('A' + (time % 2 == 0 ? number : number + 1) % 4);
    return completion(
        cat("Look number ", time, " shows a finding that decides it.\n\nAnswer: ", letter));
  });
  TeachOptions options = options_for(teacher, folder);
  options.samples = 4;
  options.temperature = 1;
  EXPECT_EQ(run(options, numbered_questions(folder, 3)).accepted, 3);
  EXPECT_EQ(teacher.num_requests(), 12);
  const record::Explanation line = ledger_of(options).at("q2");
  EXPECT_EQ(line.samples, 4);
  EXPECT_EQ(line.reached_gold, 2);
  EXPECT_EQ(line.reasoning, "Look number 0 shows a finding that decides it.");
  ASSERT_EQ(line.further_reasonings.size(), 1u);
  EXPECT_EQ(line.further_reasonings[0], "Look number 2 shows a finding that decides it.");
  EXPECT_EQ(line.prompt_tokens, 400);  // all four were paid for
  EXPECT_GT(line.finished_at, 1'700'000'000);
}

TEST(Teach, TheSecondStageGivesTheGoldAnswerWhereNoSampleReachedIt) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json& request) {
    const std::string text = request["messages"].back()["content"].back()["text"];
    const bool is_given = text.find("The correct answer is") != text.npos;
    EXPECT_EQ(number == 0 && is_given, false) << "question 0 was reached without";
    return number == 0 || is_given
               ? good_completion(number)
               : completion("The image shows nothing in particular here.\n\nAnswer: A");
  });
  TeachOptions options = options_for(teacher, folder);
  options.mode = "two-stage";
  options.samples = 2;
  options.temperature = 1;
  EXPECT_EQ(run(options, numbered_questions(folder, 2)).accepted, 2);
  EXPECT_EQ(teacher.times_asked()[0], 2);      // both samples are drawn
  EXPECT_EQ(teacher.times_asked()[1], 2 + 1);  // and then the gold answer is given
  const auto lines = ledger_of(options);
  EXPECT_EQ(lines.at("q0").mode, "reject");
  EXPECT_EQ(lines.at("q0").reached_gold, 2);
  EXPECT_EQ(lines.at("q1").mode, "rationalise");
  EXPECT_EQ(lines.at("q1").samples, 2);
  EXPECT_EQ(lines.at("q1").reached_gold, 0);
  // A second run knows both kinds of lines as its own.
  EXPECT_EQ(run(options, numbered_questions(folder, 2)).already_done, 2);
}

TEST(Teach, SeveralEndpointsShareTheWorkAndABadOneIsClosed) {
  const TestFolder folder;
  const auto slow = [](int number, int, const Json&) {
    std::this_thread::sleep_for(milliseconds(5));
    return good_completion(number);
  };
  ScriptedTeacher first(slow);
  ScriptedTeacher second(slow);
  ScriptedTeacher locked([](int, int, const Json&) { return error_status(401); });
  TeachOptions options = options_for(first, folder);
  options.concurrency = 4;
  options.endpoint = {locked.endpoint(), first.endpoint(), second.endpoint()};
  const TeachResult result = run(options, numbered_questions(folder, 60));
  EXPECT_EQ(result.accepted, 60);
  EXPECT_EQ(result.failed, 0);
  EXPECT_GT(first.num_requests(), 10);
  EXPECT_GT(second.num_requests(), 10);
  EXPECT_LE(locked.num_requests(), 4);  // what was in flight when the first refusal came
  ASSERT_EQ(result.notes.size(), 1u);
  EXPECT_NE(result.notes[0].find(locked.endpoint()), std::string::npos) << result.notes[0];
  EXPECT_EQ(first.num_requests() + second.num_requests(), 60);
}

TEST(Teach, EachEndpointGetsItsOwnKey) {
  const TestFolder folder;
  const auto good = [](int number, int, const Json&) {
    std::this_thread::sleep_for(milliseconds(5));
    return good_completion(number);
  };
  ScriptedTeacher first(good);
  ScriptedTeacher second(good);
  write_file(folder.file("one.key"), "key-one\n");
  write_file(folder.file("two.key"), "key-two");
  TeachOptions options = options_for(first, folder);
  options.endpoint = {first.endpoint(), second.endpoint()};
  options.api_key_file = {folder.file("one.key")};
  EXPECT_THROW(run(options, numbered_questions(folder, 40)), InputError);  // whose is it?
  options.api_key_file.push_back(folder.file("two.key"));
  options.concurrency = 2;
  EXPECT_EQ(run(options, numbered_questions(folder, 40)).accepted, 40);
  EXPECT_EQ(first.last_authorization(), "Bearer key-one");
  EXPECT_EQ(second.last_authorization(), "Bearer key-two");
}

TEST(Teach, StopsAtTheLimitsAndGoesOnFromThere) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) { return good_completion(number); });
  TeachOptions options = options_for(teacher, folder);
  options.concurrency = 2;
  options.max_requests = 7;
  TeachResult result = run(options, numbered_questions(folder, 20));
  EXPECT_EQ(teacher.num_requests(), 7);
  EXPECT_EQ(result.accepted, 7);
  EXPECT_EQ(result.not_asked, 13);
  EXPECT_EQ(result.stopped_by, "--max-requests 7 is reached");
  // Seven questions of 100 + 20 tokens at 10,000 and 50,000 a million cost 2 each.
  options.max_requests = 0;
  options.price_prompt = 10'000;
  options.price_reply = 50'000;
  options.max_cost = 20;
  result = run(options, numbered_questions(folder, 20));
  EXPECT_EQ(result.accepted, 3);
  EXPECT_DOUBLE_EQ(result.cost, 20);
  EXPECT_EQ(teacher.num_requests(), 10);
  options.max_cost = 0;
  EXPECT_EQ(run(options, numbered_questions(folder, 20)).accepted, 10);
}

TEST(Teach, ADryRunAsksNothingAndWritesNothing) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) { return good_completion(number); });
  TeachOptions options = options_for(teacher, folder);
  options.dry_run = true;
  options.price_prompt = 1;
  std::ostringstream out;
  ask(options, numbered_questions(folder, 20), out);
  EXPECT_NE(out.str().find("20 of 20 questions to ask, 20 requests"), std::string::npos)
      << out.str();
  EXPECT_NE(out.str().find("cost: about"), std::string::npos);
  EXPECT_NE(out.str().find("nothing leaves this machine"), std::string::npos);
  EXPECT_EQ(teacher.num_requests(), 0);
  EXPECT_FALSE(file_exists(options.out));
}

TEST(Teach, ShardsAreDisjointAndWhole) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) { return good_completion(number); });
  TeachOptions options = options_for(teacher, folder);
  int64_t sum = 0;
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    options.shard = shard;
    options.out = folder.file(cat("ledger-", shard[0], ".jsonl"));
    const int64_t accepted = run(options, numbered_questions(folder, 90)).accepted;
    EXPECT_GT(accepted, 15);
    sum += accepted;
  }
  EXPECT_EQ(sum, 90);
  for (const auto& [number, times] : teacher.times_asked()) EXPECT_EQ(times, 1) << number;
  for (const char* bad : {"0/3", "4/3", "1/", "1", "a/b", "1/3x"}) {
    EXPECT_THROW(shard_from_word(bad), InputError) << bad;
  }
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

TEST(Teach, AStructuredReplyIsAskedForAndRead) {
  const TestFolder folder;
  std::atomic<bool> refuses{false};
  ScriptedTeacher teacher([&](int number, int, const Json& request) {
    if (request.contains("response_format") && refuses) {
      net::ServerReply reply = error_status(400);
      reply.body = R"({"error":{"message":"response_format is not supported"}})";
      return reply;
    }
    const Json object = {{"reasoning", "The image shows a finding that decides the question."},
                         {"answer", std::string(1, static_cast<char>('A' + number % 4))}};
    return completion(to_text(object));
  });
  TeachOptions options = options_for(teacher, folder);
  options.structured = true;
  EXPECT_EQ(run(options, numbered_questions(folder, 4)).accepted, 4);
  EXPECT_EQ(ledger_of(options).at("q1").reasoning,
            "The image shows a finding that decides the question.");
  refuses = true;
  options.out = folder.file("other.jsonl");
  const TeachResult result = run(options, numbered_questions(folder, 4));
  EXPECT_EQ(result.accepted, 4);
  EXPECT_EQ(result.notes.size(), 1u);
}

TEST(Teach, AJudgeHasTheLastWord) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json& request) {
    if (request["model"] == "scripted") return good_completion(number);
    EXPECT_EQ(request["model"], "judge");
    EXPECT_NE(to_text(request).find("a finding that decides the question"), std::string::npos);
    const char* const verdicts[] = {"It holds.\n\nVerdict: valid", "Verdict: invalid", "Well."};
    return completion(verdicts[number % 3]);
  });
  TeachOptions options = options_for(teacher, folder);
  options.judge_model = "judge";
  const TeachResult result = run(options, numbered_questions(folder, 3));
  EXPECT_EQ(result.accepted, 1);
  const std::map<std::string, int64_t> rejected = {{"judge", 1}, {"judge-unreadable", 1}};
  EXPECT_EQ(result.rejected, rejected);
  EXPECT_EQ(teacher.num_requests(), 6);
  const auto lines = ledger_of(options);
  EXPECT_EQ(lines.at("q0").judge, "It holds.\n\nVerdict: valid");
  EXPECT_EQ(lines.at("q1").judge, "Verdict: invalid");
  EXPECT_EQ(lines.at("q0").prompt_tokens, 200);  // the judge's are paid for too
}

// What a teacher sees it may say in a caption's words, as long as the caption was not shown to it.
TEST(Teach, ACaptionCanBeCopiedOnlyWhereItWasShown) {
  const TestFolder folder;
  const std::string caption = "Two round nodules lie in the upper zone of the left lung.";
  ScriptedTeacher teacher([&](int number, int, const Json&) {
    return completion(cat(caption, "\n\nAnswer: ", static_cast<char>('A' + number % 4)));
  });
  TeachOptions options = options_for(teacher, folder);
  auto questions = numbered_questions(folder, 1);
  questions[0].caption = caption;
  EXPECT_EQ(run(options, questions).accepted, 1);
  options.out = folder.file("shown.jsonl");
  options.with_caption = true;
  EXPECT_EQ(run(options, questions).rejected["copies-caption"], 1);
  options.out = folder.file("off.jsonl");
  options.rules.off = {"copies-caption"};
  EXPECT_EQ(run(options, questions).accepted, 1);
}

TEST(Teach, EveryKindOfOptionHasItsFlag) {
  TeachOptions options;
  std::set<std::string> names;
  for (const Field& field : options.fields()) EXPECT_TRUE(names.insert(field.name).second);
  for (const char* name : {"endpoint", "mode", "rules-off", "judge-model", "max-cost", "shard"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(TeachStatus, CountsWhatTheLedgerHolds) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) {
    return number % 4 == 3 ? completion("The image shows a thing of that kind.\n\nAnswer: A")
                           : good_completion(number);
  });
  TeachOptions options = options_for(teacher, folder);
  options.max_requests = 8;
  options.concurrency = 1;
  run(options, numbered_questions(folder, 20));
  const LedgerStatus status = ledger_status(options.out, 1);
  EXPECT_EQ(status.finished, 8);
  EXPECT_EQ(status.total, 20);
  EXPECT_EQ(status.accepted, 6);
  EXPECT_EQ(status.rejected.at("wrong-answer").count, 2);
  ASSERT_EQ(status.rejected.at("wrong-answer").examples.size(), 1u);
  EXPECT_EQ(status.rejected.at("wrong-answer").examples[0].question_id, "q3");
  EXPECT_EQ(status.samples, 8);
  EXPECT_EQ(status.reached_gold, 6);
  EXPECT_EQ(status.prompt_tokens, 800);
  const std::string text = describe(status, {1000, 0});
  EXPECT_NE(text.find("8 of 20 questions finished: 6 accepted (75.0 %), 2 rejected"), text.npos);
  EXPECT_NE(text.find("cost 0.8"), text.npos) << text;
  EXPECT_NE(text.find("q3 [A] The image shows a thing of that kind.  Answer: A"), text.npos)
      << text;
}

}  // namespace
}  // namespace lmc::teacher
