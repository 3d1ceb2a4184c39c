#include "infer/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "base/check.h"  // InputError
#include "infer/score.h"
#include "support/scripted_engine.h"

namespace lmc::infer {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Le;

constexpr int32_t kImage = 386;

class SchedulerTest : public testing::Test {
 protected:
  // Prompts are told apart by their first token; each reply is so many tokens long.
  ScriptedEngine engine_of(std::map<int32_t, size_t> lengths) const {
    return {vocab_size(), ScriptedEngine::NextLogits(
                              [this, lengths = std::move(lengths)](const prompt::ModelInput& prompt,
                                                                   std::span<const int32_t> after) {
                                const bool ends = after.size() >= lengths.at(prompt.ids[0]);
                                return logits_of(vocab_size(), ends ? end_id_ : word_);
                              })};
  }

  static prompt::ModelInput prompt_of(int32_t first, size_t size, int32_t rest = 1) {
    prompt::ModelInput prompt;
    prompt.ids.assign(size, rest);
    prompt.ids[0] = first;
    prompt.next_position = static_cast<int32_t>(size);
    return prompt;
  }

  void add_image(prompt::ModelInput& prompt, size_t at, size_t tokens, float value) const {
    auto grid = std::make_shared<image::PatchGrid>();
    grid->grid_h = 2;
    grid->grid_w = static_cast<int64_t>(tokens) * 2;
    grid->values_per_patch = 1;
    grid->pixel_values_PF.assign(tokens * 4, value);
    for (size_t i = 0; i < tokens; ++i) prompt.ids[at + i] = kImage;
    prompt.images.push_back(std::move(grid));
  }

  void submit(Scheduler& scheduler, prompt::ModelInput prompt, SamplingOptions sampling = {},
              size_t copies = 1) {
    GenerateRequest request;
    const int32_t name = prompt.ids[0];
    request.prompt = std::move(prompt);
    request.sampling = std::move(sampling);
    for (size_t i = 0; i < copies; ++i) request.stream_ids.push_back(i);
    request.on_replies = [this, name](std::vector<Reply> replies) {
      ended_.push_back(name);
      replies_[name] = std::move(replies);
    };
    scheduler.submit(std::move(request));
  }

  int64_t vocab_size() const { return tokenizer_.size(); }

