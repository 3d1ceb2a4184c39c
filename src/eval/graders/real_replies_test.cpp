// Every extractor on replies that models really wrote. Skipped where the data is absent
// (LMC_TEST_DATA, else ../shared/data).
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#include "base/check.h"  // cat
#include "base/files.h"  // for_each_line, file_exists
#include "base/json.h"   // parse_json, read_json
#include "eval/graders/extractor.h"

namespace lmc::eval {
namespace {

using Options = std::map<char, std::string>;

std::string real_replies(const std::string& name) {
  const char* folder = std::getenv("LMC_TEST_DATA");
  return (folder != nullptr ? folder : std::string(LMC_SOURCE_DIR) + "/../shared/data") +
         "/model_outputs/" + name;
}

struct RealReply {
  std::string row;  // model, country and number
  std::string model;
  std::string reply;
  Options options;
  std::string gold;
  char judge = 0;  // "P" for a failed request, "I" for a refusal; often a letter for a refusal, too
};

std::vector<RealReply> read_worldmedqa(const std::string& path) {
  std::vector<RealReply> replies;
  for_each_line(path, [&](size_t line, std::string_view text) {
    const Json row = parse_json(text, cat(path, ":", line));
    RealReply one;
    one.model = row["model"];
    one.row = cat(one.model, " ", row["country"].get<std::string>(), " ",
                  row["index"].get<std::string>());
    one.reply = row["prediction"];
    for (const auto& [letter, option] : row["options"].items()) one.options[letter[0]] = option;
    one.gold = row["correct"];
    one.judge = row["judge_extracted"].get<std::string>().at(0);
    replies.push_back(std::move(one));
  });
  return replies;
}

Verdict graded(std::string_view extractor, const RealReply& one) {
  return find_extractor(extractor).grade({one.reply, one.options, one.gold, {}});
}

// Every disagreement has been looked at: worldmedqa_disagreements.jsonl says what the reply does.
// Where ours has no letter, the reply does not choose an option; where it has another letter, it
// says so in words, and the judge model misread it. Seventeen replies are refusals for which the
// judge put a letter, mostly A: no answer is the right reading there, so the rate leaves them out.
TEST(RealReplies, OursAgreesWithTheJudge) {
  const std::string path = real_replies("worldmedqa_v/english_reasoning_half.jsonl");
  if (!file_exists(path)) GTEST_SKIP() << "no replies at " << path;
  std::map<std::string, Json> looked_at;
  for_each_line(
      std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/worldmedqa_disagreements.jsonl",
      [&](size_t line, std::string_view text) {
        const Json row = parse_json(text, cat("disagreement ", line));
        looked_at[cat(row["model"].get<std::string>(), " ", row["country"].get<std::string>(), " ",
                      row["index"].get<std::string>())] = row;
      });
  int judged = 0, refusals = 0, answers = 0, agree = 0, letters_of_failures = 0;
  std::map<std::string, std::pair<int, int>> by_model;
  for (const RealReply& one : read_worldmedqa(path)) {
    const std::optional<char> letter = graded("ours", one).letter;
    if (!one.options.contains(one.judge)) {
      letters_of_failures += letter ? 1 : 0;
      continue;
    }
    ++judged;
    if (letter) {
      ++answers;
      ++by_model[one.model].second;
    }
    if (letter == one.judge) {
      ++agree;
      ++by_model[one.model].first;
      continue;
    }
    const auto found = looked_at.find(one.row);
    const std::string ours = letter ? std::string(1, *letter) : "-";
    ASSERT_NE(found, looked_at.end()) << one.row << ": ours " << ours << ", judge " << one.judge;
    const Json& expected = found->second["letter"];
    EXPECT_EQ(ours, expected.is_string() ? expected.get<std::string>() : "-") << one.row;
    if (found->second.value("refusal", false)) ++refusals;
    std::printf("  %-28s ours %s  judge %c  %s\n", one.row.c_str(), ours.c_str(), one.judge,
                found->second["reply"].get<std::string>().c_str());
  }
  for (const auto& [model, counts] : by_model) {
    std::printf("  %-14s %d of %d\n", model.c_str(), counts.first, counts.second);
  }
  std::printf("  agrees in %d of %d judged replies, %d of them refusals; %d have an answer\n",
              agree, judged, refusals, answers);
  EXPECT_EQ(letters_of_failures, 0);
  EXPECT_GE(agree, 0.97 * (judged - refusals));
  EXPECT_GE(agree, 0.99 * answers);
}

// All extractors side by side: published rules give other metrics for the same replies.
TEST(RealReplies, AllExtractors) {
  const std::string path = real_replies("worldmedqa_v/english_reasoning_half.jsonl");
  if (!file_exists(path)) GTEST_SKIP() << "no replies at " << path;
  const std::vector<RealReply> replies = read_worldmedqa(path);
  std::map<std::string_view, int> letters_of_failures;
  for (const Extractor& extractor : extractors()) {
    if (extractor.name == "likelihood") continue;
    int correct = 0, read = 0, as_judge = 0, judged = 0;
    for (const RealReply& one : replies) {
      const Verdict verdict = graded(extractor.name, one);
      correct += verdict.correct ? 1 : 0;
      read += verdict.letter ? 1 : 0;
      if (one.options.contains(one.judge)) {
        ++judged;
        as_judge += verdict.letter == one.judge ? 1 : 0;
      } else if (verdict.letter) {
        ++letters_of_failures[extractor.name];
      }
    }
    std::printf("  %-22s right %4d of %zu, a letter in %4d, the judge's in %4d of %d\n",
                std::string(extractor.name).c_str(), correct, replies.size(), read, as_judge,
                judged);
  }
  EXPECT_EQ(letters_of_failures["ours"], 0);
  EXPECT_GT(letters_of_failures["medevalkit"], 0);
}

// The file has what MedVLThinker's own script read from each roll-out.
TEST(RealReplies, MedVlThinkerAsItGradedItself) {
  const std::string path = real_replies("medvlthinker/qwen2_5_vl_7b_16_rollouts_medmcqa15425.json");
  if (!file_exists(path)) GTEST_SKIP() << "no replies at " << path;
  const Json file = read_json(path);
  const Options options{{'A', "Cap Stage."},
                        {'B', "Bus Stage."},
                        {'C', "Advanced Bell Stage."},
                        {'D', "Early Bell Stage."}};
  int correct = 0;
  for (const Json& one : file["parsed_outputs"]) {
    const std::string reply = one["output_text"];
    const std::string gold = file["answer_label"];
    const Verdict verdict = find_extractor("medvlthinker").grade({reply, options, gold, {}});
    EXPECT_EQ(verdict.correct, one["is_correct"].get<bool>()) << reply;
    // "D. Early Bell Stage.": what it read, when that is an option.
    const std::string read = one["pred_letter"];
    std::optional<char> letter;
    for (const auto& [option, text] : options) {
      if (read == cat(std::string(1, option), ". ", text)) letter = option;
    }
    EXPECT_EQ(verdict.letter, letter) << reply;
    correct += verdict.correct ? 1 : 0;
  }
  EXPECT_EQ(correct, file["num_correct"].get<int>());
}

// Cookbook cells that put a question with options; the reply is what follows "Answer:".
TEST(RealReplies, OursOnQwen3Vl) {
  const std::string path = real_replies("qwen3_vl_cookbook/outputs.jsonl");
  if (!file_exists(path)) GTEST_SKIP() << "no replies at " << path;
  const std::map<int, std::pair<Options, char>> cells{
      {8, {{{'A', "chair"}, {'B', "plant"}, {'C', "window"}, {'D', "tv stand"}}, 'C'}},
      {14, {{{'A', "Red"}, {'B', "Blue"}, {'C', "Green"}, {'D', "Orange"}}, 'B'}},
      {15, {{{'A', "A"}, {'B', "B"}, {'C', "C"}, {'D', "D"}}, 'D'}}};
  int count = 0;
  for_each_line(path, [&](size_t line, std::string_view text) {
    const Json row = parse_json(text, cat(path, ":", line));
    const auto cell = cells.find(row["cell"].get<int>());
    if (row["notebook"] != "cookbooks/spatial_understanding.ipynb" || cell == cells.end()) return;
    const std::string whole = row["text"];
    const std::string reply = whole.substr(whole.find("Answer:\n") + 8);
    const auto& [options, letter] = cell->second;
    EXPECT_EQ(find_extractor("ours").grade({reply, options, "A", {}}).letter, letter) << reply;
    ++count;
  });
  EXPECT_EQ(count, 3);
}

}  // namespace
}  // namespace lmc::eval
