// Where requests of many threads meet the one thread of an engine.
//
// The engine's thread hands waiting requests to a scheduler as soon as there is room, so a request
// joins those that run at their next step, whatever their options, and each leaves as it ends.
// First come, first served. A place is taken before a request is made ready, so that images are
// decoded for no more requests than may wait.
// Threads: all but the constructor and the destructor from any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "infer/scheduler.h"      // Engine, Scheduler, SamplingOptions, Tokenizer
#include "prompt/model_input.h"   // ModelInput
#include "serve/pending_reply.h"  // PendingReply

namespace lmc::serve {

struct QueuedRequest {
  prompt::ModelInput prompt;
  infer::SamplingOptions sampling;
  std::vector<uint64_t> stream_ids = {0};  // of the replies, one each
  std::shared_ptr<PendingReply> reply = std::make_shared<PendingReply>();
  // When there are some, nothing is generated: it is asked how likely these texts are behind the
  // prompt, and `take_scores` makes of that what the replies are. The engine's thread calls it.
  std::vector<std::vector<int32_t>> continuations = {};
  std::function<std::vector<infer::Reply>(std::vector<infer::Score>)> take_scores = {};
  // When set, this alone is done, with the engine to itself: whatever else runs waits for its end.
  // It is given what the engine made of the prompt's images.
  std::function<void(infer::Engine&, std::span<const infer::SharedFeatures>)> work = {};
  std::function<void()> on_start = {};  // by the engine's thread; may be empty
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

  // A place among those that wait, which is given back unless it goes to submit().
  class Place {
   public:
    Place(Place&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (queue_ != nullptr) queue_->give_back_place();
    }

   private:
    friend RequestQueue;
    explicit Place(RequestQueue& queue) : queue_(&queue) {}
    RequestQueue* queue_;
  };

  // Nothing when the queue is full or stopped.
  std::optional<Place> take_place();

  // A queue that was stopped meanwhile fails the request (ApiError 503).
  void submit(Place place, QueuedRequest request);

  // Cancels the reply. A request that waits leaves the queue, one that runs ends at its next token.
  void cancel(PendingReply& reply);

  struct Counts {
    size_t num_waiting = 0;  // those that are made ready among them
    size_t num_running = 0;
  };
  Counts counts() const;

  // Fails what waits and, after its next step, what runs (ApiError 503).
  void stop();

 private:
  void give_back_place();
  void serve_requests();
  bool take_waiting(std::list<QueuedRequest>& taken);
  using Running = std::list<QueuedRequest>::iterator;
  void start(QueuedRequest request);
  void submit_generation(Running running);
  void submit_scoring(Running running);
  void do_work(Running running);
  void finish(Running running, std::vector<infer::Reply> replies);
  std::exception_ptr step();
  void retry(std::list<QueuedRequest> failed, const std::exception_ptr& error);
  void run_alone(QueuedRequest request);
  void fail_running(const std::exception_ptr& error);
  bool is_stopping();

  const RequestQueueOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<QueuedRequest> waiting_;
  size_t num_places_ = 0;  // taken, and not yet submitted
  size_t num_running_ = 0;
  bool stopping_ = false;
  // Of the engine's thread.
  infer::Engine& engine_;
  infer::Scheduler scheduler_;
  std::list<QueuedRequest> running_;
  std::thread engine_thread_;
};

}  // namespace lmc::serve
