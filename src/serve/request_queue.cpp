#include "serve/request_queue.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/check.h"       // LMC_CHECK
#include "serve/api_error.h"  // ApiError

namespace lmc::serve {

namespace {

std::exception_ptr server_stops() {
  return std::make_exception_ptr(ApiError(503, "the server is stopping"));
}

infer::SchedulerOptions scheduler_options(const RequestQueueOptions& options) {
  LMC_CHECK(options.max_batch > 0 && options.max_waiting > 0, "a queue of nothing");
  infer::SchedulerOptions scheduler;
  scheduler.max_sequences = static_cast<int64_t>(options.max_batch);
  return scheduler;
}

}  // namespace

RequestQueue::RequestQueue(infer::Engine& engine, const text::Tokenizer& tokenizer,
                           std::span<const int32_t> end_ids, RequestQueueOptions options)
    : options_(options),
      engine_(engine),
      scheduler_(engine, tokenizer, end_ids, scheduler_options(options)) {
  engine_thread_ = std::thread([this] { serve_requests(); });
}

RequestQueue::~RequestQueue() { stop(); }

std::optional<RequestQueue::Place> RequestQueue::take_place() {
  const std::lock_guard lock(mutex_);
  if (stopping_ || waiting_.size() + num_places_ >= options_.max_waiting) return std::nullopt;
  ++num_places_;
  return Place(*this);
}

void RequestQueue::give_back_place() {
  const std::lock_guard lock(mutex_);
  --num_places_;
}

void RequestQueue::submit(Place place, QueuedRequest request) {
  const std::lock_guard lock(mutex_);
  place.queue_ = nullptr;
  --num_places_;
  if (stopping_) return request.reply->fail(server_stops());
  waiting_.push_back(std::move(request));
  changed_.notify_one();
}

void RequestQueue::cancel(PendingReply& reply) {
  reply.cancel();
  std::optional<QueuedRequest> left;  // a prompt may be large: it goes when others may go on
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& request) {
    return request.reply.get() == &reply;
  });
  if (found == waiting_.end()) return;
  left = std::move(*found);
  waiting_.erase(found);
}

RequestQueue::Counts RequestQueue::counts() const {
  const std::lock_guard lock(mutex_);
  return {waiting_.size() + num_places_, num_running_};
}

void RequestQueue::stop() {
  std::deque<QueuedRequest> left;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    left.swap(waiting_);
  }
  changed_.notify_one();
  for (QueuedRequest& request : left) request.reply->fail(server_stops());
  if (engine_thread_.joinable()) engine_thread_.join();
}

bool RequestQueue::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void RequestQueue::serve_requests() {
  std::list<QueuedRequest> taken;
  while (take_waiting(taken)) {
    for (QueuedRequest& request : taken) {
      if (request.on_start) request.on_start();
      start(std::move(request));
    }
    taken.clear();
    if (const std::exception_ptr error = step()) retry(std::exchange(running_, {}), error);
  }
  fail_running(server_stops());  // a part must not pass for the whole
}

// What there is room for. Waits while there is nothing to do. False: the queue was stopped.
bool RequestQueue::take_waiting(std::list<QueuedRequest>& taken) {
  std::unique_lock lock(mutex_);
  num_running_ = running_.size();
  if (running_.empty()) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    changed_.wait_for(lock, options_.gather,
                      [this] { return stopping_ || waiting_.size() >= options_.max_batch; });
  }
  if (stopping_) return false;
  while (!waiting_.empty() && running_.size() + taken.size() < options_.max_batch) {
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  num_running_ = running_.size() + taken.size();
  return true;
}

// A request that the scheduler refuses fails alone.
void RequestQueue::start(QueuedRequest request) {
  if (request.reply->is_cancelled()) return;
  const Running running = running_.insert(running_.end(), std::move(request));
  try {
    if (running->work) {
      do_work(running);
    } else if (running->continuations.empty()) {
      submit_generation(running);
    } else {
      submit_scoring(running);
    }
  } catch (...) {
    running->reply->fail(std::current_exception());
    running_.erase(running);
  }
}

void RequestQueue::submit_generation(Running running) {
  infer::GenerateRequest wanted;
  wanted.prompt = running->prompt;
  wanted.sampling = running->sampling;
  wanted.stream_ids = running->stream_ids;
  wanted.on_text = [reply = running->reply](size_t index, std::string_view piece) {
    return reply->push(index, piece);
  };
  wanted.on_replies = [this, running](std::vector<infer::Reply> replies) {
    finish(running, std::move(replies));
  };
  scheduler_.submit(std::move(wanted));
}

// The longest goes first: a scheduler that takes it takes them all, so that none is left behind by
// one that is refused.
void RequestQueue::submit_scoring(Running running) {
  struct Scores {
    std::vector<infer::Score> made;
    size_t num_missing = 0;
  };
  const size_t count = running->continuations.size();
  const auto scores = std::make_shared<Scores>(Scores{std::vector<infer::Score>(count), count});
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t one, size_t other) {
    return running->continuations[one].size() > running->continuations[other].size();
  });
  for (const size_t i : order) {
    infer::ScoreRequest wanted;
    wanted.prompt = running->prompt;
    wanted.continuation = running->continuations[i];
    wanted.on_score = [this, running, scores, i](infer::Score score) {
      scores->made[i] = std::move(score);
      if (--scores->num_missing > 0) return;
      std::vector<infer::Reply> replies = running->take_scores(std::move(scores->made));
      for (size_t k = 0; k < replies.size(); ++k) running->reply->push(k, replies[k].text);
      finish(running, std::move(replies));
    };
    scheduler_.submit(std::move(wanted));
  }
}

void RequestQueue::do_work(Running running) {
  running->work(engine_, scheduler_.features_of(running->prompt));
  finish(running, {});
}

void RequestQueue::finish(Running running, std::vector<infer::Reply> replies) {
  running->reply->finish(std::move(replies));
  running_.erase(running);
}

// What went wrong; null: nothing did. After an error the scheduler is empty.
std::exception_ptr RequestQueue::step() {
  if (running_.empty()) return nullptr;
  try {
    LMC_CHECK(scheduler_.step(), running_.size(), " requests run, and none had anything to do");
    return nullptr;
  } catch (...) {
    scheduler_.abandon();
    return std::current_exception();
  }
}

// One row may be at fault, or their sum too large: each gets its own chance, unless it was alone
// or its client has already seen a part.
void RequestQueue::retry(std::list<QueuedRequest> failed, const std::exception_ptr& error) {
  const bool was_alone = failed.size() == 1;
  failed.remove_if([&](const QueuedRequest& request) {
    if (!was_alone && request.reply->take_back()) return false;
    request.reply->fail(error);
    return true;
  });
  for (QueuedRequest& request : failed) run_alone(std::move(request));
}

void RequestQueue::run_alone(QueuedRequest request) {
  start(std::move(request));
  while (!running_.empty()) {
    const std::exception_ptr error = is_stopping() ? server_stops() : step();
    if (error) fail_running(error);
  }
}

void RequestQueue::fail_running(const std::exception_ptr& error) {
  scheduler_.abandon();
  for (QueuedRequest& request : running_) request.reply->fail(error);
  running_.clear();
}

}  // namespace lmc::serve
