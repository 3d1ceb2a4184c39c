// Where requests of many threads meet the one thread of an engine.
//
// The engine's thread hands waiting requests to a scheduler as soon as there is room, so a request
// joins those that run at their next step, whatever their options, and each leaves as it ends.
// First come, first served.
// Threads: submit() and stop() from any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

#include "infer/scheduler.h"      // Engine, Scheduler, SamplingOptions, Tokenizer
#include "prompt/model_input.h"   // ModelInput
#include "serve/pending_reply.h"  // PendingReply

namespace lmc::serve {

struct QueuedRequest {
  prompt::ModelInput prompt;
  infer::SamplingOptions sampling;
  uint64_t stream_id = 0;
  std::shared_ptr<PendingReply> reply = std::make_shared<PendingReply>();
};

struct RequestQueueOptions {
  size_t max_batch = 16;  // that run together
  size_t max_waiting = 256;
  // How long an idle engine waits for others before it begins with the first. Who comes later joins
  // anyway; a wait puts prompts and images that come together into one pass.
  std::chrono::milliseconds gather{0};
};

class RequestQueue {
 public:
  // The engine and the tokenizer outlive the queue; nobody else uses the engine meanwhile.
  RequestQueue(infer::Engine& engine, const text::Tokenizer& tokenizer,
               std::span<const int32_t> end_ids, RequestQueueOptions options);
  ~RequestQueue();
  RequestQueue(const RequestQueue&) = delete;
  RequestQueue& operator=(const RequestQueue&) = delete;

  // False when the queue is full or stopped.
  bool submit(QueuedRequest request);

  // Fails what waits and, after its next step, what runs (ApiError 503).
  void stop();

 private:
  void serve_requests();
  bool take_waiting(std::list<QueuedRequest>& taken);
  void start(QueuedRequest request);
  std::exception_ptr step();
  void retry(std::list<QueuedRequest> failed, const std::exception_ptr& error);
  void run_alone(QueuedRequest request);
  void fail_running(const std::exception_ptr& error);
  bool is_stopping();

  const RequestQueueOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<QueuedRequest> waiting_;
  bool stopping_ = false;
  // Of the engine's thread.
  infer::Scheduler scheduler_;
  std::list<QueuedRequest> running_;
  std::thread engine_thread_;
};

}  // namespace lmc::serve
