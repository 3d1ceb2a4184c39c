#include "serve/request_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/check.h"      // InputError, cat
#include "infer/generate.h"  // generate
#include "serve/api_error.h"
#include "serve/client_left.h"
#include "support/scripted_engine.h"

namespace lmc::serve {
namespace {

using namespace std::chrono_literals;
using infer::ScriptedEngine;
using testing::ElementsAre;

constexpr int32_t kHeld = 1;    // a prompt whose every token waits at the gate
constexpr int32_t kBad = 2;     // a prompt at which the engine breaks
constexpr int32_t kEither = 3;  // a prompt whose reply never ends, of "x" and "y" by chance
// Any other replies its own number and a dot, a token a character.

class RequestQueueTest : public testing::Test {
 protected:
  ScriptedEngine make_engine() {
    return {tokenizer_.size(), ScriptedEngine::NextLogits([this](const prompt::ModelInput& prompt,
                                                                 std::span<const int32_t> after) {
              return next_logits(prompt.ids[0], after.size());
            })};
  }

  std::vector<float> next_logits(int32_t name, size_t place) {
    if (name == kBad) throw std::runtime_error("bad row");
    if (name == kHeld) {
      entered_.release();
      gate_.acquire();
    }
    if (name == kEither) {
      std::vector<float> logits_V = infer::logits_of(tokenizer_.size(), token_of("x"));
      logits_V[static_cast<size_t>(token_of("y"))] = 20;
      return logits_V;
    }
    const std::string text = text_of(name);
    return infer::logits_of(tokenizer_.size(),
                            place < text.size() ? token_of(text.substr(place, 1)) : end_ids_[0]);
  }

  static std::string text_of(int32_t name) { return cat(name, "."); }
  int32_t token_of(const std::string& character) const {
    return tokenizer_.encode(character).front();
  }

  void start(size_t max_batch, size_t max_waiting = 100, std::chrono::milliseconds gather = 0ms) {
    queue_.emplace(engine_, tokenizer_, end_ids_,
                   RequestQueueOptions{max_batch, max_waiting, gather});
  }

  void TearDown() override { gate_.release(1000); }

  static QueuedRequest request_of(int32_t name) {
    QueuedRequest request;
    request.prompt.ids = {name};
    request.prompt.next_position = 1;
    return request;
  }

  std::shared_ptr<PendingReply> submit(QueuedRequest request) {
    const auto reply = request.reply;
    auto place = queue_->take_place();
    EXPECT_TRUE(place);
    if (place) queue_->submit(std::move(*place), std::move(request));
    return reply;
  }
  std::shared_ptr<PendingReply> submit(int32_t name) { return submit(request_of(name)); }

