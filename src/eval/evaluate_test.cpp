#include "eval/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "base/check.h"       // InputError
#include "base/files.h"       // write_file
#include "base/json.h"        // read_json
#include "base/sha256.h"      // sha256_hex
#include "data/read_image.h"  // image::encode_png
#include "eval/merge_runs.h"
#include "eval/score.h"
#include "eval/scripted_predictor.h"
#include "support/scripted_engine.h"

namespace lmc::eval {
namespace {

using infer::ScriptedEngine;
using testing::HasSubstr;
using testing::Not;

class EvaluateTest : public testing::Test {
 protected:
  EvaluateTest() {
    make_folder(folder_);
    const image::Image gray{64, 64, std::vector<uint8_t>(size_t{64} * 64 * 3, 128)};
    write_file(folder_ + "/p.png", image::encode_png(gray));
    options_.questions = folder_ + "/q.jsonl";
    options_.out = folder_ + "/run";
    options_.batch = 3;
  }
  ~EvaluateTest() override { std::filesystem::remove_all(folder_); }

  // `count` questions whose gold letters go A, B, D, A, ...; every second is of "validation".
  std::vector<record::Question> write_questions(int count) {
    std::vector<record::Question> questions;
    std::string text;
    for (int i = 0; i < count; ++i) {
      record::Question question;
      question.id = cat("q", i);
      question.image = "p.png";
      question.image_sha256 = sha256_hex(read_file(folder_ + "/p.png"));
      question.question = cat("Number ", i, "?");
      question.options = {{'A', "one"}, {'B', "two"}, {'D', "three"}};
      question.answer = "ABD"[i % 3];
      question.caption = "SECRET caption";
      question.split = i % 2 == 0 ? "test" : "validation";
      question.source = "set";
      text += to_text(record::to_json(question)) + "\n";
      questions.push_back(question);
    }
    write_file(options_.questions, text);
    return questions;
  }

  std::vector<int32_t> reply_ids(const std::string& text) const {
    std::vector<int32_t> ids = processor_.tokenizer().encode(text);
    ids.push_back(processor_.end_ids()[0]);
    return ids;
  }

  // Answers each question by its number, read from the prompt.
  ScriptedEngine engine_with(const std::function<std::string(int)>& reply) const {
    return ScriptedEngine(vocab_size(),
                          ScriptedEngine::Script([=, this](const prompt::ModelInput& input) {
                            return reply_ids(reply(number_in(input)));
                          }));
  }

  int number_in(const prompt::ModelInput& input) const {
    const std::string text = processor_.tokenizer().decode(input.ids);
    return std::stoi(text.substr(text.find("Number ") + 7));
  }

  // Every token equally likely: the replies are all chance.
  ScriptedEngine random_engine() const {
    const auto size = static_cast<size_t>(vocab_size());
    return ScriptedEngine(
        vocab_size(),
        ScriptedEngine::NextLogits([size](const prompt::ModelInput&, std::span<const int32_t>) {
          return std::vector<float>(size, 0.0F);
        }));
  }

  record::Result run(ScriptedEngine& engine) {
    std::ostringstream progress;
    return evaluate(engine, processor_, options_, {}, progress);
  }

  int64_t vocab_size() const { return processor_.tokenizer().size(); }
  std::string answers() const { return read_file(options_.out + "/answers.jsonl"); }

