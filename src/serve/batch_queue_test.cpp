#include "serve/batch_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <semaphore>
#include <stdexcept>

#include "base/check.h"  // cat
#include "serve/api_error.h"

namespace lmc::serve {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// Replies "<first id>:<stream>" in two pieces; notes the ids of every batch; may be held at a gate.
struct FakeModel {
  std::mutex mutex;
  std::vector<std::vector<int32_t>> batches;
  std::counting_semaphore<> entered{0};
  std::counting_semaphore<> gate{0};
  bool gated = false;

  std::vector<infer::Reply> generate(std::span<const prompt::ModelInput> inputs,
                                     const infer::SamplingOptions&,
                                     std::span<const uint64_t> stream_ids,
                                     const infer::OnText& on_text) {
    std::vector<int32_t> ids;
    for (const auto& input : inputs) ids.push_back(input.ids.at(0));
    {
      const std::lock_guard lock(mutex);
      batches.push_back(ids);
    }
    if (gated) {
      entered.release();
      gate.acquire();
    }
    for (const int32_t id : ids) {
      if (id < 0) throw std::runtime_error("bad row");
    }
    std::vector<infer::Reply> replies(inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      for (const std::string& piece : {cat(ids[i]), cat(":", stream_ids[i])}) {
        replies[i].text += piece;
        if (!on_text(static_cast<int64_t>(i), piece)) break;
      }
    }
    return replies;
  }

  GenerateBatch as_function() {
    return [this](auto inputs, const auto& sampling, auto streams, const auto& on_text) {
      return generate(inputs, sampling, streams, on_text);
    };
  }
};

BatchJob job_of(int32_t id, double temperature = 0) {
  BatchJob job;
  job.input.ids = {id};
  job.sampling.temperature = temperature;
  job.stream_id = static_cast<uint64_t>(id + 100);
  return job;
}

std::shared_ptr<PendingReply> submit(BatchQueue& queue, BatchJob job) {
  const auto reply = job.reply;
  EXPECT_TRUE(queue.submit(std::move(job)));
  return reply;
}

TEST(BatchQueue, TakesWaitingRequestsOfOneKindTogether) {
  FakeModel model;
  model.gated = true;
  BatchQueue queue({3, 100, 0ms}, model.as_function());
  std::vector<std::shared_ptr<PendingReply>> replies{submit(queue, job_of(0))};
  model.entered.acquire();  // the engine is busy with 0; all others wait
  const double hot = 1;
  replies.push_back(submit(queue, job_of(1)));
  replies.push_back(submit(queue, job_of(2, hot)));
  for (const int32_t id : {3, 4, 5}) replies.push_back(submit(queue, job_of(id)));
  replies.push_back(submit(queue, job_of(6, hot)));
  model.gate.release(100);
  for (size_t i = 0; i < replies.size(); ++i) {
    EXPECT_EQ(replies[i]->wait().text, cat(i, ":", i + 100));  // each gets its own row
  }
  EXPECT_THAT(model.batches,
              ElementsAre(ElementsAre(0), ElementsAre(1, 3, 4), ElementsAre(2, 6), ElementsAre(5)));
}

TEST(BatchQueue, WaitsAMomentForOthers) {
  FakeModel model;
  BatchQueue queue({2, 100, 60'000ms}, model.as_function());
  const auto first = submit(queue, job_of(1));
  const auto second = submit(queue, job_of(2));  // fills the batch, so nothing waits a minute
  first->wait();
  second->wait();
  EXPECT_THAT(model.batches, ElementsAre(ElementsAre(1, 2)));
}

TEST(BatchQueue, PiecesReachTheirOwnRequest) {
  FakeModel model;
  BatchQueue queue({4, 100, 5ms}, model.as_function());
  std::vector<std::shared_ptr<PendingReply>> replies;
  for (int32_t id = 0; id < 10; ++id) replies.push_back(submit(queue, job_of(id)));
  for (size_t id = 0; id < replies.size(); ++id) {
    std::string text;
    while (const auto piece = replies[id]->next()) text += *piece;
    EXPECT_EQ(text, cat(id, ":", id + 100));
  }
}

TEST(BatchQueue, RefusesWhenFull) {
  FakeModel model;
  model.gated = true;
  BatchQueue queue({1, 2, 0ms}, model.as_function());
  const auto running = submit(queue, job_of(0));
  model.entered.acquire();
  const auto second = submit(queue, job_of(1));
  const auto third = submit(queue, job_of(2));
  EXPECT_FALSE(queue.submit(job_of(3)));
  model.gate.release(100);
  EXPECT_EQ(third->wait().text, "2:102");
  EXPECT_TRUE(queue.submit(job_of(4)));
}

TEST(BatchQueue, ABadRowFailsAlone) {
  FakeModel model;
  BatchQueue queue({3, 100, 60'000ms}, model.as_function());
  const auto good = submit(queue, job_of(1));
  const auto bad = submit(queue, job_of(-1));
  const auto also_good = submit(queue, job_of(2));
  EXPECT_EQ(good->wait().text, "1:101");
  EXPECT_EQ(also_good->wait().text, "2:102");
  EXPECT_THROW(bad->wait(), std::runtime_error);
}

TEST(BatchQueue, ACancelledRowEndsEarly) {
  FakeModel model;
  BatchQueue queue({2, 100, 60'000ms}, model.as_function());
  BatchJob job = job_of(1);
  job.reply->cancel();
  const auto cancelled = submit(queue, std::move(job));
  const auto other = submit(queue, job_of(2));
  EXPECT_EQ(cancelled->wait().text, "1");
  EXPECT_EQ(other->wait().text, "2:102");
}

TEST(BatchQueue, AStopLeavesNoPartThatPassesForTheWhole) {
  FakeModel model;
  model.gated = true;
  BatchQueue queue({1, 100, 0ms}, model.as_function());
  const auto running = submit(queue, job_of(0));
  model.entered.acquire();
  const auto waiting = submit(queue, job_of(1));
  std::thread stopper([&] { queue.stop(); });
  EXPECT_THROW(waiting->wait(), ApiError);  // so the stop has begun
  model.gate.release(100);
  EXPECT_THROW(running->wait(), ApiError);
  stopper.join();
  EXPECT_FALSE(queue.submit(job_of(2)));
}

}  // namespace
}  // namespace lmc::serve
