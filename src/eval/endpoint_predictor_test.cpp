#include "eval/endpoint_predictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/check.h"                // InputError
#include "client/scripted_endpoint.h"  // ScriptedEndpoint, numbered_questions
#include "eval/evaluate.h"             // evaluate
#include "eval/evaluation_prompts.h"   // EvaluationPrompts
#include "record/explanation.h"        // read_ledger

namespace lmc::eval {
namespace {

using client::completion;
using client::error_status;
using client::good_completion;
using client::ScriptedEndpoint;
using testing::HasSubstr;

class EndpointPredictorTest : public testing::Test {
 protected:
  void write_questions(int count) {
    std::string lines;
    for (record::Question question : client::numbered_questions(folder_, count)) {
      question.caption = "SECRET caption";
      lines += to_text(record::to_json(question)) + "\n";
    }
    write_file(folder_.file("q.jsonl"), lines);
  }

  EndpointModel model_at(const ScriptedEndpoint& server) const {
    EndpointModel options;
    options.endpoint = {server.endpoint()};
    options.model = "scripted";
    options.retry_wait = 0.01;
    options.retries = 2;
    return options;
  }

  EvaluateOptions evaluation() const {
    EvaluateOptions options;
    options.questions = folder_.file("q.jsonl");
    options.out = folder_.file("run");
    return options;
  }

  record::Result run(const EndpointModel& model, const EvaluateOptions& options) {
    return evaluate(model, options, progress_);
  }

  static std::string user_text(const Json& request) {
    return request["messages"].back()["content"].back()["text"];
  }
  static bool has_image(const Json& request) {
    return request["messages"].back()["content"][0]["type"] == "image_url";
  }

  client::TestFolder folder_;
  std::ostringstream progress_;
};

// What a teacher's endpoint wants left out or renamed, one that is tested does as well; and the key
// in its address stands in no file.
TEST_F(EndpointPredictorTest, RequestsInTheEndpointsOwnForm) {
  write_questions(2);
  ScriptedEndpoint server([](int number, int, const Json& request) {
    EXPECT_FALSE(request.contains("max_tokens"));
    EXPECT_FALSE(request.contains("temperature"));
    EXPECT_FALSE(request.contains("top_p"));
    EXPECT_EQ(request["max_completion_tokens"], 99);
    return good_completion(number);
  });
  EndpointModel options = model_at(server);
  options.endpoint[0] += "?api-version=7&sig=s3cret-signature";
  options.extra =
      R"({"max_tokens":null,"max_completion_tokens":99,"temperature":null,"top_p":null})";
  EvaluateOptions evaluated = evaluation();
  evaluated.sampling.top_p = 0.9;
  EXPECT_EQ(run(options, evaluated).overall.correct, 2);
  EXPECT_EQ(server.num_requests(), 2);
  EXPECT_THAT(read_file(evaluated.out + "/manifest.json"), HasSubstr("api-version=7&sig=***"));
  for (const auto& file : std::filesystem::recursive_directory_iterator(evaluated.out)) {
    if (!file.is_regular_file()) continue;
    EXPECT_EQ(read_file(file.path().string()).find("s3cret"), std::string::npos) << file.path();
  }
  ScriptedEndpoint busy([](int, int, const Json&) { return error_status(503); });
  options.endpoint = {busy.endpoint() + "?sig=s3cret-signature"};
  evaluated.out = folder_.file("other");
  try {
    run(options, evaluated);
    FAIL() << "no prompt has a reply";
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).find("s3cret"), std::string::npos) << error.what();
  }
  EXPECT_EQ(progress_.str().find("s3cret"), std::string::npos);
}

TEST_F(EndpointPredictorTest, AnswersAreScoredAndAskedForOnce) {
  write_questions(12);
  // Right for the first nine; then a reply without an answer, one that is cut, one that is refused.
  ScriptedEndpoint server([](int number, int, const Json& request) {
    EXPECT_EQ(request["messages"].size(), 1U) << "no system message, as a student is asked";
    EXPECT_TRUE(has_image(request));
    EXPECT_EQ(user_text(request).find("SECRET"), std::string::npos);
    EXPECT_THAT(user_text(request), HasSubstr("Reason step by step"));
    if (number == 9) return completion("It cannot be told from this image.");
    if (number == 10) return completion("The image shows", "length");
    if (number == 11) return error_status(400);
    return good_completion(number);
  });
  const EvaluateOptions options = evaluation();
  const record::Result result = run(model_at(server), options);
  EXPECT_EQ(result.overall.correct, 9);
  EXPECT_EQ(result.overall.total, 12);
  EXPECT_EQ(result.truncated, 1);
  EXPECT_EQ(result.errors, 1);
  const std::vector<record::Answer> answers = record::read_answers(options.out + "/answers.jsonl");
  ASSERT_EQ(answers.size(), 12U);
  EXPECT_EQ(answers[5].letter, "B");
  EXPECT_EQ(answers[5].reply_tokens, 20);
  EXPECT_EQ(answers[5].image_hw_px, (std::array<int64_t, 2>{8, 8}));
  EXPECT_EQ(answers[9].letter, "");
  EXPECT_THAT(answers[11].error, HasSubstr("bad-request: HTTP 400"));

  const int requests = server.num_requests();
  const std::string bytes = read_file(options.out + "/result.json");
  std::filesystem::remove(options.out + "/result.json");
  std::filesystem::remove(options.out + "/answers.jsonl");
  run(model_at(server), options);
  EXPECT_EQ(server.num_requests(), requests) << "the replies are there";
  EXPECT_EQ(read_file(options.out + "/result.json"), bytes);
}

