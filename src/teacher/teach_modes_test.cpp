// What is asked, how often, and who decides: samples, stages, structured replies, judge.
#include "teacher/teach.h"

#include <gtest/gtest.h>

#include <set>

#include "teacher/scripted_teacher.h"

namespace lmc::teacher {
namespace {

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

TEST(Teach, ALedgerHoldsOnePromptOnly) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) { return good_completion(number); });
  TeachOptions options = options_for(teacher, folder);
  run(options, numbered_questions(folder, 2));
  options.mode = TeachMode::kRationalise;
  EXPECT_THROW(run(options, numbered_questions(folder, 2)), InputError);
  options.mode = TeachMode::kReject;
  options.system_prompt = false;
  EXPECT_THROW(run(options, numbered_questions(folder, 2)), InputError);
  options.system_prompt = true;
  EXPECT_EQ(run(options, numbered_questions(folder, 3)).accepted, 1);
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
  options.mode = TeachMode::kTwoStage;
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

}  // namespace
}  // namespace lmc::teacher
