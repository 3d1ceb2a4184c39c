// The loop of `teach`: keeps the endpoints busy until every question is finished.
//
// A question moves: to do -> its request is made ready -> in flight -> (waiting for a retry, or for
// its next sample -> made ready again)* -> ledger, or failed.
// Threads: this one holds all requests in flight; a few others read, shrink and encode pictures
// ahead of it, so that no reply waits for a picture.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/progress.h"       // Progress
#include "base/random.h"         // Random
#include "base/worker_pool.h"    // WorkerPool
#include "net/http_client.h"     // HttpClient
#include "teacher/acceptance.h"  // TeacherReply
#include "teacher/endpoint.h"    // Endpoint
#include "teacher/inquiry.h"     // Inquiry
#include "teacher/ledger.h"      // Ledger
#include "teacher/picture.h"     // PictureSource
#include "teacher/spending.h"    // Spending
#include "teacher/teach.h"       // TeachOptions, TeachResult
#include "teacher/work_list.h"   // WorkList

namespace lmc::teacher {

class TeachRun {
 public:
  // All must outlive the run.
  TeachRun(const TeachOptions& options, WorkList& work, std::vector<Endpoint> endpoints,
           Ledger& ledger, const PictureSource& pictures, Spending& spending, Progress& progress);

  // Adds to `result`.
  // Errors: InputError when every endpoint refuses or fails everything; Interrupted. A limit of
  // `spending` ends the run early, without an error.
  void run(TeachResult& result);

 private:
  using Clock = std::chrono::steady_clock;

  struct Task {
    Inquiry inquiry;
    int64_t retry = 0;      // how many exchanges of the present request failed
    int64_t redirects = 0;  // how often it was sent elsewhere
  };
  using TaskPtr = std::shared_ptr<Task>;

  // A request that was made ready, or why it could not be.
  struct Ready {
    TaskPtr task;
    std::string body;
    std::string problem;
  };

  bool is_finished();
  bool may_ask() const;
  void wake_waiting();
  void make_ready();
  void make_ready(TaskPtr task);
  void send_ready();
  void send(Ready ready, Endpoint& endpoint);
  Endpoint* freest_endpoint();
  std::chrono::milliseconds time_to_wait() const;
  int64_t num_in_flight() const;
  int64_t window() const;  // of all open endpoints

  void on_reply(const TaskPtr& task, Endpoint& endpoint, const EndpointUrl& asked,
                const net::HttpReply& reply);
  void on_redirect(const TaskPtr& task, Endpoint& endpoint, const EndpointUrl& asked,
                   const net::HttpReply& reply);
  void on_completion(const TaskPtr& task, Endpoint& endpoint, const TeacherReply& reply);
  void on_refused(const TaskPtr& task, Endpoint& endpoint, const std::string& problem);
  void retry_later(const TaskPtr& task, double retry_after_s, const std::string& problem);
  void close(const TaskPtr& task, Endpoint& endpoint, const std::string& problem);
  void finish(const Inquiry& inquiry);
  void fail(const std::string& problem);
  void drain();

  const TeachOptions& options_;
  WorkList& work_;
  std::vector<Endpoint> endpoints_;
  Ledger& ledger_;
  const PictureSource& pictures_;
  Spending& spending_;
  Progress& progress_;
  Random random_;
  size_t max_reply_bytes_;
  TeachResult* result_ = nullptr;

  std::atomic<bool> sends_format_{true};               // until an endpoint refuses response_format
  size_t next_task_ = 0;                               // of the work list
  std::deque<TaskPtr> pending_;                        // begun, and to be made ready again
  std::multimap<Clock::time_point, TaskPtr> waiting_;  // by the time they may go
  int64_t failures_in_a_row_ = 0;  // questions failed since an endpoint last answered one
  int64_t unreadable_in_a_row_ = 0;
  std::string stop_reason_;  // not empty: no endpoint is of use, or no picture

  std::mutex mutex_;  // guards what the other threads touch
  std::deque<Ready> ready_;
  int64_t being_made_ready_ = 0;
  net::HttpClient client_;  // its callbacks use what stands above
  WorkerPool workers_;      // last: ends first
};

}  // namespace lmc::teacher