TEST_F(EndpointPredictorTest, WhatFailedIsAskedForAgain) {
  write_questions(5);
  std::atomic<bool> is_well{false};
  ScriptedEndpoint server([&](int number, int, const Json&) {
    return number == 3 && !is_well ? error_status(500) : good_completion(number);
  });
  try {
    run(model_at(server), evaluation());
    FAIL() << "a run with missing replies has no result";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("1 of 5 prompts have no reply"));
  }
  EXPECT_FALSE(std::filesystem::exists(evaluation().out + "/result.json"));
  is_well = true;
  EXPECT_EQ(run(model_at(server), evaluation()).overall.correct, 5);
  EXPECT_EQ(server.times_asked()[0], 1);
}

TEST_F(EndpointPredictorTest, SamplesVote) {
  write_questions(2);
  ScriptedEndpoint server([](int number, int time, const Json& request) {
    EXPECT_EQ(request["temperature"], 0.7);
    EXPECT_EQ(request["top_p"], 0.9);
    return time == 1 ? completion("Answer: C") : good_completion(number);
  });
  EvaluateOptions options = evaluation();
  options.samples = 3;
  options.sampling.temperature = 0.7;
  options.sampling.top_p = 0.9;
  EXPECT_EQ(run(model_at(server), options).overall.correct, 2);
  const auto answers = record::read_answers(options.out + "/answers.jsonl");
  ASSERT_EQ(answers[1].samples.size(), 3U);
  EXPECT_EQ(answers[1].reply_tokens, 60);
}

TEST_F(EndpointPredictorTest, ASampleThatIsRefusedHasNoVote) {
  write_questions(1);
  std::atomic<int> count{0};
  ScriptedEndpoint server([&](int number, int, const Json&) {
    return ++count == 1 ? good_completion(number)
           : count == 2 ? error_status(400)
                        : completion("Answer: C");
  });
  EndpointModel model = model_at(server);
  model.concurrency = 1;
  EvaluateOptions options = evaluation();
  options.samples = 3;
  options.sampling.temperature = 1;
  const record::Result result = run(model, options);
  EXPECT_EQ(result.overall.correct, 1) << "of equally common letters the first";
  EXPECT_EQ(result.errors, 0);
  EXPECT_EQ(record::read_answers(options.out + "/answers.jsonl")[0].samples.size(), 2U);
}

// As a kill leaves it: a reply cut in the middle of its line, and fewer answers than replies.
TEST_F(EndpointPredictorTest, OnlyWhatIsMissingIsAskedForAfterAKill) {
  write_questions(6);
  ScriptedEndpoint server([](int number, int, const Json&) { return good_completion(number); });
  const EvaluateOptions options = evaluation();
  run(model_at(server), options);
  const std::string answers = read_file(options.out + "/answers.jsonl");
  const std::string result = read_file(options.out + "/result.json");
  const std::string replies = read_file(options.out + "/replies.jsonl");
  std::filesystem::remove(options.out + "/result.json");
  write_file(options.out + "/replies.jsonl", replies.substr(0, replies.size() - 20));
  write_file(options.out + "/answers.jsonl", answers.substr(0, answers.find('\n') + 9));
  run(model_at(server), options);
  EXPECT_EQ(server.num_requests(), 7);
  EXPECT_EQ(read_file(options.out + "/answers.jsonl"), answers);
  EXPECT_EQ(read_file(options.out + "/result.json"), result);
}

