// The phantom student's tokenizer stands for any: what is tested is where bytes fall.
#include "train/objective.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "prompt/processor.h"
#include "prompt/question.h"

namespace lmc::train {
namespace {

class ObjectiveTest : public ::testing::Test {
 protected:
  Sample sample_of(const std::string& reasoning) const {
    Sample sample;
    sample.prompt = "Question: Which side?";
    sample.reply = prompt::training_reply(reasoning, 'B', prompt::ReplyStyle::kReasoningThenAnswer,
                                          prompt::ChatStyle::kInstruct);
    sample.answer_end = sample.reply.size();
    sample.answer_begin = sample.answer_end - std::string("Answer: B").size();
    return sample;
  }
  TrainingInput load(const Sample& sample, const TrainOptions& options) {
    LoadedSample loaded =
        load_sample(sample, processor_, images_, Objective(options, processor_.tokenizer()), 1000);
    EXPECT_EQ(loaded.problem, "");
    return std::move(loaded.input).value();
  }
  // The text of the tokens that weigh so much.
  std::string text_at(const TrainingInput& input, float weight) const {
    std::string text;
    for (size_t i = 0; i < input.weights.size(); ++i) {
      if (input.weights[i] == weight) {
        text += processor_.tokenizer().token_bytes(input.input.ids[i]);
      }
    }
    return text;
  }

  prompt::Processor processor_{LMC_SOURCE_DIR "/assets/phantom/student"};
  ImageStore images_{processor_, nullptr, "", torch::kFloat32};
};

TEST_F(ObjectiveTest, ReasoningAndAnswerWeighAsAsked) {
  TrainOptions options;
  options.reasoning_weight = 0.25;
  options.answer_weight = 4;
  const std::string reasoning = "Left base: effusion, größer. Answer: A is wrong.";
  const TrainingInput input = load(sample_of(reasoning), options);
  EXPECT_EQ(text_at(input, 4), "Answer: B<|im_end|>");
  EXPECT_EQ(text_at(input, 0.25F), reasoning + "\n\n");
  EXPECT_EQ(processor_.tokenizer().id_of("<|im_end|>"), input.input.ids.back());
  EXPECT_EQ(input.weights.front(), 0);
}

TEST_F(ObjectiveTest, ComposedCharactersDoNotMoveTheAnswer) {
  TrainOptions options;
  options.answer_weight = 3;
  // o and a combining diaeresis: three bytes, which become the two of one character.
  const TrainingInput input = load(sample_of("gro\xcc\x88\xc3\x9f"
                                             "er."),
                                   options);
  EXPECT_EQ(text_at(input, 3), "Answer: B<|im_end|>");
  EXPECT_EQ(text_at(input, 1),
            "gr\xc3\xb6\xc3\x9f"
            "er.\n\n");
}

TEST_F(ObjectiveTest, AnswerFirstIsToldApartToo) {
  TrainOptions options;
  options.answer_weight = 2;
  Sample sample = sample_of("Left base: clear.");
  sample.reply =
      prompt::training_reply("Left base: clear.", 'B', prompt::ReplyStyle::kAnswerThenReasoning,
                             prompt::ChatStyle::kInstruct);
  EXPECT_EQ(sample.reply, "Answer: B\n\nLeft base: clear.");
  sample.answer_begin = 0;
  sample.answer_end = std::string("Answer: B").size();
  sample.weight = 0.5;
  const TrainingInput input = load(sample, options);
  EXPECT_EQ(text_at(input, 1), "Answer: B<|im_end|>");
  EXPECT_EQ(text_at(input, 0.5F), "\n\nLeft base: clear.");
  EXPECT_THROW(prompt::training_reply("x", 'B', prompt::ReplyStyle::kAnswerThenReasoning,
                                      prompt::ChatStyle::kThinking),
               InputError);
}

TEST_F(ObjectiveTest, TheTeachersChoicesStandWhereItsTokensDo) {
  const auto& tokenizer = processor_.tokenizer();
  const std::string reasoning = "Left base: effusion.";
  Sample sample = sample_of(reasoning);
  sample.reasoning_end = reasoning.size();
  // The teacher said something before, and joins the student's first two tokens.
  std::vector<record::TokenLogProb> teacher{{{"Well. ", -1}, {{"Well. ", -1}}}};
  sample.teacher_begin = 6;
  std::vector<std::string> pieces;
  for (const int32_t id : tokenizer.encode(reasoning)) pieces.push_back(tokenizer.token_bytes(id));
  ASSERT_GE(pieces.size(), 4U);
  pieces[0] += pieces[1];
  pieces.erase(pieces.begin() + 1);
  for (const std::string& piece : pieces) {
    teacher.push_back({{piece, -0.5}, {{piece, -0.5}, {"\xff no token", -2}, {".", -3}}});
  }
  sample.teacher = std::make_shared<const std::vector<record::TokenLogProb>>(teacher);
  TrainOptions options;
  options.distillation_weight = 0.5;
  const TrainingInput input = load(sample, options);
  // Not the joined ones, nor the full stop, which the student joins to the empty line behind it.
  ASSERT_EQ(input.teacher.size(), pieces.size() - 2);
  for (size_t k = 0; k < input.teacher.size(); ++k) {
    const TeacherChoices& choices = input.teacher[k];
    const std::string written =
        tokenizer.token_bytes(input.input.ids[static_cast<size_t>(choices.place)]);
    EXPECT_EQ(written, pieces[k + 1]);
    ASSERT_EQ(choices.ids.size(), 2U);  // what the student has no token for is left to the tail
    EXPECT_EQ(tokenizer.token_bytes(choices.ids[0]), written);
    EXPECT_EQ(tokenizer.token_bytes(choices.ids[1]), ".");
    EXPECT_FLOAT_EQ(choices.log_probs[1], -3);
  }
  options.distillation_weight = 0;
  EXPECT_TRUE(load(sample, options).teacher.empty());
}

}  // namespace
}  // namespace lmc::train
