#include "train/samples.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/check.h"
#include "base/files.h"
#include "record/explanation.h"

namespace lmc::train {
namespace {

using testing::HasSubstr;

class Samples : public ::testing::Test {
 protected:
  Samples() {
    folder_ = testing::TempDir() + "train_samples_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    make_folder(folder_);
    const char* line = R"({"id":"ID","image":"a.png","image_sha256":"","question":"What is seen?",)"
                       R"("options":{"A":"air","B":"fluid"},"answer":"B","caption":"secret words",)"
                       R"("split":"train","source":"s"})";
    std::string questions;
    for (const char* id : {"q0", "q1", "q2"}) {
      std::string one = line;
      one.replace(one.find("ID"), 2, id);
      questions += one + "\n";
    }
    options_.questions = folder_ + "/questions.jsonl";
    write_file(options_.questions, questions);
    ledger_ = folder_ + "/ledger.jsonl";
    record::Explanation accepted, rejected;
    accepted.question_id = "q0";
    accepted.accepted = true;
    accepted.reasoning = "Dark at the base.";
    rejected.question_id = "q1";
    rejected.reason = "wrong answer";
    rejected.reasoning = "No.";
    write_file(ledger_, cat(to_text(record::to_json(accepted)), "\n",
                            to_text(record::to_json(rejected)), "\n"));
  }
  ~Samples() override { std::filesystem::remove_all(folder_); }