// The lines are a ledger's, and a folder whose replies came with other prompts is not mixed.
TEST_F(EndpointPredictorTest, RepliesAreThoseOfTheirPrompts) {
  write_questions(2);
  ScriptedEndpoint server([](int number, int, const Json&) { return good_completion(number); });
  EvaluateOptions options = evaluation();
  run(model_at(server), options);
  const std::string path = options.out + "/replies.jsonl";
  const std::vector<record::Explanation> ledger = record::read_ledger(path);
  ASSERT_EQ(ledger.size(), 2U);
  for (const record::Explanation& line : ledger) {
    EXPECT_TRUE(line.accepted);
    EXPECT_EQ(line.reached_gold, 1);
    EXPECT_EQ(line.mode, "reject");
    EXPECT_EQ(line.teacher, "scripted");
    EXPECT_EQ(line.reasoning, "The image shows a finding that decides the question.");
    EXPECT_EQ(line.prompt_tokens, 100);
    EXPECT_EQ(line.prompt_sha256.size(), 64U);
    EXPECT_GT(line.finished_at, 0);
  }
  const std::vector<record::Question> questions = record::read_questions(options.questions);
  const std::vector<uint64_t> indices = {0, 1};
  const std::function<void(record::Answer)> nobody = [](const record::Answer&) {};
  EvaluationPrompts prompts(questions, indices, nobody);
  options.reply = prompt::ReplyStyle::kAnswerOnly;
  EndpointPredictor predictor(model_at(server), options.prediction(), {"evaluate", options.out},
                              progress_);
  EXPECT_THAT([&] { predictor.answer(prompts, 0); },
              testing::ThrowsMessage<InputError>(HasSubstr("was asked with another prompt")));
  EXPECT_EQ(server.num_requests(), 2);
}

// Replies that came before the run failed were paid for: the folder is theirs, though it has no
// answer yet.
TEST_F(EndpointPredictorTest, AFolderWithRepliesAloneTakesNoOtherRun) {
  write_questions(4);
  std::atomic<bool> is_well{false};
  ScriptedEndpoint server([&](int number, int, const Json&) {
    return number == 2 && !is_well ? error_status(502) : good_completion(number);
  });
  EvaluateOptions options = evaluation();
  EXPECT_THROW(run(model_at(server), options), InputError);
  const int requests = server.num_requests();
  is_well = true;
  options.sampling.temperature = 0.4;
  EXPECT_THAT([&] { run(model_at(server), options); },
              testing::ThrowsMessage<InputError>(HasSubstr("temperature")));
  EXPECT_EQ(server.num_requests(), requests);
  options.sampling.temperature = 0;
  EXPECT_EQ(run(model_at(server), options).overall.correct, 4);
  EXPECT_EQ(server.num_requests(), requests + 1);
}

TEST_F(EndpointPredictorTest, AQuestionWhoseImageCannotBeReadIsNotPut) {
  write_questions(3);
  std::string lines = read_file(folder_.file("q.jsonl"));
  const size_t at = lines.find("picture.png");
  lines.replace(at, 11, "another.png");
  write_file(folder_.file("q.jsonl"), lines);
  ScriptedEndpoint server([](int number, int, const Json&) { return good_completion(number); });
  const record::Result result = run(model_at(server), evaluation());
  EXPECT_EQ(result.errors, 1);
  EXPECT_EQ(result.overall.correct, 2);
  EXPECT_EQ(server.num_requests(), 2);
  EXPECT_THAT(record::read_answers(evaluation().out + "/answers.jsonl")[0].error,
              HasSubstr("another.png"));
}

TEST_F(EndpointPredictorTest, LettersAmongTheAlternativesAreAConfidence) {
  record::Question question;
  question.options = {{'A', "one"}, {'B', "two"}};
  record::EndpointReply line;
  line.letter = "B";
  const auto token = [](const std::string& text, std::vector<record::TokenLogProb::Choice> top) {
    return record::TokenLogProb{{text, -0.1}, std::move(top)};
  };
  line.log_probs = {
      token("B", {{"B", -0.1}, {"A", -9}}), token("ut", {}), token("Answer:", {}),
      token(" B", {{" B", std::log(0.6)}, {" A", std::log(0.3)}, {"B", std::log(0.05)}}),
      token("", {})};
  const auto found = letter_log_probability(line, question);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NEAR(found.at('A'), std::log(0.3), 1e-12);
  EXPECT_NEAR(found.at('B'), std::log(0.65), 1e-12);
  question.options['C'] = "three";
  EXPECT_TRUE(letter_log_probability(line, question).empty()) << "C is not among them";
  line.log_probs.clear();
  EXPECT_TRUE(letter_log_probability(line, question).empty());
}

TEST_F(EndpointPredictorTest, WhatAnEndpointCannotTellIsRefused) {
  write_questions(2);
  ScriptedEndpoint server([](int number, int, const Json&) { return good_completion(number); });
  EvaluateOptions options = evaluation();
  options.mode = AnswerMode::kLikelihood;
  EXPECT_THROW(run(model_at(server), options), InputError);
  EndpointModel elsewhere = model_at(server);
  elsewhere.endpoint = {"https://api.example.com/v1"};
  EXPECT_THAT([&] { run(elsewhere, evaluation()); },
              testing::ThrowsMessage<InputError>(HasSubstr("--allow-upload")));
  EXPECT_EQ(server.num_requests(), 0);
}

}  // namespace
}  // namespace lmc::eval
