#include "infer/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/check.h"  // InputError
#include "support/scripted_engine.h"

namespace lmc::infer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int32_t kUnknownRows = 8;  // rows of the head past the tokenizer's last token

class GenerateTest : public testing::Test {
 protected:
  std::vector<int32_t> ids_of(const std::string& text) const { return tokenizer_.encode(text); }

  // A prompt of one token by which the script knows it.
  static prompt::ModelInput prompt_of(int32_t id) {
    prompt::ModelInput input;
    input.ids = {id};
    input.next_position = 1;
    return input;
  }

  // An engine that answers prompt i with texts[i] and the end token.
  ScriptedEngine engine_for(const std::vector<std::string>& texts) const {
    std::vector<std::vector<int32_t>> replies;
    for (const std::string& text : texts) {
      replies.push_back(ids_of(text));
      replies.back().push_back(end_id_);
    }
    return ScriptedEngine(vocab_size(),
                          ScriptedEngine::Script([replies](const prompt::ModelInput& input) {
                            return replies.at(static_cast<size_t>(input.ids[0]));
                          }));
  }

  std::vector<Reply> replies_to(ScriptedEngine& engine, size_t count,
                                const SamplingOptions& options, const OnText& on_text = {}) const {
    std::vector<prompt::ModelInput> prompts;
    std::vector<uint64_t> streams;
    for (size_t i = 0; i < count; ++i) {
      prompts.push_back(prompt_of(static_cast<int32_t>(i)));
      streams.push_back(i);
    }
    const std::vector<int32_t> end_ids = {end_id_};
    return generate(engine, tokenizer_, prompts, end_ids, options, streams, on_text);
  }

  int64_t vocab_size() const { return tokenizer_.size() + kUnknownRows; }