  const std::string folder_ = testing::TempDir() + "evaluate_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
  prompt::Processor processor_{std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt/model"};
  EvaluateOptions options_;
};

TEST_F(EvaluateTest, NoCaptionReachesThePrompt) {
  write_questions(4);
  for (const AnswerMode mode : {AnswerMode::kGenerate, AnswerMode::kLikelihood}) {
    for (const auto reply :
         {prompt::ReplyStyle::kReasoningThenAnswer, prompt::ReplyStyle::kAnswerOnly}) {
      options_.mode = mode;
      options_.reply = reply;
      options_.out = cat(folder_, "/", name_of(mode), name_of(reply));
      ScriptedEngine engine = engine_with([](int) { return "Answer: A"; });
      run(engine);
      ASSERT_EQ(engine.prompts().size(), 4U);
      for (const prompt::ModelInput& prompt : engine.prompts()) {
        const std::string text = processor_.tokenizer().decode(prompt.ids);
        EXPECT_THAT(text, AllOf(HasSubstr("Number"), HasSubstr("B. two")));
        EXPECT_THAT(text, AllOf(Not(HasSubstr("SECRET")), Not(HasSubstr("aption"))));
        EXPECT_EQ(prompt.images.size(), 1U);
      }
    }
  }
}

// A run that broke off goes on behind its last answer, whoever answers.
TEST_F(EvaluateTest, AnyPredictorContinuesWhereItWas) {
  const std::vector<record::Question> questions = write_questions(5);
  const auto right = [](const record::Question& shown) {
    EXPECT_EQ(shown.caption, "");
    record::Answer answer;
    answer.letter = shown.answer;
    return answer;
  };
  std::ostringstream progress;
  ScriptedPredictor breaks([&](const record::Question& shown) {
    if (shown.id == "q2") throw InputError("model", "it is gone");
    return right(shown);
  });
  EXPECT_THROW(evaluate(breaks, options_, {}, progress), InputError);
  ScriptedPredictor whole(right);
  EXPECT_EQ(evaluate(whole, options_, {}, progress).overall.correct, 5);
  ASSERT_EQ(whole.asked().size(), 3U);
  EXPECT_EQ(whole.asked()[0].id, "q2");
  const std::vector<record::Answer> lines = record::read_answers(options_.out + "/answers.jsonl");
  ASSERT_EQ(lines.size(), 5U);
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].question_id, questions[i].id);
    EXPECT_EQ(lines[i].gold, std::string(1, questions[i].answer));
    EXPECT_EQ(lines[i].image_hw_px, (std::array<int64_t, 2>{64, 64}));
  }
}

TEST_F(EvaluateTest, TheWindowOfADicomImageStandsWithItsAnswer) {
  write_questions(2);
  std::string lines = read_file(options_.questions);
  const std::string dicom = LMC_SOURCE_DIR "/tests/golden/dicom/four_frames.dcm";
  const size_t at = lines.find("\"image\":\"") + 9;
  lines.replace(at, lines.find('"', at) - at, dicom);
  const std::string hash = sha256_hex(read_file(folder_ + "/p.png"));
  lines.replace(lines.find(hash), hash.size(), sha256_hex(read_file(dicom)));
  write_file(options_.questions, lines);
  ScriptedEngine engine = engine_with([](int) { return "Answer: A"; });
  run(engine);
  const std::vector<record::Answer> answers = record::read_answers(options_.out + "/answers.jsonl");
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].error, "");
  EXPECT_EQ(answers[0].image_window, "2000,2500");
  EXPECT_EQ(answers[0].image_frame, 3);
  EXPECT_EQ(answers[1].image_window, "");
  EXPECT_EQ(answers[1].image_frame, 0);
}

TEST_F(EvaluateTest, RepliesBecomeMetrics) {
  write_questions(7);
  // Gold: A B D A B D A. Right: 0, 1, 6. No answer: 2. Truncated, without an answer: 3.
  const std::vector<std::string> replies = {
      "A one. Answer: A", "Answer: B", "I cannot say.", std::string(200, 's'),
      "Answer: D",        "Answer: A", "Answer: A"};
  ScriptedEngine engine = engine_with([&](int i) { return replies[static_cast<size_t>(i)]; });
  options_.sampling.max_new_tokens = 50;
  const record::Result result = run(engine);
  EXPECT_EQ(result.name, "run");
  EXPECT_EQ(result.overall.correct, 3);
  EXPECT_EQ(result.overall.total, 7);
  EXPECT_EQ(result.no_answer, 2);
  EXPECT_EQ(result.truncated, 1);
  EXPECT_EQ(result.errors, 0);
  EXPECT_EQ(result.gold_letters.at('A'), 3);
  EXPECT_EQ(result.predicted_letters.at('A'), 3);
  EXPECT_EQ(result.predicted_letters.at('D'), 1);
  EXPECT_EQ(result.by_split.at("test").total, 4);
  EXPECT_EQ(result.by_split.at("test").correct, 2);
  EXPECT_EQ(result.by_source.at("set").total, 7);
  // Recall of A 2/3, of B 1/2, of D 0.
  EXPECT_NEAR(result.letter_balanced_accuracy, (2.0 / 3 + 0.5) / 3, 1e-12);
  EXPECT_NEAR(result.best_letter_accuracy, 3.0 / 7, 1e-12);
  const Json json = read_json(options_.out + "/result.json");
  EXPECT_TRUE(json["accuracy"].is_number());
  EXPECT_EQ(record::to_json(record::result_from_json(json, "result")), json);
  EXPECT_THAT(engine.rows_per_prefill(), testing::ElementsAre(3, 3, 1));
}

