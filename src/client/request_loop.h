// Keeps endpoints busy until every task is finished.
//
// A task moves: to do -> its request is made ready -> in flight -> (waiting for a retry, or for its
// next request -> made ready again)* -> finished, or failed.
// Threads: the caller's holds all requests in flight; a few others make requests ready ahead of it,
// so that no reply waits for an image.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/progress.h"            // Progress
#include "base/random.h"              // Random
#include "base/worker_pool.h"         // WorkerPool
#include "client/endpoint_options.h"  // EndpointOptions
#include "client/endpoint_pool.h"     // EndpointPool
#include "client/request_task.h"      // RequestTask, RequestWork
#include "client/spending.h"          // Spending
#include "net/http_client.h"          // HttpClient

namespace lmc::client {

struct LoopOptions {
  EndpointOptions endpoint;  // where, and how often it is tried
  size_t max_reply_bytes = size_t{1} << 20;
  bool has_format = false;  // the requests have a response_format, and could do without
  uint64_t seed = 0;        // of the waits before retries
  std::string unit;         // what a task is: "questions"
  std::string source;       // the file that names the images, for errors
  std::string on_stop;      // what is kept of a run that stops, and how it goes on
};

struct LoopResult {
  int64_t replies = 0;  // that could be read
  int64_t failed = 0;   // no reply came from the endpoint: of tasks, and of a batch's requests
  std::string last_failure;
  std::vector<std::string> notes;  // an endpoint that is not used any more, and the like
  std::string stopped_by;          // the limit that ended the run early; empty: none
};

class RequestLoop {
 public:
  // All but the endpoints must outlive the loop.
  RequestLoop(const LoopOptions& options, std::vector<Endpoint> endpoints, RequestWork& work,
              Spending& spending, Progress& progress);

  // Adds to `result`.
  // Errors: InputError when every endpoint refuses or fails everything; PassingError of a task;
  // Interrupted. A limit of `spending` ends the run early, without an error.
  void run(LoopResult& result);

 private:
  using Clock = std::chrono::steady_clock;

  struct Task {
    std::unique_ptr<RequestTask> asks;
    int64_t retry = 0;      // how many exchanges of the present request failed
    int64_t redirects = 0;  // how often it was sent elsewhere
  };
  using TaskPtr = std::shared_ptr<Task>;

  // A request that was made ready, or why it could not be.
  struct Ready {
    TaskPtr task;
    std::string body;
    std::string problem;
    std::exception_ptr failure;  // any but an InputError: the run ends
  };

  void ask_all();
  bool is_finished();
  bool may_ask() const;
  void wake_waiting();
  void make_ready();
  void make_ready(TaskPtr task);
  void send_ready();
  void send(Ready ready, Endpoint& endpoint);
  std::chrono::milliseconds time_to_wait() const;
  int64_t num_in_flight() const { return static_cast<int64_t>(client_.num_in_flight()); }

  void on_reply(const TaskPtr& task, Endpoint& endpoint, const EndpointUrl& asked,
                const net::HttpReply& reply);
  void on_redirect(const TaskPtr& task, Endpoint& endpoint, const EndpointUrl& asked,
                   const net::HttpReply& reply);
  void on_completion(const TaskPtr& task, Endpoint& endpoint, const Completion& reply);
  void on_refused(const TaskPtr& task, Endpoint& endpoint, const std::string& problem);
  void retry_later(const TaskPtr& task, double retry_after_s, const std::string& problem);
  void close(const TaskPtr& task, Endpoint& endpoint, const std::string& problem);
  void refuse(RequestTask& task, Refusal refusal, const std::string& words);
  void finish(RequestTask& task);
  void fail(const std::string& problem);
  void drain();

  const LoopOptions& options_;
  RequestWork& work_;
  EndpointPool endpoints_;
  Spending& spending_;
  Progress& progress_;
  Random random_;
  LoopResult* result_ = nullptr;

  std::atomic<bool> sends_format_{true};               // until an endpoint refuses response_format
  size_t next_task_ = 0;                               // of the work
  std::deque<TaskPtr> pending_;                        // begun, and to be made ready again
  std::multimap<Clock::time_point, TaskPtr> waiting_;  // by the time they may go
  int64_t failures_in_a_row_ = 0;  // tasks failed since an endpoint last answered one
  int64_t unreadable_in_a_row_ = 0;
  std::string stop_reason_;  // not empty: no endpoint is of use, or no image

  std::mutex mutex_;  // guards what the other threads touch
  std::deque<Ready> ready_;
  int64_t being_made_ready_ = 0;
  net::HttpClient client_;  // its callbacks use what stands above
  WorkerPool workers_;      // last: ends first
};

}  // namespace lmc::client