  const text::Tokenizer tokenizer_ =
      text::Tokenizer::load(std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt/model");
  const int32_t end_id_ = tokenizer_.id_of("<|im_end|>").value();
  const int32_t word_ = tokenizer_.encode("a").front();
  const std::vector<int32_t> end_ids_{end_id_};
  std::vector<int32_t> ended_;
  std::map<int32_t, std::vector<Reply>> replies_;
};

TEST_F(SchedulerTest, RequestsJoinAsOthersLeave) {
  ScriptedEngine engine = engine_of({{10, 5}, {11, 1}, {12, 2}, {13, 0}});
  SchedulerOptions options;
  options.max_sequences = 2;
  Scheduler scheduler(engine, tokenizer_, end_ids_, options);
  for (const int32_t name : {10, 11, 12, 13}) submit(scheduler, prompt_of(name, 3));
  EXPECT_EQ(scheduler.num_waiting(), 4U);
  scheduler.run();
  // Two prompts; a token of each; 11 left, so 12 joins beside a token of 10; 13 after 12.
  EXPECT_THAT(engine.tokens_per_pass(), ElementsAre(6, 2, 4, 2, 2, 4));
  EXPECT_THAT(ended_, ElementsAre(11, 12, 10, 13));
  EXPECT_EQ(replies_[10][0].ids.size(), 5U);
  EXPECT_EQ(engine.num_open(), 0U);
}

TEST_F(SchedulerTest, EachRequestHasItsOwnOptions) {
  ScriptedEngine engine = engine_of({{10, 9}, {11, 9}});
  Scheduler scheduler(engine, tokenizer_, end_ids_, {});
  SamplingOptions two, four;
  two.max_new_tokens = 2;
  four.max_new_tokens = 4;
  submit(scheduler, prompt_of(10, 3), two);
  submit(scheduler, prompt_of(11, 3), four);
  scheduler.run();
  EXPECT_EQ(replies_[10][0].ids.size(), 2U);
  EXPECT_EQ(replies_[11][0].ids.size(), 4U);
  EXPECT_EQ(replies_[11][0].finish, FinishReason::kLength);
}

TEST_F(SchedulerTest, LongPromptsGoInChunksBesideReplies) {
  ScriptedEngine engine = engine_of({{10, 6}, {11, 1}});
  SchedulerOptions options;
  options.tokens_per_step = 10;
  Scheduler scheduler(engine, tokenizer_, end_ids_, options);
  submit(scheduler, prompt_of(10, 3));
  submit(scheduler, prompt_of(11, 25));
  scheduler.run();
  EXPECT_THAT(engine.tokens_per_pass(), Each(Le(10)));
  EXPECT_EQ(replies_[10][0].ids.size(), 6U);
  EXPECT_EQ(replies_[11][0].ids.size(), 1U);
}

TEST_F(SchedulerTest, AnImageIsNotCut) {
  ScriptedEngine engine = engine_of({{10, 1}});
  SchedulerOptions options;
  options.tokens_per_step = 4;
  Scheduler scheduler(engine, tokenizer_, end_ids_, options);
  prompt::ModelInput prompt = prompt_of(10, 12);
  add_image(prompt, 2, 7, 0.5F);
  submit(scheduler, prompt);
  scheduler.run();
  // Two before the image, the image whole though it is longer than a step, three behind it.
  EXPECT_THAT(engine.tokens_per_pass(), ElementsAre(2, 7, 3, 1));
  EXPECT_EQ(engine.num_encoded(), 1);
  EXPECT_EQ(engine.prompts()[0].ids, prompt.ids);
}

TEST_F(SchedulerTest, FeaturesOfAnImageThatWasSeenAreThere) {
  ScriptedEngine engine = engine_of({{10, 1}});
  Scheduler scheduler(engine, tokenizer_, end_ids_, {});
  prompt::ModelInput prompt = prompt_of(10, 12);
  add_image(prompt, 2, 4, 0.5F);
  submit(scheduler, prompt);
  scheduler.run();
  const std::vector<SharedFeatures> again = scheduler.features_of(prompt);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(engine.num_encoded(), 1);
  add_image(prompt, 7, 4, 0.25F);
  add_image(prompt, 7, 4, 0.25F);
  const std::vector<SharedFeatures> more = scheduler.features_of(prompt);
  ASSERT_EQ(more.size(), 3U);
  EXPECT_EQ(more[0], again[0]);
  EXPECT_EQ(more[1], more[2]);
  EXPECT_EQ(engine.num_encoded(), 2);
}

TEST_F(SchedulerTest, SamplesShareThePrompt) {
  ScriptedEngine engine = engine_of({{10, 3}});
  Scheduler scheduler(engine, tokenizer_, end_ids_, {});
  submit(scheduler, prompt_of(10, 40), {}, 8);
  scheduler.run();
  EXPECT_THAT(engine.tokens_per_pass(), ElementsAre(40, 8, 8, 8));
  EXPECT_EQ(replies_[10].size(), 8U);
}

TEST_F(SchedulerTest, PromptsThatBeginAlikeAreReadOnce) {
  ScriptedEngine engine = engine_of({{10, 1}});
  engine.allow_sharing();
  Scheduler scheduler(engine, tokenizer_, end_ids_, {});
  prompt::ModelInput first = prompt_of(10, 60);
  add_image(first, 2, 40, 0.5F);
  prompt::ModelInput second = first;
  second.ids.back() = 2;
  prompt::ModelInput other_image = first;
  other_image.images.clear();
  add_image(other_image, 2, 40, 0.25F);
  submit(scheduler, first);
  submit(scheduler, second);
  submit(scheduler, other_image);
  scheduler.run();
  // The second waits for the first and reads its last token; another image shares nothing.
  EXPECT_EQ(engine.tokens_per_pass()[0], 120);
  EXPECT_EQ(engine.tokens_per_pass()[1], 1 + 1 + 1);
  EXPECT_EQ(engine.num_encoded(), 2);
}

TEST_F(SchedulerTest, ReadsOnWhereAReplyEnded) {
  ScriptedEngine engine = engine_of({{10, 5}});
  engine.allow_sharing();
  Scheduler scheduler(engine, tokenizer_, end_ids_, {});
  const prompt::ModelInput prompt = prompt_of(10, 50);
  GenerateRequest request;
  request.prompt = prompt;
  request.stream_ids = {0};
  bool is_scored = false;
  request.on_replies = [&](const std::vector<Reply>& replies) {
    prompt::ModelInput more = prompt;
    prompt::append_text(replies[0].ids, more);
    ScoreRequest score{more, {end_id_, 3}, [&](const Score& made) {
                         is_scored = true;
                         EXPECT_EQ(made.log_probs.size(), 2U);
                         EXPECT_NEAR(made.log_probs[0], 0, 1e-5);
                         EXPECT_LT(made.log_probs[1], -10);
                       }};
    scheduler.submit(std::move(score));
  };
  scheduler.submit(std::move(request));
  scheduler.run();
  EXPECT_TRUE(is_scored);
  // The prompt, five tokens; then the reply's last token again, for its logits, and two more.
  EXPECT_THAT(engine.tokens_per_pass(), ElementsAre(50, 1, 1, 1, 1, 1, 3));
}

TEST_F(SchedulerTest, MemoryLimitsWhatRunsTogether) {
  ScriptedEngine engine = engine_of({{10, 2}, {11, 2}});
  engine.mutable_info().max_kv_tokens = 20;
  Scheduler scheduler(engine, tokenizer_, end_ids_, {});
  SamplingOptions sampling;
  sampling.max_new_tokens = 5;
  submit(scheduler, prompt_of(10, 10), sampling);
  submit(scheduler, prompt_of(11, 10), sampling);
  scheduler.run();
  EXPECT_THAT(engine.tokens_per_pass(), ElementsAre(10, 1, 1, 10, 1, 1));
  // A reply that would not fit is shortened, a prompt that leaves no room refused.
  sampling.max_new_tokens = 50;
  submit(scheduler, prompt_of(10, 18), sampling);
  scheduler.run();
  EXPECT_EQ(replies_[10][0].ids.size(), 2U);
  EXPECT_THROW(submit(scheduler, prompt_of(10, 20), sampling), InputError);
}

TEST_F(SchedulerTest, DeterministicRunsEverySequenceAlone) {
  ScriptedEngine engine = engine_of({{10, 1}, {11, 1}});
  engine.allow_sharing();
  SchedulerOptions options;
  options.deterministic = true;
  Scheduler scheduler(engine, tokenizer_, end_ids_, options);
  submit(scheduler, prompt_of(10, 50));
  submit(scheduler, prompt_of(10, 50));
  scheduler.run();
  EXPECT_THAT(engine.tokens_per_pass(), ElementsAre(50, 50, 1, 1));
}

TEST_F(SchedulerTest, AbandonClosesEverything) {
  ScriptedEngine engine = engine_of({{10, 9}});
  Scheduler scheduler(engine, tokenizer_, end_ids_, {});
  submit(scheduler, prompt_of(10, 10), {}, 3);
  scheduler.step();
  scheduler.step();
  EXPECT_EQ(engine.num_open(), 3U);
  scheduler.abandon();
  EXPECT_EQ(engine.num_open(), 0U);
  EXPECT_FALSE(scheduler.step());
  EXPECT_TRUE(ended_.empty());
}

TEST_F(SchedulerTest, TooLongAPromptIsRefused) {
  ScriptedEngine engine = engine_of({});
  engine.set_max_positions(10);
  Scheduler scheduler(engine, tokenizer_, end_ids_, {});
  EXPECT_THROW(submit(scheduler, prompt_of(10, 10)), InputError);
}

TEST(Score, OfTextsBehindPrompts) {
  constexpr int64_t kVocab = 400;
  // The next token is the last one and one more.
  ScriptedEngine engine(kVocab, ScriptedEngine::NextLogits([](const prompt::ModelInput& prompt,
                                                              std::span<const int32_t> after) {
                          const int32_t last = after.empty() ? prompt.ids.back() : after.back();
                          return logits_of(kVocab, last + 1);
                        }));
  prompt::ModelInput prompt;
  prompt.ids = {5, 6};
  prompt.next_position = 2;
  const std::vector<prompt::ModelInput> prompts = {prompt, prompt};
  const std::vector<std::vector<int32_t>> texts = {{7, 8, 20}, {}};
  const std::vector<Score> scores = score(engine, prompts, texts);
  const double likely = 20 - std::log(std::exp(20.) + kVocab - 1);
  ASSERT_EQ(scores[0].log_probs.size(), 3U);
  EXPECT_NEAR(scores[0].log_probs[0], likely, 1e-9);
  EXPECT_NEAR(scores[0].log_probs[1], likely, 1e-9);
  EXPECT_NEAR(scores[0].log_probs[2], likely - 20, 1e-9);
  EXPECT_EQ(scores[0].next_logits_V[21], 20);
  EXPECT_TRUE(scores[1].log_probs.empty());
  EXPECT_EQ(scores[1].next_logits_V[7], 20);
}

}  // namespace
}  // namespace lmc::infer