TEST_F(EvaluateTest, KilledRunEndsWithTheSameBytes) {
  write_questions(8);
  options_.sampling.temperature = 1;
  options_.sampling.max_new_tokens = 6;
  ScriptedEngine engine = random_engine();
  run(engine);
  const std::string whole = answers();
  const std::string path = options_.out + "/answers.jsonl";
  // Cut after every line, and in the middle of the line that follows.
  for (size_t at = whole.find('\n'); at + 1 < whole.size(); at = whole.find('\n', at + 1)) {
    for (const size_t rest : {size_t{0}, size_t{25}}) {
      write_file(path, whole.substr(0, at + 1 + rest));
      std::filesystem::remove(options_.out + "/result.json");
      ScriptedEngine fresh = random_engine();
      run(fresh);
      EXPECT_EQ(answers(), whole) << at;
      EXPECT_TRUE(file_exists(options_.out + "/result.json"));
    }
  }
  ScriptedEngine idle = random_engine();
  run(idle);
  EXPECT_TRUE(idle.prompts().empty()) << "nothing is left to do";
}

TEST_F(EvaluateTest, AFolderOfOtherOptionsIsRefused) {
  write_questions(2);
  ScriptedEngine engine = engine_with([](int) { return "Answer: A"; });
  run(engine);
  const std::string manifest = read_file(options_.out + "/manifest.json");
  options_.reply = prompt::ReplyStyle::kAnswerOnly;
  EXPECT_THROW(run(engine), InputError);
  EXPECT_EQ(read_file(options_.out + "/manifest.json"), manifest);
  options_.reply = prompt::ReplyStyle::kReasoningThenAnswer;
  write_questions(3);
  EXPECT_THROW(run(engine), InputError);
}

TEST_F(EvaluateTest, LikelihoodComparesTheLettersTokens) {
  write_questions(3);
  options_.mode = AnswerMode::kLikelihood;
  const auto size = static_cast<size_t>(vocab_size());
  // The tokens that follow "Answer:" in the reply a student learns.
  std::map<char, int32_t> ids;
  for (const char letter : {'A', 'B', 'D'}) {
    ids[letter] = processor_.tokenizer().encode(cat("Answer: ", letter)).back();
  }
  ScriptedEngine engine(
      vocab_size(),
      ScriptedEngine::NextLogits([&](const prompt::ModelInput& input, std::span<const int32_t>) {
        const std::string text = processor_.tokenizer().decode(input.ids);
        EXPECT_TRUE(text.ends_with("Answer:") || text.ends_with("Answer: ")) << text;
        EXPECT_EQ(input.next_position, input.positions[0].back() + 1);
        std::vector<float> logits(size, 0.0F);
        logits[static_cast<size_t>(ids['A'])] = 1;
        logits[static_cast<size_t>(ids['B'])] = 3;
        return logits;
      }));
  const record::Result result = run(engine);
  EXPECT_EQ(result.overall.correct, 1);
  EXPECT_EQ(result.predicted_letters.at('B'), 3);
  const auto read = record::read_answers(options_.out + "/answers.jsonl");
  // log softmax by hand: V - 2 zeros, a one and a three. Logits are f32, the sum is f64.
  const double total = static_cast<double>(size - 2) + std::exp(1.0) + std::exp(3.0);
  EXPECT_NEAR(read[0].letter_log_probability.at('B'), 3 - std::log(total), 1e-12);
  EXPECT_NEAR(read[0].letter_log_probability.at('D'), -std::log(total), 1e-12);
}

