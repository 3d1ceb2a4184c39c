#include "eval/rescore.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/check.h"
#include "base/files.h"
#include "base/json.h"
#include "eval/graders/extractor.h"

namespace lmc::eval {
namespace {

class Rescore : public testing::Test {
 protected:
  Rescore() {
    std::filesystem::remove_all(folder_);
    make_folder(folder_ + "/run");
    Json manifest = {{"command", "evaluate"},
                     {"options", {{"questions", folder_ + "/q.jsonl"}, {"mode", "generate"}}}};
    write_file(folder_ + "/run/manifest.json", to_text(manifest));
  }
  ~Rescore() override { std::filesystem::remove_all(folder_); }

  void add(const std::string& reply, char gold, std::map<char, double> log_probability = {}) {
    record::Question question;
    question.id = cat("q", questions_.size());
    question.image = "p.png";
    question.question = "What is seen?";
    question.options = {{'A', "a mass"}, {'B', "free air"}, {'C', "a fracture"}};
    question.answer = gold;
    questions_.push_back(question);
    record::Answer answer;
    answer.question_id = question.id;
    answer.gold = std::string(1, gold);
    answer.reply = reply;
    answer.finish = reply.empty() ? "" : "end";
    answer.letter_log_probability = std::move(log_probability);
    answers_.push_back(answer);
  }

  void write() {
    std::string questions, answers;
    for (const auto& one : questions_) questions += to_text(record::to_json(one)) + "\n";
    for (const auto& one : answers_) answers += to_text(record::to_json(one)) + "\n";
    write_file(folder_ + "/q.jsonl", questions);
    write_file(folder_ + "/run/answers.jsonl", answers);
  }

  RescoreOptions options(const std::string& extractor = "") {
    RescoreOptions made;
    made.run = folder_ + "/run";
    made.extractor = extractor;
    return made;
  }

  std::string folder_ = testing::TempDir() + "rescore_" +
                        testing::UnitTest::GetInstance()->current_test_info()->name();
  std::vector<record::Question> questions_;
  std::vector<record::Answer> answers_;
};

TEST_F(Rescore, EachExtractorHasItsOwnShare) {
  add("It shows air. Answer: B", 'B');
  add("zzzz", 'A');  // MedEvalKit falls back to the first option
  write();
  const record::Result ours = rescore(options());
  EXPECT_EQ(ours.extractor, "ours");
  EXPECT_EQ(ours.overall.correct, 1);
  EXPECT_EQ(ours.no_answer, 1);
  const record::Result theirs = rescore(options("medevalkit"));
  EXPECT_EQ(theirs.overall.correct, 2);
  // All but the one that needs log-probabilities.
  ASSERT_EQ(ours.extractors.size(), extractors().size() - 1);
  for (const record::ExtractorRow& row : ours.extractors) {
    EXPECT_EQ(rescore(options(row.name)).overall.correct, row.graded_right.correct) << row.name;
  }
  EXPECT_FALSE(file_exists(folder_ + "/run/result.json"));
}

TEST_F(Rescore, WritesANewRunAndLeavesTheOldOne) {
  add("zzzz", 'A');
  write();
  const std::string before = read_file(folder_ + "/run/answers.jsonl");
  RescoreOptions to = options("medevalkit");
  to.out = folder_ + "/again";
  rescore(to);
  EXPECT_EQ(read_file(folder_ + "/run/answers.jsonl"), before);
  EXPECT_EQ(record::read_answers(to.out + "/answers.jsonl").at(0).letter, "A");
  EXPECT_EQ(read_json(to.out + "/manifest.json")["extractor"], "medevalkit");
  EXPECT_EQ(read_json(to.out + "/result.json")["name"], "again");
  EXPECT_THROW(rescore(to), InputError);  // is there now
}

TEST_F(Rescore, CalibrationCorrectsTheConfidence) {
  // Sure of everything, right half of the time.
  for (int i = 0; i < 40; ++i) {
    add("", i % 2 == 0 ? 'A' : 'B', {{'A', -0.01 - 0.001 * i}, {'B', -5.0}, {'C', -6.0}});
    answers_.back().letter = "A";
  }
  write();
  const record::Result raw = rescore(options("likelihood"));
  EXPECT_EQ(raw.extractor, "likelihood");
  EXPECT_GT(*raw.confidence->ece, 0.4);
  for (const auto method :
       {record::CalibrationMethod::kPlatt, record::CalibrationMethod::kTemperature}) {
    RescoreOptions with = options("likelihood");
    with.calibration = calibrate_on(folder_ + "/run", method);
    EXPECT_EQ(with.calibration->num_items, 40);
    const record::Result better = rescore(with);
    EXPECT_LT(*better.confidence->ece, 0.2) << name_of(method);
    EXPECT_EQ(better.overall.correct, raw.overall.correct);
    EXPECT_THAT(better.confidence->calibration, testing::HasSubstr("fitted on 40"));
  }
}

TEST_F(Rescore, WhatIsMissingIsAnError) {
  add("Answer: A", 'A');
  write();
  EXPECT_THROW(calibrate_on(folder_ + "/run", record::CalibrationMethod::kPlatt),
               InputError);  // no log-probabilities
  EXPECT_THROW(rescore(options("medevalkid")), InputError);
  questions_[0].id = "another";
  std::string text = to_text(record::to_json(questions_[0])) + "\n";
  write_file(folder_ + "/q.jsonl", text);
  EXPECT_THROW(rescore(options()), InputError);
}

}  // namespace
}  // namespace lmc::eval
