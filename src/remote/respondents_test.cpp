#include "remote/respondents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <mutex>

#include "base/check.h"                // InputError
#include "net/data_url.h"              // parse_data_url
#include "record/probe.h"              // probe_answer_from_json
#include "teacher/scripted_teacher.h"  // ScriptedTeacher, numbered_questions

namespace lmc::remote {
namespace {

using teacher::completion;
using teacher::error_status;
using teacher::good_completion;
using teacher::ScriptedTeacher;
using testing::HasSubstr;

class RemoteTest : public testing::Test {
 protected:
  void write_questions(int count) {
    std::string lines;
    for (record::Question question : teacher::numbered_questions(folder_, count)) {
      question.caption = "SECRET caption";
      lines += to_text(record::to_json(question)) + "\n";
    }
    write_file(folder_.file("q.jsonl"), lines);
  }

  RemoteOptions remote(const ScriptedTeacher& server) const {
    RemoteOptions options;
    options.endpoint = {server.endpoint()};
    options.model = "scripted";
    options.retry_wait = 0.01;
    options.retries = 2;
    return options;
  }

  eval::EvaluateOptions evaluation() const {
    eval::EvaluateOptions options;
    options.questions = folder_.file("q.jsonl");
    options.out = folder_.file("run");
    return options;
  }

  record::Result evaluate(const RemoteOptions& remote, const eval::EvaluateOptions& options) {
    return eval::evaluate(respondent(remote, options, progress_), options, manifest(remote),
                          progress_);
  }

  grounding::GroundOptions grounding_options() const {
    grounding::GroundOptions options;
    options.questions = folder_.file("q.jsonl");
    options.out = folder_.file("grounding");
    return options;
  }

  record::GroundingResult ground(const RemoteOptions& remote,
                                 const grounding::GroundOptions& options) {
    return grounding::ground(respondent(remote, options, progress_), options, manifest(remote),
                             progress_);
  }

  static std::string user_text(const Json& request) {
    return request["messages"].back()["content"].back()["text"];
  }
  static bool has_picture(const Json& request) {
    return request["messages"].back()["content"][0]["type"] == "image_url";
  }

  teacher::TestFolder folder_;
  std::ostringstream progress_;
};

// What a teacher's endpoint wants left out or renamed, one that is tested does as well; and the key
// in its address stands in no file.
TEST_F(RemoteTest, RequestsInTheEndpointsOwnForm) {
  write_questions(2);
  ScriptedTeacher server([](int number, int, const Json& request) {
    EXPECT_FALSE(request.contains("max_tokens"));
    EXPECT_FALSE(request.contains("temperature"));
    EXPECT_FALSE(request.contains("top_p"));
    EXPECT_EQ(request["max_completion_tokens"], 99);
    return good_completion(number);
  });
  RemoteOptions options = remote(server);
  options.endpoint[0] += "?api-version=7&sig=s3cret-signature";
  options.extra =
      R"({"max_tokens":null,"max_completion_tokens":99,"temperature":null,"top_p":null})";
  eval::EvaluateOptions evaluated = evaluation();
  evaluated.sampling.top_p = 0.9;
  EXPECT_EQ(evaluate(options, evaluated).overall.correct, 2);
  grounding::GroundOptions grounded = grounding_options();
  grounded.reply = prompt::ReplyStyle::kReasoningThenAnswer;
  grounded.conditions = {"grey"};
  grounded.sampling.top_p = 0.9;
  ground(options, grounded);
  EXPECT_GE(server.num_requests(), 4);
  for (const std::string& folder : {evaluated.out, grounded.out}) {
    EXPECT_THAT(read_file(folder + "/manifest.json"), HasSubstr("api-version=7&sig=***"));
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
      if (!file.is_regular_file()) continue;
      EXPECT_EQ(read_file(file.path().string()).find("s3cret"), std::string::npos) << file.path();
    }
  }
  ScriptedTeacher busy([](int, int, const Json&) { return error_status(503); });
  options.endpoint = {busy.endpoint() + "?sig=s3cret-signature"};
  evaluated.out = folder_.file("other");
  try {
    evaluate(options, evaluated);
    FAIL() << "no prompt has a reply";
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).find("s3cret"), std::string::npos) << error.what();
  }
  EXPECT_EQ(progress_.str().find("s3cret"), std::string::npos);
}