TEST_F(EvaluateTest, LettersAreWeighedAfterTheReasoning) {
  write_questions(3);
  options_.mode = AnswerMode::kReasonedLikelihood;
  options_.sampling.max_new_tokens = 40;
  // Replies with the letter A after a reason; question 1 reasons on and on. After its reasoning the
  // model finds D likeliest.
  const int32_t d = processor_.tokenizer().encode("Answer: D").back();
  std::vector<std::string> weighed;
  ScriptedEngine engine(
      vocab_size(), ScriptedEngine::NextLogits([&](const prompt::ModelInput& input,
                                                   std::span<const int32_t> stepped) {
        std::vector<float> logits(static_cast<size_t>(vocab_size()), 0.0F);
        const std::string text = processor_.tokenizer().decode(input.ids);
        if (text.ends_with("Answer:") || text.ends_with("Answer: ")) {
          weighed.push_back(text);
          logits[static_cast<size_t>(d)] = 2;
          return logits;
        }
        const auto ids =
            reply_ids(number_in(input) == 1 ? std::string(200, 's') : "It is dark.\n\nAnswer: A");
        logits[static_cast<size_t>(ids[std::min(stepped.size(), ids.size() - 1)])] = 9;
        return logits;
      }));
  const record::Result result = run(engine);
  ASSERT_EQ(weighed.size(), 3U);
  EXPECT_THAT(weighed[0], HasSubstr("It is dark.\n\nAnswer:"));
  EXPECT_THAT(weighed[2], HasSubstr("ssss"));  // the longest reply ends last
  EXPECT_EQ(result.predicted_letters.at('D'), 3);
  EXPECT_EQ(result.overall.correct, 1);
  ASSERT_TRUE(result.confidence.has_value());
  EXPECT_EQ(result.confidence->answers, 3);
  const auto read = record::read_answers(options_.out + "/answers.jsonl");
  EXPECT_THAT(read[0].reply, HasSubstr("Answer: A"));
  EXPECT_EQ(read[1].finish, "length");
}

// The tokenizer of this test has a token for " C", but spells " A" and " B" in two.
TEST_F(EvaluateTest, LettersOfSeveralTokensAreAnError) {
  std::vector<record::Question> questions = write_questions(1);
  questions[0].options['C'] = "four";
  write_file(options_.questions, to_text(record::to_json(questions[0])) + "\n");
  options_.mode = AnswerMode::kLikelihood;
  ScriptedEngine engine = random_engine();
  EXPECT_THROW(run(engine), InputError);
}

TEST_F(EvaluateTest, WhatCannotBePutIsCounted) {
  std::vector<record::Question> questions = write_questions(4);
  questions[1].image = "none.png";
  questions[2].image_sha256 = std::string(64, '0');
  std::string text;
  for (const auto& question : questions) text += to_text(record::to_json(question)) + "\n";
  write_file(options_.questions, text);
  ScriptedEngine engine = engine_with([](int) { return "Answer: A"; });
  const record::Result result = run(engine);
  EXPECT_EQ(result.errors, 2);
  EXPECT_EQ(result.overall.total, 4);
  EXPECT_EQ(result.overall.correct, 2);
  EXPECT_EQ(result.no_answer, 0);
  const auto read = record::read_answers(options_.out + "/answers.jsonl");
  EXPECT_THAT(read[1].error, HasSubstr("none.png"));
  EXPECT_THAT(read[2].error, HasSubstr("SHA-256"));

  options_.out = folder_ + "/short";
  engine.set_max_positions(5);
  EXPECT_EQ(run(engine).errors, 4);
}

TEST_F(EvaluateTest, SplitAndLimitChooseQuestions) {
  write_questions(6);
  ScriptedEngine engine = engine_with([](int) { return "Answer: B"; });
  options_.split = "validation";
  options_.limit = 2;
  const record::Result result = run(engine);
  EXPECT_EQ(result.overall.total, 2);
  EXPECT_EQ(result.by_split.count("test"), 0U);
  options_.split = "none";
  options_.out = folder_ + "/none";
  EXPECT_THROW(run(engine), InputError);
}

TEST_F(EvaluateTest, ShardsMakeTheWholeRun) {
  write_questions(14);  // blocks of 3: 0 to 4, the last of 2
  options_.sampling.temperature = 1;
  options_.sampling.max_new_tokens = 4;
  ScriptedEngine engine = random_engine();
  run(engine);
  const std::string whole = answers();
  std::vector<std::string> folders;
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    options_.shard = shard;
    options_.out = cat(folder_, "/shard", shard[0]);
    folders.push_back(options_.out);
    ScriptedEngine fresh = random_engine();
    run(fresh);
  }
  std::ostringstream notes;
  const std::string merged = folder_ + "/merged";
  EXPECT_THROW(merge_runs({folders[0], folders[2]}, "", merged, notes), InputError);
  EXPECT_FALSE(file_exists(merged));
  const record::Result result =
      merge_runs({folders[2], folders[0], folders[1], folders[0]}, "", merged, notes);
  EXPECT_EQ(read_file(merged + "/answers.jsonl"), whole);
  EXPECT_EQ(result.overall.total, 14);
  EXPECT_THAT(notes.str(), HasSubstr("6 answers stood in several"));
  // Another answer to the same question, and other options.
  std::string other = read_file(folders[0] + "/answers.jsonl");
  other.replace(other.find("\"finish\":\""), 10, "\"finish\":\"x");
  make_folder(folder_ + "/other");
  write_file(folder_ + "/other/answers.jsonl", other);
  Json manifest = read_json(folders[0] + "/manifest.json");
  write_file(folder_ + "/other/manifest.json", to_text(manifest));
  EXPECT_THROW(merge_runs({folders[0], folder_ + "/other"}, "", folder_ + "/m2", notes),
               InputError);
  manifest["options"]["batch"] = 4;
  write_file(folder_ + "/other/manifest.json", to_text(manifest));
  EXPECT_THROW(merge_runs({folders[0], folder_ + "/other"}, "", folder_ + "/m2", notes),
               InputError);
}

