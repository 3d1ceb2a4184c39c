#include "train/augmented_samples.h"

#include <gmock/gmock.h>

#include <set>

#include "base/check.h"

namespace lmc::train {
namespace {

using testing::HasSubstr;

Sample sample_of(char answer, std::vector<std::string> reasonings,
                 std::map<char, std::string> options = {
                     {'A', "air"}, {'B', "fluid"}, {'C', "bone"}, {'D', "fat"}}) {
  SampleSource source;
  source.question = {"What is seen?", std::move(options), ""};
  source.answer = answer;
  source.reasonings = std::move(reasonings);
  source.style = prompt::ReplyStyle::kReasoningThenAnswer;
  Sample sample;
  write_texts(source, source.reasonings[0], sample);
  sample.source = std::make_shared<const SampleSource>(source);
  return sample;
}

TrainOptions with_order(OptionOrder order) {
  TrainOptions options;
  options.option_order = order;
  return options;
}

// The text of option `letter` in the prompt.
std::string option_in(const Sample& sample, char letter) {
  const std::string mark = cat("\n", letter, ". ");
  const size_t begin = sample.prompt.find(mark);
  if (begin == std::string::npos) return "";
  return sample.prompt.substr(begin + mark.size(),
                              sample.prompt.find('\n', begin + 1) - begin - mark.size());
}

TEST(AugmentedSamplesTest, TextLettersAndAnswerMoveTogether) {
  const std::vector<Sample> samples{sample_of('B', {"Option A shows no air, so (B) fits."})};
  ASSERT_EQ(option_in(samples[0], 'B'), "fluid");
  AugmentedSamples drawn(samples, with_order(OptionOrder::kRandom));
  EXPECT_EQ(drawn.kept_in_order(), 0);
  std::set<std::string> prompts;
  for (int64_t epoch = 0; epoch < 64; ++epoch) {
    const Sample sample = drawn.draw({0, epoch});
    prompts.insert(sample.prompt);
    const char answer = sample.reply.back();
    EXPECT_EQ(option_in(sample, answer), "fluid");
    EXPECT_THAT(sample.reply, HasSubstr(cat("so (", answer, ") fits.")));
    const char air = sample.reply.at(std::string("Option ").size());
    EXPECT_EQ(option_in(sample, air), "air");
    EXPECT_EQ(sample.reply.substr(sample.answer_begin), cat("Answer: ", answer));
    EXPECT_EQ(drawn.draw({0, epoch}).prompt, sample.prompt);
  }
  EXPECT_GT(prompts.size(), 15U);  // of 24 orders; 64 draws leave 1.6 unseen on average
}

TEST(AugmentedSamplesTest, EveryLetterIsTheAnswerEquallyOften) {
  std::vector<Sample> samples;
  for (int i = 0; i < 40; ++i) samples.push_back(sample_of('B', {"It is dark."}));
  samples.push_back(sample_of('D', {"Both."}, {{'A', "air"}, {'D', "A and more"}}));
  samples.push_back(sample_of('C', {"The second option is wrong."}));
  samples.push_back(Sample{});  // a conversation
  AugmentedSamples drawn(samples, with_order(OptionOrder::kBalanced));
  EXPECT_EQ(drawn.kept_in_order(), 3);
  for (const int64_t epoch : {0, 1, 2, 1}) {
    std::map<char, int> counts;
    for (size_t i = 0; i < 42; ++i) ++counts[drawn.draw({i, epoch}).reply.back()];
    for (const auto& [letter, count] : counts) EXPECT_TRUE(count == 10 || count == 11) << letter;
    EXPECT_EQ(drawn.draw({40, epoch}).reply, samples[40].reply);
    EXPECT_EQ(drawn.draw({41, epoch}).prompt, samples[41].prompt);
  }
}

TEST(AugmentedSamplesTest, ExplanationsTakeTurns) {
  const std::vector<Sample> samples{sample_of('A', {"First.", "Second."})};
  AugmentedSamples drawn(samples, TrainOptions{});
  EXPECT_EQ(drawn.draw({0, 0}).reply, "First.\n\nAnswer: A");
  EXPECT_EQ(drawn.draw({0, 1}).reply, "Second.\n\nAnswer: A");
  EXPECT_EQ(drawn.draw({0, 2}).reply, "First.\n\nAnswer: A");
}

}  // namespace
}  // namespace lmc::train