TEST_F(RemoteTest, AnswersAreScoredAndAskedForOnce) {
  write_questions(12);
  // Right for the first nine; then a reply without an answer, one that is cut, one that is refused.
  ScriptedTeacher server([](int number, int, const Json& request) {
    EXPECT_EQ(request["messages"].size(), 1U) << "no system message, as a student is asked";
    EXPECT_TRUE(has_picture(request));
    EXPECT_EQ(user_text(request).find("SECRET"), std::string::npos);
    EXPECT_THAT(user_text(request), HasSubstr("Reason step by step"));
    if (number == 9) return completion("It cannot be told from this picture.");
    if (number == 10) return completion("The picture shows", "length");
    if (number == 11) return error_status(400);
    return good_completion(number);
  });
  const eval::EvaluateOptions options = evaluation();
  const record::Result result = evaluate(remote(server), options);
  EXPECT_EQ(result.overall.correct, 9);
  EXPECT_EQ(result.overall.total, 12);
  EXPECT_EQ(result.truncated, 1);
  EXPECT_EQ(result.errors, 1);
  const std::vector<record::Answer> answers = record::read_answers(options.out + "/answers.jsonl");
  ASSERT_EQ(answers.size(), 12U);
  EXPECT_EQ(answers[5].letter, "B");
  EXPECT_EQ(answers[5].reply_tokens, 20);
  EXPECT_EQ(answers[5].picture_hw_px, (std::array<int64_t, 2>{8, 8}));
  EXPECT_EQ(answers[9].letter, "");
  EXPECT_THAT(answers[11].error, HasSubstr("bad-request: HTTP 400"));

  const int requests = server.num_requests();
  const std::string bytes = read_file(options.out + "/result.json");
  std::filesystem::remove(options.out + "/result.json");
  std::filesystem::remove(options.out + "/answers.jsonl");
  evaluate(remote(server), options);
  EXPECT_EQ(server.num_requests(), requests) << "the replies are there";
  EXPECT_EQ(read_file(options.out + "/result.json"), bytes);
}

TEST_F(RemoteTest, WhatFailedIsAskedForAgain) {
  write_questions(5);
  std::atomic<bool> is_well{false};
  ScriptedTeacher server([&](int number, int, const Json&) {
    return number == 3 && !is_well ? error_status(500) : good_completion(number);
  });
  try {
    evaluate(remote(server), evaluation());
    FAIL() << "a run with missing replies has no result";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("1 of 5 prompts have no reply"));
  }
  EXPECT_FALSE(std::filesystem::exists(evaluation().out + "/result.json"));
  is_well = true;
  EXPECT_EQ(evaluate(remote(server), evaluation()).overall.correct, 5);
  EXPECT_EQ(server.times_asked()[0], 1);
}

TEST_F(RemoteTest, SamplesVote) {
  write_questions(2);
  ScriptedTeacher server([](int number, int time, const Json& request) {
    EXPECT_EQ(request["temperature"], 0.7);
    EXPECT_EQ(request["top_p"], 0.9);
    return time == 1 ? completion("Answer: C") : good_completion(number);
  });
  eval::EvaluateOptions options = evaluation();
  options.samples = 3;
  options.sampling.temperature = 0.7;
  options.sampling.top_p = 0.9;
  EXPECT_EQ(evaluate(remote(server), options).overall.correct, 2);
  const auto answers = record::read_answers(options.out + "/answers.jsonl");
  ASSERT_EQ(answers[1].samples.size(), 3U);
  EXPECT_EQ(answers[1].reply_tokens, 60);
}