  const text::Tokenizer tokenizer_ =
      text::Tokenizer::load(std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt/model");
  const int32_t end_id_ = tokenizer_.id_of("<|im_end|>").value();
};

TEST_F(GenerateTest, FinishedRowsLeaveTheBatch) {
  const std::string text = "Answer: B";
  const auto size = static_cast<int64_t>(ids_of(text).size());
  ScriptedEngine engine = engine_for({text, text + text, ""});
  const std::vector<Reply> replies = replies_to(engine, 3, {});
  EXPECT_EQ(replies[0].text, text);
  EXPECT_EQ(replies[0].ids, ids_of(text));
  EXPECT_EQ(replies[1].text, text + text);
  EXPECT_EQ(replies[2].text, "");
  for (const Reply& reply : replies) EXPECT_EQ(reply.finish, FinishReason::kEnd);
  EXPECT_THAT(engine.rows_per_prefill(), ElementsAre(3));
  // Row 2 ends before the first step, row 0 before the step that would follow its end token.
  std::vector<int64_t> expected(static_cast<size_t>(size), 2);
  const size_t num_steps = ids_of(text + text).size();
  expected.resize(num_steps, 1);
  EXPECT_EQ(engine.rows_per_step(), expected);
}

TEST_F(GenerateTest, LengthCutsAReply) {
  ScriptedEngine engine = engine_for({"Answer: B and more words"});
  SamplingOptions options;
  options.max_new_tokens = 3;
  const std::vector<Reply> replies = replies_to(engine, 1, options);
  EXPECT_EQ(replies[0].ids.size(), 3U);
  EXPECT_EQ(replies[0].finish, FinishReason::kLength);
  EXPECT_EQ(engine.rows_per_step().size(), 2U);
}

TEST_F(GenerateTest, TheModelsPositionsLimitAReply) {
  ScriptedEngine engine = engine_for({"Answer: B and more words"});
  engine.set_max_positions(5);
  EXPECT_EQ(replies_to(engine, 1, {})[0].ids.size(), 4U);
  engine.set_max_positions(1);
  EXPECT_THROW(replies_to(engine, 1, {}), InputError);
}

// Of the model's own distribution, over the tokens that there are, whatever the sampling.
TEST_F(GenerateTest, LogProbabilities) {
  const std::vector<int32_t> text = ids_of("Answer: B");
  ScriptedEngine engine(
      vocab_size(), ScriptedEngine::NextLogits([&](const auto&, const auto& stepped) {
        std::vector<float> logits_V(static_cast<size_t>(vocab_size()), 0);
        logits_V.back() = 50;  // a row of the head that stands for no token
        logits_V[static_cast<size_t>(end_id_)] = 2;
        logits_V[static_cast<size_t>(stepped.size() < text.size() ? text[stepped.size()]
                                                                  : end_id_)] = 3;
        return logits_V;
      }));
  SamplingOptions options;
  EXPECT_TRUE(replies_to(engine, 1, options)[0].log_probs.empty());
  options.top_log_probs = 2;
  options.repetition_penalty = 1.5;
  const Reply reply = replies_to(engine, 1, options)[0];
  ASSERT_EQ(reply.ids, text);
  ASSERT_EQ(reply.log_probs.size(), text.size());
  const double total = std::exp(3.) + std::exp(2.) + (tokenizer_.size() - 2);
  for (size_t i = 0; i < text.size(); ++i) {
    const TokenLogProb& one = reply.log_probs[i];
    EXPECT_EQ(one.drawn.bytes, tokenizer_.token_bytes(text[i]));
    EXPECT_NEAR(one.drawn.log_prob, 3 - std::log(total), 1e-12);
    ASSERT_EQ(one.top.size(), 2U);
    EXPECT_EQ(one.top[0].bytes, one.drawn.bytes);
    EXPECT_EQ(one.top[1].bytes, "<|im_end|>");
    EXPECT_NEAR(one.top[1].log_prob, 2 - std::log(total), 1e-12);
  }
}

TEST_F(GenerateTest, StopStringAcrossTokens) {
  ScriptedEngine engine = engine_for({"The heart is wide. Question: what"});
  SamplingOptions options;
  options.stop = {". Question"};
  std::vector<std::string> pieces;
  const std::vector<Reply> replies =
      replies_to(engine, 1, options, [&](int64_t, std::string_view piece) {
        pieces.emplace_back(piece);
        return true;
      });
  EXPECT_EQ(replies[0].text, "The heart is wide");
  EXPECT_EQ(replies[0].finish, FinishReason::kStop);
  std::string streamed;
  for (const std::string& piece : pieces) streamed += piece;
  EXPECT_EQ(streamed, replies[0].text);
  EXPECT_GT(pieces.size(), 1U);
}

TEST_F(GenerateTest, HeldBackTextComesWhenTheReplyEnds) {
  ScriptedEngine engine = engine_for({"wide. Qu"});
  SamplingOptions options;
  options.stop = {". Question"};
  const std::vector<Reply> replies = replies_to(engine, 1, options);
  EXPECT_EQ(replies[0].text, "wide. Qu");
  EXPECT_EQ(replies[0].finish, FinishReason::kEnd);
}

TEST_F(GenerateTest, StreamedPiecesAreWholeCharacters) {
  const std::string text = "5 \xC2\xB5m \xE2\x89\xA5 \xF0\x9F\xAB\x80 caf\xC3\xA9";
  ScriptedEngine engine = engine_for({text});
  std::string streamed;
  const std::vector<Reply> replies =
      replies_to(engine, 1, {}, [&](int64_t row, std::string_view piece) {
        EXPECT_EQ(row, 0);
        EXPECT_NE(static_cast<unsigned char>(piece.front()) & 0xC0U, 0x80U) << "starts inside";
        streamed += piece;
        return true;
      });
  EXPECT_EQ(streamed, text);
  EXPECT_EQ(replies[0].text, text);
}

TEST_F(GenerateTest, AListenerEndsItsRowOnly) {
  ScriptedEngine engine = engine_for({"one two three four", "one two three four"});
  const std::vector<Reply> replies =
      replies_to(engine, 2, {}, [](int64_t row, std::string_view) { return row == 1; });
  EXPECT_LT(replies[0].text.size(), replies[1].text.size());
  EXPECT_EQ(replies[0].finish, FinishReason::kStop);
  EXPECT_EQ(replies[1].text, "one two three four");
}

// The same question draws the same tokens alone and beside others.
TEST_F(GenerateTest, NeighboursDoNotChangeWhatIsDrawn) {
  const int64_t size = vocab_size();
  const auto uniform = [size](const prompt::ModelInput&, std::span<const int32_t>) {
    return std::vector<float>(static_cast<size_t>(size), 0.0F);
  };
  SamplingOptions options;
  options.temperature = 1;
  options.max_new_tokens = 12;
  ScriptedEngine engine(size, ScriptedEngine::NextLogits(uniform));
  const std::vector<Reply> together = replies_to(engine, 4, options);
  const std::vector<int32_t> end_ids = {end_id_};
  for (size_t i = 0; i < together.size(); ++i) {
    const std::vector<prompt::ModelInput> prompts = {prompt_of(static_cast<int32_t>(i))};
    const std::vector<uint64_t> streams = {i};
    const Reply alone = generate(engine, tokenizer_, prompts, end_ids, options, streams).front();
    EXPECT_EQ(alone.ids, together[i].ids);
    for (const int32_t id : alone.ids) EXPECT_LT(id, tokenizer_.size());
  }
  EXPECT_NE(together[0].ids, together[1].ids);
}

TEST_F(GenerateTest, NoPromptsNoWork) {
  ScriptedEngine engine = engine_for({});
  EXPECT_TRUE(replies_to(engine, 0, {}).empty());
  EXPECT_TRUE(engine.rows_per_prefill().empty());
}

}  // namespace
}  // namespace lmc::infer
