#include "grounding/sentence_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/check.h"            // InputError
#include "eval/question_prompt.h"  // question_input
#include "grounding/sentence_metrics.h"
#include "grounding/test_world.h"

namespace lmc::grounding {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(SpeaksOf, TheWordsOfALabelInTheirOrder) {
  const std::string sentence = "Right lung: upper clear, middle opacity, so opacity LEFT.";
  EXPECT_TRUE(speaks_of(sentence, "right upper zone"));
  EXPECT_TRUE(speaks_of(sentence, "Right middle"));
  EXPECT_TRUE(speaks_of(sentence, "left side"));
  EXPECT_FALSE(speaks_of(sentence, "left upper zone"));
  EXPECT_FALSE(speaks_of(sentence, "right lower zone"));
  EXPECT_FALSE(speaks_of(sentence, "zone"));
  EXPECT_FALSE(speaks_of(sentence, ""));
  EXPECT_FALSE(speaks_of("", "heart"));
}

TEST(QuestionBoxes, AreCutToTheImage) {
  record::Question question;
  question.boxes = {{"a", {-10, 20, 50, 100}}, {"b", {100, 0, 120, 10}}, {"c", {5, 5, 5, 9}}};
  const auto boxes = boxes_of(question, {50, 100, std::vector<uint8_t>(15000)});
  ASSERT_THAT(boxes, SizeIs(1));
  EXPECT_EQ(boxes[0].label, "a");
  EXPECT_THAT(boxes[0].box, ElementsAre(0, 0.4, 0.5, 1));
}

class SentenceEvidenceTest : public WorldTest {
 protected:
  SentenceEvidenceTest() : question_(write_questions(2)[0]) {}

  // Its next token hangs on the brightness of the image's left side once the reply speaks of the
  // square, and on nothing before and after that sentence.
  infer::ScriptedEngine engine() const {
    return {vocab_size(), infer::ScriptedEngine::NextLogits([this](const prompt::ModelInput& input,
                                                                   std::span<const int32_t> after) {
              const std::string text = text_of(input) + processor_.tokenizer().decode(after);
              const std::string reply = text.substr(text.rfind("assistant"));
              const bool looks =
                  reply.find("The square") != reply.npos && reply.find("left.") == reply.npos;
              const double left = brightness_by_side(input)[0];
              std::vector<float> logits(static_cast<size_t>(vocab_size()), 0.0F);
              for (const int32_t id : processor_.tokenizer().encode(kReply)) {
                logits[static_cast<size_t>(id)] = static_cast<float>(looks ? 10 * left : 2);
              }
              return logits;
            })};
  }

  EvidenceModel model(infer::Engine& engine) const {
    return evidence_model(engine, processor_, [this](const image::Image& image) {
      return eval::question_input(question_, &image, "", processor_,
                                  prompt::ReplyStyle::kReasoningThenAnswer);
    });
  }

  record::ReplyEvidence evidence(const std::string& reply, const EvidenceOptions& options) const {
    auto scripted = engine();
    return sentence_evidence(model(scripted), square_image(16, 0), reply,
                             {{"square", {0.125, 0, 0.375, 0.25}}}, options);
  }