TEST_F(RemoteTest, LettersAmongTheAlternativesAreAConfidence) {
  record::Question question;
  question.options = {{'A', "one"}, {'B', "two"}};
  record::Explanation line;
  line.answer = "B";
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

// Without a picture it says the first option; with one the option that is named Heart.
TEST_F(RemoteTest, GroundingAsksUnderEveryCondition) {
  std::string lines;
  std::vector<record::Question> questions = teacher::numbered_questions(folder_, 8);
  for (size_t k = 0; k < questions.size(); ++k) {
    const std::string png = image::encode_png(
        {64, 32, std::vector<uint8_t>(size_t{64} * 32 * 3, static_cast<uint8_t>(20 * k))});
    questions[k].image = folder_.file(cat(k, ".png"));
    questions[k].image_sha256 = sha256_hex(png);
    questions[k].caption = "SECRET caption";
    write_file(questions[k].image, png);
    lines += to_text(record::to_json(questions[k])) + "\n";
  }
  write_file(folder_.file("q.jsonl"), lines);
  std::mutex mutex;
  std::map<int, std::map<std::string, int>> times_shown;  // by question and picture
  ScriptedTeacher server([&](int number, int, const Json& request) {
    const std::string text = user_text(request);
    const size_t heart = text.find(". Heart");
    const bool looks = has_picture(request) && heart != text.npos;
    if (has_picture(request)) {
      const std::string url = request["messages"].back()["content"][0]["image_url"]["url"];
      const image::Image shown = image::decode(net::parse_data_url(url, url.size(), "").bytes, "");
      EXPECT_EQ(shown.height_px, 64);
      EXPECT_EQ(shown.width_px, 32);
    }
    const std::lock_guard lock(mutex);
    ++times_shown[number][has_picture(request)
                              ? request["messages"].back()["content"][0]["image_url"]["url"]
                              : ""];
    return completion(cat("Answer: ", looks ? text[heart - 1] : 'A'));
  });
  grounding::GroundOptions options = grounding_options();
  options.conditions = {"grey", "absent", "shuffled", "rotation", "caption"};
  options.shuffles = 1;
  const record::GroundingResult result = ground(remote(server), options);
  EXPECT_EQ(result.questions, 8);
  for (const record::ConditionRow& row : result.conditions) {
    // Heart is B, the gold letter of two in eight; so is A. Under a rotation it is found again.
    EXPECT_EQ(row.accuracy.correct, 2) << row.condition;
    if (row.condition == "real") continue;
    EXPECT_EQ(row.flipped.correct, row.condition == "absent" ? 8 : 0) << row.condition;
  }
  ASSERT_EQ(times_shown.size(), 8U);
  for (const auto& [number, pictures] : times_shown) {
    std::vector<int> times;
    for (const auto& [url, count] : pictures) times.push_back(count);
    // The own for real, three rotations and the caption; grey, another's and none once each.
    EXPECT_THAT(times, testing::UnorderedElementsAre(5, 1, 1, 1)) << number;
  }
  size_t captions = 0;
  for_each_line(options.out + "/asks.jsonl", [&](size_t, std::string_view line) {
    const Json ask = parse_json(line, "ask");
    captions += ask.contains("caption") ? 1 : 0;
    EXPECT_EQ(ask.contains("caption"), ask["id"].get<std::string>().ends_with(" caption 0"));
  });
  EXPECT_EQ(captions, 8U);
}

TEST_F(RemoteTest, WhatAnEndpointCannotTellIsRefused) {
  write_questions(2);
  ScriptedTeacher server([](int number, int, const Json&) { return good_completion(number); });
  eval::EvaluateOptions options = evaluation();
  options.mode = eval::AnswerMode::kLikelihood;
  EXPECT_THROW(evaluate(remote(server), options), InputError);
  grounding::GroundOptions grounding = grounding_options();
  grounding.maps = 1;
  EXPECT_THROW(ground(remote(server), grounding), InputError);
  RemoteOptions elsewhere = remote(server);
  elsewhere.endpoint = {"https://api.example.com/v1"};
  EXPECT_THAT([&] { evaluate(elsewhere, evaluation()); },
              testing::ThrowsMessage<InputError>(HasSubstr("--allow-upload")));
  EXPECT_EQ(server.num_requests(), 0);
}

}  // namespace
}  // namespace lmc::remote
