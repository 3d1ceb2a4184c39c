#include "grounding/ground.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/check.h"  // InputError
#include "base/json.h"   // read_json
#include "grounding/run_log.h"
#include "grounding/test_world.h"
#include "record/probe.h"  // ProbeAnswer

namespace lmc::grounding {
namespace {

using infer::FakeEngine;
using testing::HasSubstr;
using testing::Not;

class GroundTest : public WorldTest {
 protected:
  GroundTest() {
    options_.questions = questions_path();
    options_.out = folder_ + "/run";
    options_.batch = 7;
  }

  record::GroundingResult run(FakeEngine& engine) {
    std::ostringstream progress;
    return ground(engine, processor_, options_, {}, progress);
  }

  std::string error_of(FakeEngine& engine) {
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

TEST_F(GroundTest, AnEngineThatLooksReliesOnThePicture) {
  write_questions(24);
  FakeEngine engine = looking_engine();
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
  FakeEngine engine = blind_engine();
  const record::GroundingResult result = run(engine);
  EXPECT_NEAR(*named(result.metrics, "VRS").value, 0, 1e-12);
  EXPECT_NEAR(*named(result.metrics, "IS").value, 0, 1e-12);
  EXPECT_NEAR(*named(result.metrics, "blank retention").value, 1, 1e-12);
  // It says a letter, wherever the option went.
  EXPECT_NEAR(*named(result.metrics, "rotation consistency").value, 0, 1e-12);
}

TEST_F(GroundTest, PromptsAreWhatTheConditionSays) {
  const auto questions = write_questions(4);
  FakeEngine engine = looking_engine();
  options_.batch = 1;
  run(engine);
  const auto lines = read_run_log(options_.out + "/grounding.jsonl");
  ASSERT_EQ(engine.prompts().size(), lines.size());
  std::map<std::string, size_t> tokens;  // of each question's real picture
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
    EXPECT_EQ(!probe.picture_of.empty(), probe.condition.starts_with("shuffled"));
    EXPECT_NE(probe.picture_of, id);
  }
}

TEST_F(GroundTest, KilledRunEndsWithTheSameBytes) {
  write_questions(3);
  FakeEngine engine = looking_engine();
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
    FakeEngine fresh = looking_engine();
    run(fresh);
    EXPECT_EQ(read_file(path), whole) << at;
    EXPECT_EQ(read_file(result_path), result) << at;
  }
  FakeEngine idle = looking_engine();
  run(idle);
  EXPECT_TRUE(idle.prompts().empty()) << "nothing is left to do";
  std::filesystem::remove(result_path);
  rescore(options_.out, "");
  EXPECT_EQ(read_file(result_path), result);
}

TEST_F(GroundTest, RepliesAreReadForTheirClaims) {
  write_questions(6);
  options_.reply = "reasoning";
  options_.conditions = {"shuffled"};
  // It claims to see and does not look.
  FakeEngine engine(vocab_size(), FakeEngine::Script([&](const prompt::ModelInput&) {
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

TEST_F(GroundTest, UnreadablePicturesAreCounted) {
  auto questions = write_questions(5);
  std::filesystem::remove(questions[2].image);
  FakeEngine engine = looking_engine();
  const record::GroundingResult result = run(engine);
  EXPECT_EQ(result.questions, 4);
  EXPECT_EQ(row(result, "real").errors, 1);
  EXPECT_EQ(row(result, "grey").errors, 1);
  EXPECT_EQ(row(result, "shuffled").errors, 2);  // its own question, and the one that got its
}

TEST_F(GroundTest, WrongInputIsOneLine) {
  write_questions(3);
  FakeEngine engine = looking_engine();
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
  EXPECT_THAT(error_of(engine), HasSubstr("other options or inputs"));
  EXPECT_THROW(rescore(folder_, ""), InputError);
  write_file(folder_ + "/manifest.json", R"({"command": "evaluate"})");
  EXPECT_THROW(rescore(folder_, ""), InputError);
}

}  // namespace
}  // namespace lmc::grounding