  std::string folder_, ledger_;
  TrainOptions options_;
};

TEST_F(Samples, ReasoningComesFromTheLedger) {
  options_.explanations = ledger_;
  const SampleSet set = read_samples(options_, prompt::ChatStyle::kInstruct);
  ASSERT_EQ(set.samples.size(), 1U);
  EXPECT_EQ(set.samples[0].id, "q0");
  EXPECT_EQ(set.samples[0].reply, "Dark at the base.\n\nAnswer: B");
  EXPECT_EQ(set.samples[0].image, folder_ + "/a.png");
  EXPECT_EQ(set.left_out.at("explanation rejected"), 1);
  EXPECT_EQ(set.left_out.at("not in the ledger"), 1);
  EXPECT_THAT(set.samples[0].prompt, testing::Not(HasSubstr("secret")));
}

TEST_F(Samples, ArmsLearnFromTheSameQuestions) {
  options_.explanations = ledger_;
  options_.target = Target::kAnswer;
  const SampleSet set = read_samples(options_, prompt::ChatStyle::kInstruct);
  ASSERT_EQ(set.samples.size(), 1U);
  EXPECT_EQ(set.samples[0].reply, "Answer: B");
  options_.target = Target::kMultitask;
  EXPECT_EQ(read_samples(options_, prompt::ChatStyle::kInstruct).samples.size(), 2U);
}

TEST_F(Samples, CaptionOnlyWhenAskedFor) {
  options_.target = Target::kAnswer;
  options_.with_caption = true;
  const SampleSet set = read_samples(options_, prompt::ChatStyle::kInstruct);
  ASSERT_EQ(set.samples.size(), 3U);
  EXPECT_THAT(set.samples[0].prompt, HasSubstr("Figure caption: secret words"));
}

TEST_F(Samples, ConversationsAreTakenAsTheyAre) {
  TrainOptions options;
  options.conversations = folder_ + "/c.jsonl";
  write_file(options.conversations, R"({"prompt":"Describe.","reply":"A lung.","image":"p.png"})"
                                    "\n"
                                    R"({"prompt":"Say B","reply":"B"})"
                                    "\n");
  const SampleSet set = read_samples(options, prompt::ChatStyle::kInstruct);
  ASSERT_EQ(set.samples.size(), 2U);
  EXPECT_EQ(set.samples[0].image, folder_ + "/p.png");
  EXPECT_EQ(set.samples[1].image, "");
  EXPECT_EQ(set.samples[1].reply, "B");
  write_file(options.conversations, "{\"prompt\":\"x\"}\n");
  EXPECT_THROW(read_samples(options, prompt::ChatStyle::kInstruct), InputError);
}

TEST_F(Samples, ShuffledImagesAreAllAnothers) {
  options_ = {};
  options_.conversations = folder_ + "/c.jsonl";
  options_.shuffle_images = true;
  std::string lines;
  for (int i = 0; i < 12; ++i) {
    lines += cat(R"({"prompt":"x","reply":"y","image":"p)", i / 2, R"(.png","image_sha256":"h)",
                 i / 2, "\"}\n");
  }
  write_file(options_.conversations, lines);
  const SampleSet set = read_samples(options_, prompt::ChatStyle::kInstruct);
  std::set<std::string> used;
  for (size_t i = 0; i < 12; ++i) {
    const Sample& sample = set.samples[i];
    used.insert(sample.image);
    const std::string number = sample.image_sha256.substr(1);
    EXPECT_EQ(sample.image, cat(folder_, "/p", number, ".png"));
    EXPECT_NE(number, cat(i / 2));
    EXPECT_EQ(sample.image, set.samples[i ^ 1].image);  // what shared an image still does
  }
  EXPECT_EQ(used.size(), 6U);
}

TEST_F(Samples, NothingToLearnFromIsAnError) {
  options_.split = "test";
  options_.target = Target::kAnswer;
  EXPECT_THROW(read_samples(options_, prompt::ChatStyle::kInstruct), InputError);
}

TEST(TrainOptionsCheck, SaysWhatIsMissing) {
  TrainOptions options;
  options.out = "o";
  EXPECT_THROW(options.check(), InputError);  // neither questions nor conversations
  options.questions = "q";
  EXPECT_THROW(options.check(), InputError);  // reasoning needs a ledger
  options.target = Target::kAnswer;
  EXPECT_NO_THROW(options.check());
  options.dropout = 1;
  EXPECT_THROW(options.check(), InputError);
}

TEST(BatchSamplerTest, SamplesOfAnImageStayTogether) {
  std::vector<Sample> samples(12);
  for (size_t i = 0; i < samples.size(); ++i) {
    if (i < 9) samples[i].image = cat("image ", i % 3);  // the last three have none
  }
  EXPECT_EQ(sample_groups(samples, false).size(), 12U);
  const auto groups = sample_groups(samples, true);
  ASSERT_EQ(groups.size(), 3U + 3);
  EXPECT_EQ(groups[1], (std::vector<size_t>{1, 4, 7}));
  BatchSampler order(groups, 12, 5);
  const auto samples_of_step = [&](int64_t step) {
    std::vector<size_t> drawn;
    for (const Draw& draw : order.batch_of_step(step, 24)) drawn.push_back(draw.sample);
    return drawn;
  };
  const std::vector<size_t> first = samples_of_step(0);
  EXPECT_EQ(std::set<size_t>(first.begin(), first.end()).size(), 12U);
  for (const std::vector<size_t>& group : groups) {
    EXPECT_NE(std::search(first.begin(), first.end(), group.begin(), group.end()), first.end());
  }
  EXPECT_NE(first, samples_of_step(1));
}

TEST(BatchSamplerTest, EveryEpochIsAPermutationAndStepsAreIndependent) {
  constexpr int64_t kBatch = 4;
  const std::vector<std::vector<size_t>> alone = sample_groups(std::vector<Sample>(10), false);
  BatchSampler order(alone, kBatch, 3);
  std::vector<size_t> drawn;
  for (int64_t step = 0; step < 6; ++step) {
    for (const Draw& draw : order.batch_of_step(step, 22)) {
      EXPECT_EQ(draw.epoch, static_cast<int64_t>(drawn.size()) / 10);
      drawn.push_back(draw.sample);
    }
  }
  ASSERT_EQ(drawn.size(), 22U);
  const std::vector<size_t> first(drawn.begin(), drawn.begin() + 10);
  const std::vector<size_t> second(drawn.begin() + 10, drawn.begin() + 20);
  EXPECT_EQ(std::set<size_t>(first.begin(), first.end()).size(), 10U);
  EXPECT_EQ(std::set<size_t>(second.begin(), second.end()).size(), 10U);
  EXPECT_NE(first, second);
  BatchSampler fresh(alone, kBatch, 3);
  EXPECT_EQ(fresh.batch_of_step(3, 22), order.batch_of_step(3, 22));
  EXPECT_NE(BatchSampler(alone, kBatch, 4).batch_of_step(0, 22), order.batch_of_step(0, 22));
}

}  // namespace
}  // namespace lmc::train