  static constexpr char kReply[] = "Let me see. The square is on the left. Answer: A";
  record::Question question_;
};

TEST_F(SentenceEvidenceTest, SaysWhichSentenceComesFromTheImageAndFromWhere) {
  EvidenceOptions options;
  options.grid = 4;
  options.another = square_image(80, 0);
  const record::ReplyEvidence found = evidence(kReply, options);
  EXPECT_EQ(found.reply, kReply);
  ASSERT_THAT(found.sentences, SizeIs(3));
  EXPECT_EQ(
      found.reply.substr(static_cast<size_t>(found.sentences[1].begin),
                         static_cast<size_t>(found.sentences[1].end - found.sentences[1].begin)),
      "The square is on the left.");
  for (const char* image : {"grey", "blurred", "another"}) {
    const auto owed = [&](size_t sentence) {
      return found.sentences[sentence].with_image - found.sentences[sentence].without.at(image);
    };
    EXPECT_EQ(owed(0), 0) << image;
    EXPECT_GT(owed(1), 0) << image;
    EXPECT_EQ(owed(2), 0) << image;
  }
  EXPECT_THAT(found.sentences[0].boxes, IsEmpty());
  EXPECT_THAT(found.sentences[1].boxes, SizeIs(1));
  EXPECT_EQ(found.rows, 4);
  // The square fills the cell in the first row and second column by half, and the one before it.
  const std::vector<double>& map = found.sentences[1].occlusion;
  const auto hottest = std::max_element(map.begin(), map.end()) - map.begin();
  EXPECT_TRUE(hottest == 0 || hottest == 1) << hottest;
  EXPECT_GT(map[static_cast<size_t>(hottest)], 0);
  for (const double value : found.sentences[0].occlusion) EXPECT_EQ(value, 0);
  EXPECT_THAT(found.sentences[1].gradient, IsEmpty());  // the engine cannot tell
}

// Every token but blanks between sentences is in one, so the sums of the sentences are that of the
// reply without those.
TEST_F(SentenceEvidenceTest, SentencesShareOutTheReply) {
  EvidenceOptions options;
  options.occlusion = false;
  const record::ReplyEvidence found = evidence(kReply, options);
  EXPECT_EQ(found.rows, 0);
  auto scripted = engine();
  const auto ids = processor_.tokenizer().encode(kReply);
  const auto whole = model(scripted).score({model(scripted).prompt_with(square_image(16, 0))}, ids);
  double sum = 0;
  int64_t tokens = 0;
  for (const auto& sentence : found.sentences) {
    sum += sentence.with_image;
    tokens += sentence.tokens;
    EXPECT_THAT(sentence.occlusion, IsEmpty());
  }
  double expected = 0;
  int64_t not_blank = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (processor_.tokenizer().token_bytes(ids[i]) == " " && i > 0 &&
        processor_.tokenizer().token_bytes(ids[i - 1]) == ".") {
      continue;
    }
    expected += whole[0].log_probs[i];
    ++not_blank;
  }
  EXPECT_EQ(tokens, not_blank);
  EXPECT_NEAR(sum, expected, 1e-12);
}

// What is known inside the model is asked for once, with the tokens of every sentence.
TEST_F(SentenceEvidenceTest, MapsFromInsideAreOfEachSentencesTokens) {
  auto scripted = engine();
  EvidenceModel inside = model(scripted);
  EXPECT_THAT(inside.kinds, IsEmpty());
  inside.kinds = {infer::RelevanceKind::kAttention};
  std::vector<std::string> texts;
  inside.relevance = [&](infer::RelevanceKind kind, const prompt::ModelInput& row,
                         std::span<const infer::TokenRun> runs) {
    EXPECT_EQ(kind, infer::RelevanceKind::kAttention);
    std::vector<infer::Relevance> maps;
    for (const infer::TokenRun& run : runs) {
      texts.push_back(processor_.tokenizer().decode(std::span(row.ids).subspan(
          static_cast<size_t>(run.first), static_cast<size_t>(run.count))));
      maps.push_back({1, 2, {static_cast<double>(maps.size()), 0.5}});
    }
    return maps;
  };
  EvidenceOptions options;
  options.occlusion = false;
  const auto found = sentence_evidence(inside, square_image(16, 0), kReply, {}, options);
  ASSERT_THAT(found.sentences, SizeIs(3));
  ASSERT_THAT(texts, SizeIs(3));
  EXPECT_EQ(found.token_rows, 1);
  EXPECT_EQ(found.token_columns, 2);
  const char* const words[] = {"Let me see.", "The square is on the left.", "Answer: A"};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(texts[i], testing::HasSubstr(words[i]));
    EXPECT_THAT(found.sentences[i].attention, ElementsAre(i, 0.5));
    EXPECT_THAT(found.sentences[i].gradient, IsEmpty());
  }
}

TEST_F(SentenceEvidenceTest, StopsWhenAsked) {
  EvidenceOptions options;
  options.batch = 5;
  std::vector<int64_t> seen;
  options.on_progress = [&](int64_t done, int64_t all) {
    seen.push_back(done);
    EXPECT_EQ(all, 67);
    return done < 10;
  };
  EXPECT_THROW(evidence(kReply, options), Interrupted);
  EXPECT_THAT(seen, ElementsAre(5, 10));
  EXPECT_THAT(evidence("", {}).sentences, IsEmpty());
}