TEST_F(EvaluateTest, SeveralRepliesVote) {
  write_questions(2);
  options_.samples = 5;
  options_.sampling.temperature = 1;
  options_.sampling.max_new_tokens = 3;
  // The first token decides: "A" or "B", drawn with probabilities 1 to 3.
  const int32_t a = processor_.tokenizer().encode("A").back();
  const int32_t b = processor_.tokenizer().encode("B").back();
  ScriptedEngine engine(
      vocab_size(),
      ScriptedEngine::NextLogits([&](const prompt::ModelInput&, std::span<const int32_t> stepped) {
        std::vector<float> logits(static_cast<size_t>(vocab_size()), -100.0F);
        if (stepped.empty()) {
          logits[static_cast<size_t>(a)] = 0;
          logits[static_cast<size_t>(b)] = 1.0986F;
        } else {
          logits[static_cast<size_t>(processor_.end_ids()[0])] = 0;
        }
        return logits;
      }));
  run(engine);
  EXPECT_THAT(engine.rows_per_prefill(), testing::ElementsAre(2));
  const auto read = record::read_answers(options_.out + "/answers.jsonl");
  for (const record::Answer& answer : read) {
    ASSERT_EQ(answer.samples.size(), 5U);
    std::map<std::string, int> votes;
    for (const record::AnswerSample& sample : answer.samples) ++votes[sample.letter];
    for (const auto& [letter, count] : votes) EXPECT_LE(count, votes[answer.letter]);
    EXPECT_EQ(answer.reply, answer.letter);
    EXPECT_EQ(answer.reply_tokens, 5);
  }
  options_.sampling.temperature = 0;
  EXPECT_THROW(run(engine), InputError);
}

TEST_F(EvaluateTest, RunsAreComparedPairwise) {
  write_questions(9);
  ScriptedEngine all_a = engine_with([](int) { return "Answer: A"; });
  ScriptedEngine gold = engine_with([](int i) { return cat("Answer: ", "ABD"[i % 3]); });
  run(all_a);
  const std::string first = options_.out;
  options_.out = folder_ + "/gold";
  options_.name = "all right";
  run(gold);
  const record::Comparison comparison = compare_runs({first, options_.out});
  ASSERT_EQ(comparison.pairs.size(), 1U);
  const record::PairComparison& pair = comparison.pairs[0];
  EXPECT_EQ(pair.second, "all right");
  EXPECT_EQ(pair.both_right, 3);
  EXPECT_EQ(pair.only_first_right, 0);
  EXPECT_EQ(pair.only_second_right, 6);
  EXPECT_NEAR(pair.p_value, 2.0 / 64, 1e-12);  // 2 * (1/2)^6
  const Json json = record::to_json(comparison);
  EXPECT_EQ(json["arms"][1]["correct"], 9);
  EXPECT_TRUE(json["pairs"][0]["mcnemar_p"].is_number_float());
}

TEST_F(EvaluateTest, PairsOfDifferentGoldAreAnError) {
  const std::vector<record::Answer> first = {{"q", "A", "A", "", "end", 1, {}, ""}};
  const std::vector<record::Answer> second = {{"q", "B", "A", "", "end", 1, {}, ""}};
  const std::vector<record::Answer> other = {{"r", "B", "A", "", "end", 1, {}, ""}};
  EXPECT_THROW(compare(first, second), InputError);
  EXPECT_EQ(compare(first, other).total(), 0);
}

}  // namespace
}  // namespace lmc::eval
