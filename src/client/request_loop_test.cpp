#include "client/request_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/check.h"                // InputError
#include "client/chat_request.h"       // request_text
#include "client/scripted_endpoint.h"  // ScriptedEndpoint

namespace lmc::client {
namespace {

using testing::HasSubstr;

// Tasks that ask `requests` times each, one after the other, and write down what came of them.
class Counting : public RequestWork {
 public:
  Counting(size_t size, int requests) : size_(size), requests_(requests) {}

  size_t size() const override { return size_; }
  std::unique_ptr<RequestTask> begin(size_t index) override {
    return std::make_unique<Task>(static_cast<int>(index), *this);
  }
  void sync() override { ++syncs; }

  std::map<int, std::string> finished;  // last text or refusal of each
  int syncs = 0;
  int unreadable = -1;       // the task whose image is
  bool keeps_begun = false;  // also tasks that had a reply, but not all

 private:
  class Task : public RequestTask {
   public:
    Task(int number, Counting& work) : number_(number), work_(work) {}

    std::string next_request(bool) const override {
      if (number_ == work_.unreadable) throw InputError("picture.png", "cannot be read");
      return request_text({"", cat("This is number ", number_, ".")}, "", {});
    }
    bool take(const Completion& reply) override {
      outcome_ = reply.text;
      return ++taken_ == work_.requests_;
    }
    void refuse(Refusal refusal, const std::string&) override { outcome_ = refusal_word(refusal); }
    bool is_worth_keeping() const override { return work_.keeps_begun && taken_ > 0; }
    void finish() override {
      EXPECT_TRUE(work_.finished.emplace(number_, outcome_).second) << "finished twice";
    }

   private:
    int number_;
    Counting& work_;
    int taken_ = 0;
    std::string outcome_;
  };

  size_t size_;
  int requests_;
};

class RequestLoopTest : public testing::Test {
 protected:
  LoopResult run(RequestWork& work, const ScriptedEndpoint& server, Spending spending) {
    options_.endpoint.endpoint = {server.endpoint()};
    options_.endpoint.retry_wait = 0.01;
    options_.endpoint.timeout = 5;
    options_.unit = "tasks";
    options_.source = "tasks.jsonl";
    options_.on_stop = "what came is kept";
    Progress progress(progress_, "test", static_cast<int64_t>(work.size()), "tasks");
    LoopResult result;
    RequestLoop(options_, endpoints(options_.endpoint), work, spending, progress).run(result);
    return result;
  }
  LoopResult run(RequestWork& work, const ScriptedEndpoint& server) {
    return run(work, server, Spending({}, 0, 0, 0));
  }

  LoopOptions options_;
  std::ostringstream progress_;
};

TEST_F(RequestLoopTest, EveryTaskAsksInTurnAndIsFinishedOnce) {
  ScriptedEndpoint server(
      [](int number, int time, const Json&) { return completion(cat(number, " ", time)); });
  options_.endpoint.concurrency = 4;
  Counting work(20, 3);
  const LoopResult result = run(work, server);
  EXPECT_EQ(result.replies, 60);
  EXPECT_EQ(result.failed, 0);
  ASSERT_EQ(work.finished.size(), 20U);
  for (const auto& [number, text] : work.finished) EXPECT_EQ(text, cat(number, " 2"));
  EXPECT_LE(server.most_at_once(), 4);
  EXPECT_EQ(work.syncs, 1);
}

TEST_F(RequestLoopTest, WhatFailsIsTriedAgainAndAtLastLeft) {
  ScriptedEndpoint server([](int number, int time, const Json&) {
    if (number == 2) return error_status(503);
    return number == 1 && time < 2 ? error_status(503) : completion("good");
  });
  options_.endpoint.retries = 3;
  Counting work(5, 1);
  const LoopResult result = run(work, server);
  EXPECT_EQ(result.failed, 1);
  EXPECT_THAT(result.last_failure, HasSubstr("HTTP 503"));
  EXPECT_EQ(work.finished.size(), 4U);
  EXPECT_EQ(work.finished.at(1), "good");
  EXPECT_EQ(server.times_asked()[2], 4);
}

TEST_F(RequestLoopTest, ALimitEndsTheRunAndKeepsWhatIsWorthIt) {
  ScriptedEndpoint server([](int, int, const Json&) { return completion("good"); });
  options_.endpoint.concurrency = 1;
  Counting kept(10, 2);
  kept.keeps_begun = true;
  const LoopResult result = run(kept, server, Spending({}, 0, 3, 0));
  EXPECT_THAT(result.stopped_by, HasSubstr("--max-requests 3"));
  EXPECT_EQ(server.num_requests(), 3);
  EXPECT_EQ(kept.syncs, 1);
  // The three replies were those of two tasks, or of three.
  EXPECT_GE(kept.finished.size(), 2U);
  EXPECT_LE(kept.finished.size(), 3U);
  Counting left(10, 2);
  EXPECT_THAT(run(left, server, Spending({}, 0, 3, 0)).stopped_by, HasSubstr("is reached"));
  EXPECT_LE(left.finished.size(), 1U);
}

TEST_F(RequestLoopTest, WhatCannotBeAskedIsRefusedByItsWord) {
  ScriptedEndpoint server([](int number, int, const Json&) {
    return number == 4 ? error_status(400) : completion("good");
  });
  options_.endpoint.concurrency = 1;  // others are answered before
  Counting work(6, 1);
  work.unreadable = 2;
  const LoopResult result = run(work, server);
  EXPECT_EQ(result.failed, 0);
  EXPECT_EQ(work.finished.at(2), "unreadable-picture");
  EXPECT_EQ(work.finished.at(4), "bad-request");
  EXPECT_EQ(work.finished.size(), 6U);
  EXPECT_EQ(server.num_requests(), 5);
}

TEST_F(RequestLoopTest, AnEndpointThatRefusesAllEndsTheRun) {
  ScriptedEndpoint server([](int, int, const Json&) { return error_status(401); });
  Counting work(3, 1);
  EXPECT_THAT([&] { run(work, server); },
              testing::ThrowsMessage<InputError>(testing::AllOf(HasSubstr("refuses every request"),
                                                                HasSubstr("what came is kept"))));
  EXPECT_TRUE(work.finished.empty());
  EXPECT_EQ(work.syncs, 1);
}

}  // namespace
}  // namespace lmc::client
