#include "serve/batch_queue.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/check.h"       // LMC_CHECK
#include "serve/api_error.h"  // ApiError

namespace lmc::serve {

namespace {

bool same_sampling(const infer::SamplingOptions& a, const infer::SamplingOptions& b) {
  return a.max_new_tokens == b.max_new_tokens && a.temperature == b.temperature &&
         a.top_k == b.top_k && a.top_p == b.top_p && a.min_p == b.min_p &&
         a.repetition_penalty == b.repetition_penalty && a.presence_penalty == b.presence_penalty &&
         a.stop == b.stop && a.seed == b.seed && a.top_log_probs == b.top_log_probs;
}

std::exception_ptr server_stops() {
  return std::make_exception_ptr(ApiError(503, "the server is stopping"));
}

}  // namespace

BatchQueue::BatchQueue(BatchQueueOptions options, GenerateBatch generate)
    : options_(options), generate_(std::move(generate)) {
  LMC_CHECK(options_.max_batch > 0 && options_.max_waiting > 0, "a queue of nothing");
  engine_thread_ = std::thread([this] { serve_batches(); });
}

BatchQueue::~BatchQueue() { stop(); }

bool BatchQueue::submit(BatchJob job) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || waiting_.size() >= options_.max_waiting) return false;
  waiting_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

void BatchQueue::stop() {
  std::deque<BatchJob> left;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    left.swap(waiting_);
  }
  changed_.notify_one();
  for (BatchJob& job : left) job.reply->fail(server_stops());
  if (engine_thread_.joinable()) engine_thread_.join();
}

void BatchQueue::serve_batches() {
  for (;;) {
    std::vector<BatchJob> batch = take_batch();
    if (batch.empty()) return;
    run(batch);
  }
}

std::vector<BatchJob> BatchQueue::take_batch() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  changed_.wait_for(lock, options_.gather,
                    [this] { return stopping_ || waiting_.size() >= options_.max_batch; });
  std::vector<BatchJob> batch;
  std::deque<BatchJob> others;
  for (BatchJob& job : waiting_) {
    const bool rides_along = batch.empty() || (batch.size() < options_.max_batch &&
                                               same_sampling(job.sampling, batch.front().sampling));
    if (rides_along) {
      batch.push_back(std::move(job));
    } else {
      others.push_back(std::move(job));
    }
  }
  waiting_.swap(others);
  return batch;
}

void BatchQueue::run(std::span<BatchJob> batch) {
  std::vector<prompt::ModelInput> inputs;
  std::vector<uint64_t> stream_ids;
  for (const BatchJob& job : batch) {
    inputs.push_back(job.input);
    stream_ids.push_back(job.stream_id);
  }
  std::vector<bool> was_cut(batch.size(), false);
  const auto on_text = [&](int64_t row, std::string_view piece) {
    const auto r = static_cast<size_t>(row);
    const bool wanted = batch[r].reply->push(piece);
    const std::lock_guard lock(mutex_);
    if (stopping_) was_cut[r] = true;
    return wanted && !stopping_;
  };
  try {
    std::vector<infer::Reply> replies =
        generate_(inputs, batch.front().sampling, stream_ids, on_text);
    LMC_CHECK(replies.size() == batch.size(), replies.size(), " replies to ", batch.size());
    for (size_t i = 0; i < batch.size(); ++i) {
      if (was_cut[i]) {  // a part must not pass for the whole
        batch[i].reply->fail(server_stops());
      } else {
        batch[i].reply->finish(std::move(replies[i]));
      }
    }
  } catch (...) {
    // One row may be at fault, or their sum too large: each gets its own chance, unless its client
    // has already seen a part.
    for (BatchJob& job : batch) {
      if (batch.size() > 1 && !job.reply->has_text()) {
        run({&job, 1});
      } else {
        job.reply->fail(std::current_exception());
      }
    }
  }
}

}  // namespace lmc::serve