  const text::Tokenizer tokenizer_ =
      text::Tokenizer::load(std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt/model");
  const std::vector<int32_t> end_ids_{tokenizer_.id_of("<|im_end|>").value()};
  std::counting_semaphore<> entered_{0};
  std::counting_semaphore<> gate_{0};
  ScriptedEngine engine_ = make_engine();
  std::optional<RequestQueue> queue_;
};

TEST_F(RequestQueueTest, RequestsJoinWhatRunsAndLeaveAsTheyEnd) {
  start(2);
  const auto held = submit(kHeld);
  entered_.acquire();  // the engine reads its prompt
  const auto other = submit(14);
  const auto third = submit(25);  // for which there is room when the first ends
  gate_.release(100);
  EXPECT_EQ(held->wait()[0].text, "1.");
  EXPECT_EQ(other->wait()[0].text, "14.");
  EXPECT_EQ(third->wait()[0].text, "25.");
  // One prompt; "1" beside a prompt; "." beside "1"; "4" beside a prompt; "." beside "2"; the rest.
  EXPECT_THAT(engine_.tokens_per_pass(), ElementsAre(1, 2, 2, 2, 2, 1, 1));
}

TEST_F(RequestQueueTest, EachRequestHasItsOwnOptionsAndStream) {
  start(3, 100, 60'000ms);
  std::vector<QueuedRequest> requests(3, request_of(kEither));
  std::vector<std::shared_ptr<PendingReply>> replies;
  for (size_t i = 0; i < requests.size(); ++i) {
    requests[i].reply = std::make_shared<PendingReply>();
    requests[i].sampling.temperature = 1;
    requests[i].sampling.max_new_tokens = static_cast<int64_t>(30 + i);
    requests[i].stream_ids = {7 + i};
    replies.push_back(submit(requests[i]));
  }
  ScriptedEngine alone = make_engine();
  for (size_t i = 0; i < requests.size(); ++i) {
    const std::vector<uint64_t> stream = requests[i].stream_ids;
    const auto expected = infer::generate(alone, tokenizer_, {&requests[i].prompt, 1}, end_ids_,
                                          requests[i].sampling, stream);
    EXPECT_EQ(replies[i]->wait()[0].text, expected[0].text);
    EXPECT_EQ(replies[i]->wait()[0].text.size(), 30 + i);
  }
  EXPECT_NE(replies[0]->wait()[0].text, replies[1]->wait()[0].text.substr(0, 30));
  EXPECT_EQ(engine_.rows_per_step()[0], 3);
}

TEST_F(RequestQueueTest, SeveralRepliesToOnePrompt) {
  start(4);
  QueuedRequest request = request_of(kEither);
  request.sampling.temperature = 1;
  request.sampling.max_new_tokens = 40;
  request.stream_ids = {3, 4, 3};
  const auto reply = submit(request);
  std::vector<std::string> texts(3);
  while (const auto piece = reply->next()) texts[piece->reply] += piece->text;
  ASSERT_EQ(reply->wait().size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(texts[i], reply->wait()[i].text);
  EXPECT_EQ(texts[0], texts[2]);
  EXPECT_NE(texts[0], texts[1]);
  EXPECT_EQ(engine_.prompts().size(), 1u);
}

TEST_F(RequestQueueTest, ScoresBesideWhatIsGenerated) {
  start(4);
  QueuedRequest request = request_of(14);
  request.continuations = {tokenizer_.encode("1"), tokenizer_.encode("14."), {}};
  std::vector<infer::Score> scores;
  request.take_scores = [&](std::vector<infer::Score> made) {
    scores = std::move(made);
    infer::Reply reply;
    reply.text = "scored";
    return std::vector<infer::Reply>{reply};
  };
  const auto scored = submit(request);
  const auto other = submit(25);
  EXPECT_EQ(scored->next()->text, "scored");
  EXPECT_EQ(scored->wait()[0].text, "scored");
  EXPECT_EQ(other->wait()[0].text, "25.");
  ASSERT_EQ(scores.size(), 3u);
  EXPECT_EQ(scores[1].log_probs.size(), 3u);
  EXPECT_NEAR(scores[0].log_probs[0], 0, 1e-3);
  EXPECT_TRUE(scores[2].log_probs.empty());
  EXPECT_EQ(std::max_element(scores[2].next_logits_V.begin(), scores[2].next_logits_V.end()) -
                scores[2].next_logits_V.begin(),
            token_of("1"));
}

TEST_F(RequestQueueTest, WorkHasTheEngineToItself) {
  start(2);
  QueuedRequest good;
  bool was_done = false;
  good.work = [&](infer::Engine& engine, auto) { was_done = &engine == &engine_; };
  QueuedRequest bad;
  bad.work = [](infer::Engine&, auto) { throw std::runtime_error("no"); };
  const auto done = submit(good);
  const auto failed = submit(bad);
  EXPECT_TRUE(done->wait().empty());
  EXPECT_TRUE(was_done);
  EXPECT_THROW(failed->wait(), std::runtime_error);
  EXPECT_EQ(submit(11)->wait()[0].text, "11.");
}

TEST_F(RequestQueueTest, WaitsAMomentForOthers) {
  start(2, 100, 60'000ms);
  const auto first = submit(11);
  const auto second = submit(12);  // there is room for no more, so nothing waits a minute
  first->wait();
  second->wait();
  EXPECT_THAT(engine_.rows_per_prefill(), ElementsAre(2));
}

TEST_F(RequestQueueTest, PiecesReachTheirOwnRequest) {
  start(4);
  std::vector<std::shared_ptr<PendingReply>> replies;
  for (int32_t name = 10; name < 20; ++name) replies.push_back(submit(name));
  for (size_t i = 0; i < replies.size(); ++i) {
    std::string text;
    while (const auto piece = replies[i]->next()) text += piece->text;
    EXPECT_EQ(text, cat(i + 10, "."));
  }
}

TEST_F(RequestQueueTest, RefusesWhenFull) {
  start(1, 2);
  const auto running = submit(kHeld);
  entered_.acquire();
  submit(11);
  const auto last = submit(12);
  EXPECT_FALSE(queue_->take_place());
  gate_.release(100);
  EXPECT_EQ(last->wait()[0].text, "12.");
  EXPECT_EQ(submit(14)->wait()[0].text, "14.");
}

TEST_F(RequestQueueTest, ARefusedRequestFailsAlone) {
  engine_.set_max_positions(50);
  start(4, 100, 60'000ms);
  QueuedRequest too_long = request_of(11), too_cold = request_of(12);
  too_long.prompt.next_position = 50;
  too_cold.sampling.temperature = -1;
  const auto good = submit(10);
  const auto refused = submit(std::move(too_long));
  const auto also_refused = submit(std::move(too_cold));
  const auto also_good = submit(13);
  EXPECT_EQ(good->wait()[0].text, "10.");
  EXPECT_EQ(also_good->wait()[0].text, "13.");
  EXPECT_THROW(refused->wait(), InputError);
  EXPECT_THROW(also_refused->wait(), InputError);
}

TEST_F(RequestQueueTest, WhenAStepFailsEachIsTriedAlone) {
  start(3, 100, 60'000ms);
  const auto good = submit(10);
  const auto bad = submit(kBad);
  const auto also_good = submit(12);
  EXPECT_EQ(good->wait()[0].text, "10.");
  EXPECT_EQ(also_good->wait()[0].text, "12.");
  EXPECT_THROW(bad->wait(), std::runtime_error);
  EXPECT_THAT(engine_.rows_per_prefill(), ElementsAre(1, 1));
  EXPECT_EQ(engine_.num_open(), 0U);
}

TEST_F(RequestQueueTest, WhoseTextWasSentIsNotTriedAgain) {
  start(3);
  const auto held = submit(kHeld);
  const auto unsent = submit(11);
  entered_.acquire();
  gate_.release();
  EXPECT_EQ(held->next()->text, "1");
  entered_.acquire();  // so 11 has its prompt read, at least
  const auto bad = submit(kBad);
  const auto later = submit(13);
  gate_.release(100);
  EXPECT_THROW(held->wait(), std::runtime_error);
  EXPECT_THROW(bad->wait(), std::runtime_error);
  // What was pushed and not taken does not come twice.
  std::string text;
  while (const auto piece = unsent->next()) text += piece->text;
  EXPECT_EQ(text, "11.");
  EXPECT_EQ(later->wait()[0].text, "13.");
}

TEST_F(RequestQueueTest, ACancelledReplyEndsAtItsNextToken) {
  start(1);
  const auto held = submit(kHeld);
  entered_.acquire();
  queue_->cancel(*held);
  EXPECT_THROW(held->wait(), ClientLeft);
  EXPECT_THROW(held->next(), ClientLeft);
  const auto other = submit(12);
  gate_.release();  // for one token of the two
  EXPECT_EQ(other->wait()[0].text, "12.");
}

TEST_F(RequestQueueTest, WhoIsCancelledWhileWaitingLeavesItsPlace) {
  start(1, 2);
  const auto running = submit(kHeld);
  entered_.acquire();
  const auto gone = submit(11);
  const auto waiting = submit(12);
  EXPECT_FALSE(queue_->take_place());
  queue_->cancel(*gone);
  EXPECT_THROW(gone->wait(), ClientLeft);
  const auto next = submit(13);
  EXPECT_FALSE(queue_->take_place());
  gate_.release(100);
  EXPECT_EQ(waiting->wait()[0].text, "12.");
  EXPECT_EQ(next->wait()[0].text, "13.");
}

TEST_F(RequestQueueTest, PlacesCountAndComeBack) {
  start(1, 2);
  {
    const auto first = queue_->take_place();
    const auto second = queue_->take_place();
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(queue_->take_place());
  }
  EXPECT_EQ(submit(11)->wait()[0].text, "11.");
  auto place = queue_->take_place();
  ASSERT_TRUE(place);
  queue_->stop();
  QueuedRequest late = request_of(12);
  const auto reply = late.reply;
  queue_->submit(std::move(*place), std::move(late));
  EXPECT_THROW(reply->wait(), ApiError);
}

TEST_F(RequestQueueTest, AStopLeavesNoPartThatPassesForTheWhole) {
  start(1);
  const auto running = submit(kHeld);
  entered_.acquire();
  const auto waiting = submit(11);
  gate_.release();
  EXPECT_EQ(running->next()->text, "1");
  std::thread stopper([&] { queue_->stop(); });
  EXPECT_THROW(waiting->wait(), ApiError);  // so the stop has begun
  gate_.release(100);
  EXPECT_THROW(running->wait(), ApiError);
  stopper.join();
  EXPECT_FALSE(queue_->take_place());
  EXPECT_EQ(engine_.num_open(), 0U);
}

TEST_F(RequestQueueTest, AnIdleQueueTakesNoTime) {
  start(2);
  EXPECT_EQ(submit(11)->wait()[0].text, "11.");
  const std::clock_t before = std::clock();  // of the whole process, processor time alone
  std::this_thread::sleep_for(200ms);
  EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, 0.05);
}

}  // namespace
}  // namespace lmc::serve
