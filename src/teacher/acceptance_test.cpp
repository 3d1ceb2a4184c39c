#include "teacher/acceptance.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "base/check.h"   // InputError
#include "base/files.h"   // for_each_line, file_exists
#include "base/json.h"    // Json, to_text
#include "base/random.h"  // Random

namespace lmc::teacher {
namespace {

record::Question question() {
  record::Question question;
  question.id = "q1";
  question.question = "Which structure is enlarged?";
  question.options = {{'A', "Liver"}, {'B', "Heart"}, {'C', "Spleen"}, {'D', "Kidney"}};
  question.answer = 'B';
  return question;
}

client::Completion reply_of(std::string text, std::string finish = "stop") {
  client::Completion reply;
  reply.text = std::move(text);
  reply.finish = std::move(finish);
  return reply;
}

std::string reason_of(std::string text, std::string finish = "stop") {
  const Verdict verdict = judge(reply_of(std::move(text), std::move(finish)), question(), {});
  EXPECT_EQ(verdict.accepted, verdict.reason.empty());
  return verdict.reason;
}

constexpr const char* kGood =
    "The frontal radiograph shows a cardiac silhouette wider than half of the chest, while the "
    "lungs are clear.";

TEST(Acceptance, AWholeReplyWithReasoningToTheGoldAnswer) {
  const Verdict verdict = judge(reply_of(cat(kGood, "\n\nAnswer: B")), question(), {});
  EXPECT_TRUE(verdict.accepted) << verdict.reason;
  EXPECT_EQ(verdict.letter, "B");
  EXPECT_EQ(verdict.reasoning, kGood);
}

TEST(Acceptance, ReasoningInAThinkBlockCounts) {
  const Verdict verdict =
      judge(reply_of(cat("<think>\n", kGood, "\n</think>\n\nAnswer: B")), question(), {});
  EXPECT_TRUE(verdict.accepted) << verdict.reason;
  EXPECT_EQ(verdict.reasoning, kGood);
}

TEST(Acceptance, EveryReasonToReject) {
  EXPECT_EQ(reason_of(cat(kGood, "\n\nAnswer: B"), "length"), "truncated");
  EXPECT_EQ(reason_of(""), "empty");
  EXPECT_EQ(reason_of(" \n\t\n"), "empty");
  EXPECT_EQ(reason_of("I\xe2\x80\x99m sorry, but I can\xe2\x80\x99t help with that."), "refused");
  EXPECT_EQ(reason_of(cat("As an AI I am no doctor. ", kGood, "\n\nAnswer: B")), "refused");
  EXPECT_EQ(reason_of("", "content_filter"), "refused");
  EXPECT_EQ(reason_of(kGood), "no-answer");
  EXPECT_EQ(reason_of(cat(kGood, "\n\nAnswer: C")), "wrong-answer");
  EXPECT_EQ(reason_of("Answer: B"), "no-reasoning");
  EXPECT_EQ(reason_of("It is B.\n\nAnswer: B"), "no-reasoning");
  EXPECT_EQ(reason_of(cat(kGood, " The correct answer is given as B.\n\nAnswer: B")), "gold-leak");
  EXPECT_EQ(reason_of(cat("Based on the\nprovided answer, ", kGood, "\n\nAnswer: B")), "gold-leak");
  EXPECT_EQ(reason_of(cat("According to the caption, ", kGood, "\n\nAnswer: B")), "cites-caption");
}

TEST(Acceptance, EveryRuleCanBeTurnedOffButTwo) {
  AcceptanceOptions all_off;
  for (const Rule& rule : acceptance_rules()) {
    AcceptanceOptions options;
    options.off = {std::string(rule.name)};
    if (rule.can_be_off) {
      EXPECT_NO_THROW(options.check()) << rule.name;
      all_off.off.emplace_back(rule.name);
    } else {
      EXPECT_THROW(options.check(), InputError) << rule.name;
    }
    EXPECT_FALSE(rule.about.empty());
  }
  EXPECT_EQ(all_off.off.size(), acceptance_rules().size() - 2);
  const client::Completion bad =
      reply_of("As an AI I follow the answer key.\n\nAnswer: C", "length");
  EXPECT_EQ(judge(bad, question(), all_off).reason, "");
  EXPECT_EQ(judge(reply_of(" "), question(), all_off).reason, "empty");
  EXPECT_EQ(judge(reply_of(kGood), question(), all_off).reason, "no-answer");
  all_off.off.pop_back();
  EXPECT_EQ(judge(bad, question(), all_off).reason, "");
  AcceptanceOptions options;
  options.off = {"truncated"};
  EXPECT_EQ(judge(bad, question(), options).reason, "refused");
}

TEST(Acceptance, OptionsThatCannotBe) {
  AcceptanceOptions options;
  options.off = {"goldleak"};
  try {
    options.check();
    FAIL() << "an unknown rule was taken";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("gold-leak"), std::string::npos) << error.what();
  }
  options = {};
  options.min_words = -1;
  EXPECT_THROW(options.check(), InputError);
  options.min_words = 20;
  options.max_words = 10;
  EXPECT_THROW(options.check(), InputError);
  EXPECT_NO_THROW(AcceptanceOptions().check());
}

TEST(Acceptance, AnExplanationFromElsewhere) {
  const Verdict verdict = judge_explanation(kGood, "B", question(), {});
  EXPECT_TRUE(verdict.accepted) << verdict.reason;
  EXPECT_EQ(verdict.letter, "B");
  EXPECT_EQ(verdict.reasoning, kGood);
  EXPECT_EQ(judge_explanation(kGood, "C", question(), {}).reason, "wrong-answer");
  EXPECT_EQ(judge_explanation(kGood, "", question(), {}).reason, "no-answer");
  EXPECT_EQ(judge_explanation("", "B", question(), {}).reason, "empty");
}

// Replies of four models that reach the gold letter. Their questions have no caption and the gold
// answer was not given, so what a rule of this kind rejects would be a false alarm, but for two
// images with a caption of their own (four replies) and one with figures in it.
TEST(Acceptance, RightRepliesOfRealModels) {
  const char* folder = std::getenv("LMC_TEST_DATA");
  const std::string path =
      cat(folder != nullptr ? folder : std::string(LMC_SOURCE_DIR) + "/../shared/data",
          "/model_outputs/worldmedqa_v/english_reasoning_half.jsonl");
  if (!file_exists(path)) GTEST_SKIP() << "no replies at " << path;
  std::map<std::string, int> rejected;
  int num_right = 0;
  for_each_line(path, [&](size_t line, std::string_view text) {
    const Json row = parse_json(text, cat(path, ":", line));
    record::Question asked;
    asked.question = row["question"];
    for (const auto& [letter, option] : row["options"].items()) asked.options[letter[0]] = option;
    asked.answer = row["correct"].get<std::string>().at(0);
    if (row["hit"] != "1") return;
    const Verdict verdict = judge(reply_of(row["prediction"]), asked, {});
    if (verdict.letter != std::string_view(&asked.answer, 1)) return;
    ++num_right;
    if (!verdict.accepted) ++rejected[verdict.reason];
  });
  EXPECT_GT(num_right, 600);
  // Those that end with "I'm an AI and cannot provide medical advice" are for `refused`.
  EXPECT_LE(rejected["refused"], 29);
  EXPECT_LE(rejected["cites-caption"], 4);
  EXPECT_LE(rejected["other-panels"], 1);
  for (const char* none : {"truncated", "empty", "no-reasoning", "gold-leak", "copies-caption",
                           "too-short", "too-long", "language", "repetition"}) {
    EXPECT_EQ(rejected[none], 0) << none;
  }
}

}  // namespace
}  // namespace lmc::teacher