record::ReplyEvidence reply_of(std::vector<record::SentenceEvidence> sentences, std::string group) {
  record::ReplyEvidence reply;
  reply.image_group = std::move(group);
  reply.rows = 1;
  reply.columns = 4;
  reply.reply = std::string(100, 'x');
  reply.sentences = std::move(sentences);
  return reply;
}

record::SentenceEvidence sentence_at(double gain, record::FractionBox box,
                                     std::vector<double> map) {
  record::SentenceEvidence sentence;
  sentence.with_image = gain - 3;
  sentence.without["grey"] = -3;
  sentence.boxes = {box};
  sentence.occlusion = std::move(map);
  return sentence;
}

const record::GroundingMetric& named(const std::vector<record::GroundingMetric>& metrics,
                                     const std::string& name) {
  for (const auto& metric : metrics) {
    if (metric.name == name) return metric;
  }
  throw InputError("metrics", name);
}

TEST(SentenceMetrics, CountWhatEachMapPointsTo) {
  const record::FractionBox first{0, 0, 0.25, 1};
  const record::FractionBox last{0.75, 0, 1, 1};
  std::vector<record::ReplyEvidence> replies;
  for (const std::string group : {"a", "b", "c"}) {
    // Both point to the first cell: right for one, and nothing of its own.
    replies.push_back(reply_of({sentence_at(2, first, {1, 0, 0, 0}),
                                sentence_at(-1, last, {3, 0, 0, 1}), record::SentenceEvidence{}},
                               group));
  }
  const auto metrics = sentence_metrics(replies);
  EXPECT_DOUBLE_EQ(*named(metrics, "owed to the image, not to a grey one").value, 0.5);
  EXPECT_DOUBLE_EQ(*named(metrics, "owe a nat to the image, not to a grey one").value, 0.5);
  EXPECT_DOUBLE_EQ(*named(metrics, "pointing game, occlusion").value, 0.5);
  EXPECT_DOUBLE_EQ(*named(metrics, "pointing game, occlusion, by chance").value, 0.25);
  EXPECT_DOUBLE_EQ(*named(metrics, "energy in boxes, occlusion").value, (1 + 0.25) / 2);
  EXPECT_DOUBLE_EQ(*named(metrics, "pointing game, occlusion, own map against the others'").value,
                   0);
  EXPECT_THROW(named(metrics, "pointing game, gradient"), InputError);
  EXPECT_EQ(named(metrics, "pointing game, occlusion").items, 6);
  EXPECT_THAT(sentence_metrics({}), IsEmpty());
}

TEST(SentenceMetrics, AMethodIsTrustedAboveChance) {
  record::GroundingResult result;
  const auto add = [&](const std::string& method, double low) {
    record::GroundingMetric metric;
    metric.name = "pointing game, " + method + ", above chance";
    metric.interval_95 = {low, 0.9};
    result.sentence_metrics.push_back(metric);
  };
  EXPECT_THAT(trusted_methods(result), IsEmpty());
  add("occlusion", 0.01);
  add("gradient", -0.01);
  add("attention", 0.2);
  EXPECT_THAT(trusted_methods(result), ElementsAre("occlusion", "attention"));
}

TEST(ReplyEvidence, ComesBackFromItsLine) {
  record::ReplyEvidence evidence = reply_of({sentence_at(2, {0, 0, 0.5, 1}, {1, 0, 0, 0.5})}, "g");
  evidence.question_id = "q";
  evidence.token_rows = 1;
  evidence.token_columns = 2;
  evidence.sentences[0].end = 7;
  evidence.sentences[0].gradient = {0.25, -1};
  evidence.sentences[0].attention = {0.125, 0.5};
  const Json json = record::to_json(evidence);
  EXPECT_EQ(record::to_json(record::reply_evidence_from_json(json, "s")), json);
  Json wrong = json;
  wrong["columns"] = 3;
  EXPECT_THROW(record::reply_evidence_from_json(wrong, "s"), InputError);
  wrong = json;
  wrong["sentences"][0]["end"] = 101;
  EXPECT_THROW(record::reply_evidence_from_json(wrong, "s"), InputError);
}

}  // namespace
}  // namespace lmc::grounding
