#include "grounding/ground.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/check.h"  // InputError
#include "base/json.h"   // read_json
#include "eval/scripted_predictor.h"
#include "grounding/condition.h"  // letter_before_rotation
#include "grounding/test_world.h"
#include "record/probe.h"      // ProbeAnswer
#include "record/run_lines.h"  // read_run_log

namespace lmc::grounding {
namespace {

using infer::ScriptedEngine;
using testing::HasSubstr;
using testing::Not;

class GroundTest : public WorldTest {
 protected:
  GroundTest() {
    options_.questions = questions_path();
    options_.out = folder_ + "/run";
    options_.batch = 7;
  }

  record::GroundingResult run(ScriptedEngine& engine) {
    std::ostringstream progress;
    return ground(engine, processor_, options_, {}, progress);
  }

  std::string error_of(ScriptedEngine& engine) {
    try {
      run(engine);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  static const record::GroundingMetric& named(const std::vector<record::GroundingMetric>& metrics,
                                              const std::string& name) {
    for (const auto& one : metrics) {
      if (one.name == name) return one;
    }
    ADD_FAILURE() << name;
    static const record::GroundingMetric none;
    return none;
  }

  static const record::ConditionRow& row(const record::GroundingResult& result,
                                         const std::string& condition) {
    for (const auto& one : result.conditions) {
      if (one.condition == condition) return one;
    }
    ADD_FAILURE() << condition;
    static const record::ConditionRow none;
    return none;
  }

  GroundOptions options_;
};

// One that always says the first letter, and the caption's where it is shown one.
TEST_F(GroundTest, AnyPredictorIsAskedUnderEveryCondition) {
  const std::vector<record::Question> questions = write_questions(4);
  eval::ScriptedPredictor first([](const record::Question& shown) {
    record::Answer answer;
    answer.letter = shown.caption.empty() ? 'A' : 'B';
    answer.letter_log_probability = {{'A', -0.5}, {'B', -1.5}, {'D', -3}};
    return answer;
  });
  options_.conditions = {"absent", "rotation", "caption"};
  std::ostringstream progress;
  ground(first, options_, {}, progress);
  ASSERT_EQ(first.asked().size(), 4U * 5);
  EXPECT_EQ(first.asked()[1].id, "q0 absent 0");
  EXPECT_EQ(first.asked()[1].image, "") << "no image stands in the prompt";
  std::vector<record::ProbeAnswer> probes;
  for (const Json& line : record::read_run_log(options_.out + "/grounding.jsonl")) {
    probes.push_back(record::probe_answer_from_json(line, "test"));
  }
  ASSERT_EQ(probes.size(), first.asked().size());
  for (size_t i = 0; i < probes.size(); ++i) {
    const record::Answer& answer = probes[i].answer;
    const record::Question& question = questions[i / 5];
    EXPECT_EQ(answer.question_id, question.id);
    const char expected = probes[i].condition == "caption" ? 'B'
                          : probes[i].condition == "rotation"
                              ? letter_before_rotation(question, probes[i].variant, 'A')
                              : 'A';
    EXPECT_EQ(answer.letter, std::string(1, expected)) << first.asked()[i].id;
    if (probes[i].condition == "rotation") {
      EXPECT_EQ(answer.letter_log_probability.at(expected), -0.5);
    }
  }
}

TEST_F(GroundTest, AnEngineThatLooksReliesOnTheImage) {
  write_questions(24);
  ScriptedEngine engine = looking_engine();
  const record::GroundingResult result = run(engine);
  EXPECT_EQ(row(result, "real").accuracy.correct, 24);
  EXPECT_GT(*named(result.metrics, "VRS").value, 0.3);
  EXPECT_GT(*named(result.metrics, "IS").value, 0.3);
  EXPECT_GT(*named(result.metrics, "VRS within modality").value, 0.2);
  // Both sides equally bright: always A, the gold letter of half the questions.
  EXPECT_NEAR(*named(result.metrics, "blank retention").value, 0.5, 1e-12);
  EXPECT_EQ(row(result, "absent").accuracy.correct, 12);
  // It reads the options, so it follows them, and the blurred square is still bright.
  EXPECT_NEAR(*named(result.metrics, "rotation consistency").value, 1, 1e-12);
  EXPECT_EQ(row(result, "low-pass").accuracy.correct, 24);
  EXPECT_GT(*row(result, "black").mean_shift, 0);
  const Json json = read_json(options_.out + "/result.json");
  EXPECT_EQ(record::to_json(record::grounding_result_from_json(json, "result")), json);
}

TEST_F(GroundTest, ABlindEngineDoesNot) {
  write_questions(24);
  ScriptedEngine engine = blind_engine();
  const record::GroundingResult result = run(engine);
  EXPECT_NEAR(*named(result.metrics, "VRS").value, 0, 1e-12);
  EXPECT_NEAR(*named(result.metrics, "IS").value, 0, 1e-12);
  EXPECT_NEAR(*named(result.metrics, "blank retention").value, 1, 1e-12);
  // It says a letter, wherever the option went.
  EXPECT_NEAR(*named(result.metrics, "rotation consistency").value, 0, 1e-12);
}

TEST_F(GroundTest, PromptsAreWhatTheConditionSays) {
  const auto questions = write_questions(4);
  ScriptedEngine engine = looking_engine();
  options_.batch = 1;
  run(engine);
  const auto lines = record::read_run_log(options_.out + "/grounding.jsonl");
  ASSERT_EQ(engine.prompts().size(), lines.size());
  std::map<std::string, size_t> tokens;  // of each question's real image
  for (size_t i = 0; i < lines.size(); ++i) {
    const record::ProbeAnswer probe = record::probe_answer_from_json(lines[i], "line");
    const prompt::ModelInput& prompt = engine.prompts()[i];
    const std::string text = text_of(prompt);
    const std::string& id = probe.answer.question_id;
    EXPECT_THAT(text, HasSubstr("Number " + id.substr(1) + ":"));
    if (probe.condition == "caption") {
      EXPECT_THAT(text, HasSubstr("SECRET " + id.substr(1)));
    } else {
      EXPECT_THAT(text, Not(HasSubstr("SECRET")));
    }
    EXPECT_EQ(prompt.images.size(), probe.condition == "absent" ? 0U : 1U);
    if (probe.condition == "real") tokens[id] = prompt.ids.size();
    if (probe.condition == "rotation") EXPECT_THAT(text, Not(HasSubstr("A. left")));
    EXPECT_EQ(text.find("None of these") != text.npos, probe.condition == "option-hidden");
    const bool has_other_text = probe.condition == "absent" || probe.condition == "caption" ||
                                probe.condition == "option-hidden";
    if (!has_other_text) EXPECT_EQ(prompt.ids.size(), tokens.at(id)) << probe.condition;
    EXPECT_EQ(!probe.image_of.empty(), probe.condition.starts_with("shuffled"));
    EXPECT_NE(probe.image_of, id);
  }
}

TEST_F(GroundTest, KilledRunEndsWithTheSameBytes) {
  write_questions(3);
  ScriptedEngine engine = looking_engine();
  run(engine);
  const std::string path = options_.out + "/grounding.jsonl";
  const std::string result_path = options_.out + "/result.json";
  const std::string whole = read_file(path);
  const std::string result = read_file(result_path);
  size_t line = 0;
  for (size_t at = whole.find('\n'); at + 1 < whole.size(); at = whole.find('\n', at + 1)) {
    if (++line % 5 != 0) continue;  // blocks have seven lines
    write_file(path, whole.substr(0, at + 1 + at % 40));
    std::filesystem::remove(result_path);
    ScriptedEngine fresh = looking_engine();
    run(fresh);
    EXPECT_EQ(read_file(path), whole) << at;
    EXPECT_EQ(read_file(result_path), result) << at;
  }
  ScriptedEngine idle = looking_engine();
  run(idle);
  EXPECT_TRUE(idle.prompts().empty()) << "nothing is left to do";
  std::filesystem::remove(result_path);
  rescore(options_.out, "");
  EXPECT_EQ(read_file(result_path), result);
}

TEST_F(GroundTest, RepliesAreReadForTheirClaims) {
  write_questions(6);
  options_.reply = prompt::ReplyStyle::kReasoningThenAnswer;
  options_.conditions = {"shuffled"};
  // It claims to see and does not look.
  ScriptedEngine engine(vocab_size(), ScriptedEngine::Script([&](const prompt::ModelInput&) {
                          std::vector<int32_t> ids = processor_.tokenizer().encode(
                              "The image shows a bright square.\n\nAnswer: A");
                          ids.push_back(processor_.end_ids()[0]);
                          return ids;
                        }));
  const record::GroundingResult result = run(engine);
  EXPECT_NEAR(*named(result.metrics, "HVRR").value, 1, 1e-12);
  EXPECT_NEAR(*named(result.metrics, "HVRR given a claim").value, 1, 1e-12);
  EXPECT_NEAR(*named(result.metrics, "IS").value, 0, 1e-12);
  EXPECT_EQ(row(result, "real").accuracy.correct, 3);
}

TEST_F(GroundTest, MapsPointWhereTheEngineLooks) {
  write_questions(8);
  options_.conditions = {"grey"};
  options_.maps = 6;
  ScriptedEngine engine = looking_engine();
  const record::GroundingResult result = run(engine);
  const auto& pointing = named(result.map_metrics, "pointing game");
  EXPECT_EQ(pointing.items, 6);
  EXPECT_NEAR(*pointing.value, 1, 1e-12);
  // The square covers 4 of 64 cells.
  EXPECT_NEAR(*named(result.map_metrics, "pointing game, by chance").value, 4.0 / 64, 1e-12);
  EXPECT_NEAR(*named(result.map_metrics, "energy in boxes, by chance").value, 1.0 / 16, 1e-9);
  // A dark cell is continued as a dark cell; only one beside the square takes some of its light.
  EXPECT_GT(*named(result.map_metrics, "energy in boxes").value, 0.9);
  EXPECT_GT(*named(result.map_metrics, "insertion less deletion AUC").value, 0);
  EXPECT_EQ(record::read_run_log(options_.out + "/maps.jsonl").size(), 6U);

  const std::string maps = read_file(options_.out + "/maps.jsonl");
  write_file(options_.out + "/maps.jsonl", maps.substr(0, maps.size() / 2));
  run(engine);
  EXPECT_EQ(read_file(options_.out + "/maps.jsonl"), maps);
  options_.maps = 8;
  run(engine);
  EXPECT_THAT(read_file(options_.out + "/maps.jsonl"), testing::StartsWith(maps));
}

// The square is larger than a cell: of what is left of it a cell is continued bright. A window
// covers it; the cells beside the square get a share of the windows that cover it in part.
TEST_F(GroundTest, AWindowCoversWhatIsLargerThanACell) {
  write_questions(8);
  options_.conditions = {"grey"};
  options_.maps = 6;
  ScriptedEngine engine = looking_engine();
  const record::GroundingResult by_cell = run(engine);
  const auto strongest = [&] {
    const auto map = record::occlusion_map_from_json(
        record::read_run_log(options_.out + "/maps.jsonl").at(0), "map");
    return *std::max_element(map.values.begin(), map.values.end());
  };
  const double of_a_cell = strongest();
  options_.map_window = 2;
  options_.out = folder_ + "/windows";
  const record::GroundingResult by_window = run(engine);
  EXPECT_GT(strongest(), 2 * of_a_cell);
  EXPECT_NEAR(*named(by_window.map_metrics, "pointing game").value, 1, 1e-12);
  EXPECT_LT(*named(by_window.map_metrics, "energy in boxes").value,
            *named(by_cell.map_metrics, "energy in boxes").value);
}

// The classic occlusion: one cell at a time, with the mean colour.
TEST_F(GroundTest, MapsByTheMeanColour) {
  write_questions(8);
  options_.conditions = {"grey"};
  options_.maps = 6;
  options_.map_fill = Fill::kMeanColour;
  ScriptedEngine engine = looking_engine();
  const record::GroundingResult result = run(engine);
  EXPECT_NEAR(*named(result.map_metrics, "pointing game").value, 1, 1e-12);
  // Not 1: the dark side's cells become brighter when hidden, and count as well.
  EXPECT_GT(*named(result.map_metrics, "energy in boxes").value, 0.4);
  EXPECT_NEAR(*named(result.map_metrics, "IoU at half maximum").value, 1, 1e-9);
}

TEST_F(GroundTest, MapsOfABlindEnginePointByChance) {
  write_questions(6);
  options_.conditions = {"grey"};
  options_.maps = 6;
  ScriptedEngine engine = blind_engine();
  const record::GroundingResult result = run(engine);
  EXPECT_NEAR(*named(result.map_metrics, "pointing game, above chance").value, 0, 1e-12);
  EXPECT_NEAR(*named(result.map_metrics, "insertion less deletion AUC").value, 0, 1e-12);
  EXPECT_NEAR(*named(result.map_metrics, "picture's share of the answer").value, 0, 1e-12);
}

// The reply is measured token by token, each after those before it.
TEST_F(GroundTest, MapsOfARepliesWholeText) {
  write_questions(2);
  options_.conditions = {"grey"};
  options_.reply = prompt::ReplyStyle::kReasoningThenAnswer;
  options_.maps = 1;
  options_.map_grid = 2;
  options_.curve_steps = 0;
  const std::string reply = "It is bright.\n\nAnswer: A";
  std::vector<int32_t> ids = processor_.tokenizer().encode(reply);
  const auto tokens = static_cast<int64_t>(ids.size());
  ids.push_back(processor_.end_ids()[0]);
  ScriptedEngine engine(vocab_size(),
                        ScriptedEngine::Script([&](const prompt::ModelInput&) { return ids; }));
  run(engine);
  const auto map = record::occlusion_map_from_json(
      record::read_run_log(options_.out + "/maps.jsonl").at(0), "map");
  EXPECT_EQ(map.measured, "reply");
  EXPECT_EQ(map.tokens, tokens);
  // Each token has a logit of 20 against 0.
  const double each = 20 - std::log(std::exp(20.0) + static_cast<double>(vocab_size() - 1));
  EXPECT_NEAR(map.whole, each * static_cast<double>(tokens), 1e-9);
  EXPECT_TRUE(map.deletion.empty());
}

// It says what it is told to conclude; without a reasoning it says D.
TEST_F(GroundTest, AnswersThatFollowTheirReasoning) {
  write_questions(8);
  options_.conditions = {"grey"};
  options_.reply = prompt::ReplyStyle::kReasoningThenAnswer;
  options_.faithfulness = 6;
  ScriptedEngine engine(
      vocab_size(), ScriptedEngine::NextLogits([&](const prompt::ModelInput& input,
                                                   std::span<const int32_t> steps) {
        const std::string text = text_of(input);
        const int number = std::stoi(text.substr(text.find("Number ") + 7));
        if (text.ends_with("Answer:") || text.ends_with("Answer: ")) {  // at the slot
          const std::string reply = text.substr(text.rfind("assistant"));
          const bool left = reply.find("to the left") != reply.npos;
          const bool right = reply.find("to the right") != reply.npos;
          return logits_for({{left ? 'A' : right ? 'B' : 'D', 9}});
        }
        std::vector<int32_t> ids = processor_.tokenizer().encode(
            number % 2 == 0 ? "The square is to the left.\n\nAnswer: A"
                            : "The square is to the right.\n\nAnswer: B");
        ids.push_back(processor_.end_ids()[0]);
        return infer::logits_of(vocab_size(), ids[std::min(steps.size(), ids.size() - 1)]);
      }));
  const record::GroundingResult result = run(engine);
  const auto value = [&](const std::string& name) {
    return *named(result.faithfulness, name).value;
  };
  EXPECT_NEAR(value("letters agree with the reply"), 1, 1e-12);
  EXPECT_NEAR(value("accuracy after the own reasoning"), 1, 1e-12);
  EXPECT_NEAR(value("same answer after no reasoning"), 0, 1e-12);
  // "The square is": the side is cut off.
  EXPECT_NEAR(value("same answer after half the reasoning"), 0, 1e-12);
  EXPECT_NEAR(value("follows another's reasoning"), 1, 1e-12);
  EXPECT_GT(value("shift after no reasoning"), 0.9);

  const std::string path = options_.out + "/faithfulness.jsonl";
  const std::string lines = read_file(path);
  write_file(path, lines.substr(0, lines.size() / 2));
  run(engine);
  EXPECT_EQ(read_file(path), lines);
  options_.reply = prompt::ReplyStyle::kAnswerOnly;
  EXPECT_THAT(error_of(engine), HasSubstr("--faithfulness: there is no reasoning"));
}

TEST_F(GroundTest, UnreadableImagesAreCounted) {
  auto questions = write_questions(5);
  std::filesystem::remove(questions[2].image);
  ScriptedEngine engine = looking_engine();
  const record::GroundingResult result = run(engine);
  EXPECT_EQ(result.questions, 4);
  EXPECT_EQ(row(result, "real").errors, 1);
  EXPECT_EQ(row(result, "grey").errors, 1);
  EXPECT_EQ(row(result, "shuffled").errors, 2);  // its own question, and the one that got its
}

TEST_F(GroundTest, WrongInputIsOneLine) {
  write_questions(3);
  ScriptedEngine engine = looking_engine();
  options_.conditions = {"gray"};
  EXPECT_THAT(error_of(engine), HasSubstr("did you mean grey?"));
  options_.conditions = {"grey"};
  options_.shuffles = 0;
  EXPECT_THAT(error_of(engine), HasSubstr("--shuffles: expected 1 or more, found 0"));
  options_.shuffles = 3;
  options_.split = "none";
  EXPECT_THAT(error_of(engine), HasSubstr("no question"));
  options_.split = "";
  EXPECT_EQ(error_of(engine), "");
  options_.conditions = {"black"};
  EXPECT_THAT(error_of(engine), HasSubstr("conditions was [\"grey\"], is [\"black\"] (hint"));
  options_.conditions = {"grey"};
  options_.name = "another name";
  EXPECT_EQ(error_of(engine), "") << "a name decides nothing";
  EXPECT_THROW(rescore(folder_, ""), InputError);
  write_file(folder_ + "/manifest.json", R"({"command": "evaluate"})");
  EXPECT_THROW(rescore(folder_, ""), InputError);
}

}  // namespace
}  // namespace lmc::grounding
