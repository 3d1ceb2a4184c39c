// Which questions are asked, where, and when a run ends: shards, endpoints, limits, status.
#include "teacher/teach.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "teacher/scripted_teacher.h"
#include "teacher/status.h"     // ledger_status
#include "teacher/work_list.h"  // holds

namespace lmc::teacher {
namespace {

using std::chrono::milliseconds;

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
  // Every fourth reply is wrong, whichever question it is for: with images read ahead by several
  // threads, the order of the questions is not fixed.
  int num_asked = 0;
  std::string first_wrong;
  ScriptedTeacher teacher([&](int number, int, const Json&) {
    if (++num_asked % 4 != 0) return good_completion(number);
    const char wrong = static_cast<char>('A' + (number + 1) % 4);
    if (first_wrong.empty()) first_wrong = cat("q", number, " [", wrong, "]");
    return completion(cat("The image shows a thing of that kind.\n\nAnswer: ", wrong));
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
  const auto& example = status.rejected.at("wrong-answer").examples[0];
  EXPECT_TRUE(first_wrong.starts_with(example.question_id + " ")) << first_wrong;
  EXPECT_EQ(status.samples, 8);
  EXPECT_EQ(status.reached_gold, 6);
  EXPECT_EQ(status.prompt_tokens, 800);
  const std::string text = describe(status, {1000, 0});
  EXPECT_NE(text.find("8 of 20 questions finished: 6 accepted (75.0 %), 2 rejected"), text.npos);
  EXPECT_NE(text.find("cost 0.8"), text.npos) << text;
  EXPECT_NE(text.find(first_wrong + " The image shows a thing of that kind.  Answer: "), text.npos)
      << text;
}

}  // namespace
}  // namespace lmc::teacher
