// Waiting requests, taken by one engine in batches.
//
// The engine's thread takes the oldest request and, with it, up to `max_batch` - 1 others that wait
// with the same sampling options, and decodes them together: on a small model a batch costs little
// more than one. Before it starts it waits a moment for others to come, because clients that got
// their replies together ask again together. First come, first served, except that a request may
// ride along with an older one.
// Threads: submit() from many threads at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "infer/generate.h"       // SamplingOptions, Reply, OnText
#include "prompt/model_input.h"   // ModelInput
#include "serve/pending_reply.h"  // PendingReply

namespace lmc::serve {

struct BatchJob {
  prompt::ModelInput input;
  infer::SamplingOptions sampling;
  uint64_t stream_id = 0;
  std::shared_ptr<PendingReply> reply = std::make_shared<PendingReply>();
};

// infer::generate with its engine, or a stand-in. Called on one thread.
using GenerateBatch = std::function<std::vector<infer::Reply>(
    std::span<const prompt::ModelInput>, const infer::SamplingOptions&, std::span<const uint64_t>,
    const infer::OnText&)>;

struct BatchQueueOptions {
  size_t max_batch = 16;
  size_t max_waiting = 256;
  std::chrono::milliseconds gather{10};
};

class BatchQueue {
 public:
  BatchQueue(BatchQueueOptions options, GenerateBatch generate);
  ~BatchQueue();
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  // False when the queue is full or stopped.
  bool submit(BatchJob job);

  // Ends what is decoded at its next token and fails what waits (ApiError 503).
  void stop();

 private:
  void serve_batches();
  std::vector<BatchJob> take_batch();
  void run(std::span<BatchJob> batch);

  const BatchQueueOptions options_;
  const GenerateBatch generate_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<BatchJob> waiting_;
  bool stopping_ = false;
  std::thread engine_thread_;
};

}  // namespace lmc::serve
