#include "client/request_loop.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "base/check.h"             // InputError, Interrupted
#include "base/interrupt.h"         // interrupt_requested
#include "base/passing_error.h"     // PassingError
#include "client/endpoint_words.h"  // without_secrets
#include "client/redirect.h"        // redirect_of
#include "client/retry.h"           // next_step, retry_delay_s

namespace lmc::client {

std::string_view refusal_word(Refusal refusal) {
  switch (refusal) {
    case Refusal::kUnreadableImage:
      return "unreadable-picture";
    case Refusal::kBadRequest:
      return "bad-request";
    case Refusal::kTooLarge:
      return "too-large";
  }
  return "";
}

namespace {

using std::chrono::milliseconds;

// How often a stop is looked for.
constexpr milliseconds kTurn{100};
// How long a stop waits for replies that are being paid for already.
constexpr std::chrono::seconds kDrain{10};
// Requests made ready beyond what may be sent at once: enough to answer a burst of replies.
constexpr int64_t kAhead = 16;

// So many images in a row that cannot be read are no faulty files: the folder is gone.
constexpr int64_t kPatienceWithImages = 25;

milliseconds milliseconds_of(double seconds) {
  return milliseconds(static_cast<int64_t>(std::ceil(seconds * 1000)));
}

unsigned num_workers() { return std::clamp(std::thread::hardware_concurrency(), 1U, 8U); }

}  // namespace

RequestLoop::RequestLoop(const LoopOptions& options, std::vector<Endpoint> endpoints,
                         RequestWork& work, Spending& spending, Progress& progress)
    : options_(options),
      work_(work),
      endpoints_(std::move(endpoints)),
      spending_(spending),
      progress_(progress),
      random_(Random::named(options.seed, "teach retries")),
      client_({std::chrono::seconds(10), options.endpoint.ca_file}),
      workers_(num_workers()) {}

void RequestLoop::run(LoopResult& result) {
  result_ = &result;
  try {
    ask_all();
  } catch (const PassingError&) {
    drain();
    throw;
  }
}

void RequestLoop::ask_all() {
  while (!is_finished()) {
    if (interrupt_requested()) {
      drain();
      throw Interrupted(options_.on_stop);
    }
    if (!may_ask() && num_in_flight() == 0) {
      drain();
      result_->stopped_by = spending_.limit_reached(0);
      return;
    }
    wake_waiting();
    make_ready();
    send_ready();
    client_.wait(time_to_wait());
    if (!stop_reason_.empty()) {
      drain();
      throw InputError(unreadable_in_a_row_ > 0 ? options_.source : endpoints_.first_shown(),
                       stop_reason_, options_.on_stop);
    }
  }
  work_.sync();
}

bool RequestLoop::is_finished() {
  const std::lock_guard lock(mutex_);
  return next_task_ == work_.size() && pending_.empty() && waiting_.empty() && ready_.empty() &&
         being_made_ready_ == 0 && num_in_flight() == 0;
}

bool RequestLoop::may_ask() const { return spending_.limit_reached(num_in_flight()).empty(); }

void RequestLoop::wake_waiting() {
  const auto now = Clock::now();
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    pending_.push_back(std::move(waiting_.begin()->second));
    waiting_.erase(waiting_.begin());
  }
}

// Until as many are ready, or becoming so, as may be sent now, and some more.
void RequestLoop::make_ready() {
  int64_t room = kAhead + endpoints_.room(Clock::now());
  {
    const std::lock_guard lock(mutex_);
    room -= static_cast<int64_t>(ready_.size()) + being_made_ready_;
  }
  for (; room > 0; --room) {
    if (!pending_.empty()) {
      make_ready(std::move(pending_.front()));
      pending_.pop_front();
    } else if (next_task_ < work_.size()) {
      make_ready(std::make_shared<Task>(Task{work_.begin(next_task_++)}));
    } else {
      return;
    }
  }
}

void RequestLoop::make_ready(TaskPtr task) {
  {
    const std::lock_guard lock(mutex_);
    ++being_made_ready_;
  }
  workers_.submit([this, task = std::move(task)]() mutable {
    Ready ready{std::move(task), {}, {}, {}};
    try {
      ready.body = ready.task->asks->next_request(sends_format_);
    } catch (const InputError& error) {
      ready.problem = error.what();
    } catch (...) {
      ready.failure = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      ready_.push_back(std::move(ready));
      --being_made_ready_;
    }
    client_.wake();
  });
}

void RequestLoop::send_ready() {
  while (may_ask()) {
    Endpoint* const endpoint = endpoints_.freest(Clock::now());
    if (endpoint == nullptr) return;
    Ready ready;
    {
      const std::lock_guard lock(mutex_);
      if (ready_.empty()) return;
      ready = std::move(ready_.front());
      ready_.pop_front();
    }
    if (ready.failure) std::rethrow_exception(ready.failure);
    if (ready.problem.empty()) {
      unreadable_in_a_row_ = 0;
      send(std::move(ready), *endpoint);
    } else if (++unreadable_in_a_row_ < kPatienceWithImages) {
      // An image that cannot be read will not become readable.
      refuse(*ready.task->asks, Refusal::kUnreadableImage, ready.problem);
    } else {
      stop_reason_ =
          cat(unreadable_in_a_row_, " images in a row cannot be read; the last: ", ready.problem);
      return;
    }
  }
}

void RequestLoop::send(Ready ready, Endpoint& endpoint) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = endpoint.url().completions();
  request.headers = endpoint.key().headers();
  request.headers.add("Content-Type", "application/json");
  request.body = std::move(ready.body);
  request.timeout = milliseconds_of(options_.endpoint.timeout);
  request.max_reply_bytes = options_.max_reply_bytes;
  spending_.on_request();
  endpoint.on_sent();
  client_.start(std::move(request),
                [this, task = std::move(ready.task), &endpoint, asked = endpoint.url()](
                    const net::HttpReply& reply) { on_reply(task, endpoint, asked, reply); });
}

// Until something may be due, and at most one turn.
milliseconds RequestLoop::time_to_wait() const {
  const auto now = Clock::now();
  auto until = now + kTurn;
  if (!waiting_.empty()) until = std::min(until, waiting_.begin()->first);
  until = endpoints_.next_rest_end(now, until);
  return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(until - now));
}

void RequestLoop::on_reply(const TaskPtr& task, Endpoint& endpoint, const EndpointUrl& asked,
                           const net::HttpReply& reply) {
  const NextStep step = next_step(reply);
  if (step == NextStep::kRead) {
    if (const auto completion = parse_completion(reply.body)) {
      on_completion(task, endpoint, *completion);
      return;
    }
  }
  const std::string problem = describe_failure(reply, endpoint.secrets());
  const double retry_after_s = net::retry_after_s(reply.headers);
  switch (step) {
    case NextStep::kRead:
      endpoint.on_other_end();
      retry_later(task, retry_after_s, problem);
      return;
    case NextStep::kRetry:
      endpoint.on_failure(Clock::now(), retry_after_s, random_);
      retry_later(task, retry_after_s, problem);
      return;
    case NextStep::kRedirect:
      on_redirect(task, endpoint, asked, reply);
      return;
    case NextStep::kRefused:
      on_refused(task, endpoint, problem);
      return;
    case NextStep::kTooLarge:
      endpoint.on_reply();
      refuse(*task->asks, Refusal::kTooLarge, problem);
      return;
    case NextStep::kClose:
      close(task, endpoint, problem);
      return;
  }
}

// The new address holds for all that comes: a server whose path lacks a slash says so every time,
// and every time an image would have been sent for nothing.
void RequestLoop::on_redirect(const TaskPtr& task, Endpoint& endpoint, const EndpointUrl& asked,
                              const net::HttpReply& reply) {
  constexpr int64_t kMaxRedirects = 5;
  const Redirect redirect = redirect_of(asked, reply);
  const bool is_circle = ++task->redirects > kMaxRedirects;
  if (!redirect.follow || is_circle) {
    task->redirects = 0;  // another endpoint is not to blame for this one
    close(task, endpoint,
          redirect.follow ? cat("HTTP ", reply.status, ": redirects in a circle")
                          : without_secrets(redirect.problem, endpoint.secrets()));
    return;
  }
  endpoint.on_other_end();
  if (endpoint.url().completions() == asked.completions()) {
    const std::string note = without_secrets(
        cat("redirected: ", asked.shown(), " to ", redirect.follow->shown()), endpoint.secrets());
    std::vector<std::string>& notes = result_->notes;
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
    endpoint.move_to(*redirect.follow);
  }
  pending_.push_front(task);
}

void RequestLoop::on_completion(const TaskPtr& task, Endpoint& endpoint, const Completion& reply) {
  endpoint.on_reply();
  failures_in_a_row_ = 0;
  ++result_->replies;
  spending_.on_usage(reply.prompt_tokens, reply.reply_tokens);
  task->retry = 0;
  task->redirects = 0;
  if (task->asks->take(reply)) {
    finish(*task->asks);
  } else {
    pending_.push_front(task);  // at once: its prompt is still in the server's prefix cache
  }
}

// The request itself is refused (HTTP 400 and the like). Of an endpoint that has answered others it
// is about this task; else the options may be at fault, and no task is given up for that.
void RequestLoop::on_refused(const TaskPtr& task, Endpoint& endpoint, const std::string& problem) {
  const bool is_of_format = options_.has_format && problem.find("response_format") != problem.npos;
  if (is_of_format && sends_format_) {
    sends_format_ = false;  // the prompt asks for an object too
    result_->notes.push_back(cat("asked without response_format: ", problem));
  }
  endpoint.on_other_end();
  if (is_of_format || !endpoint.has_answered()) {
    retry_later(task, -1, problem);
    return;
  }
  refuse(*task->asks, Refusal::kBadRequest, problem);
}

void RequestLoop::retry_later(const TaskPtr& task, double retry_after_s,
                              const std::string& problem) {
  if (task->retry >= options_.endpoint.retries) {
    fail(problem);
    return;
  }
  result_->last_failure = problem;
  const double delay_s =
      retry_delay_s(task->retry, options_.endpoint.retry_wait, retry_after_s, random_);
  ++task->retry;
  waiting_.emplace(Clock::now() + milliseconds_of(delay_s), task);
}

void RequestLoop::close(const TaskPtr& task, Endpoint& endpoint, const std::string& problem) {
  endpoint.on_other_end();
  if (endpoint.problem().empty()) {
    result_->notes.push_back(cat("not used any more: ", endpoint.url().shown(), ": ", problem));
  }
  endpoint.close(problem);
  pending_.push_back(task);  // for another endpoint
  result_->last_failure = problem;
  if (endpoints_.all_closed()) stop_reason_ = cat("refuses every request: ", problem);
}

void RequestLoop::refuse(RequestTask& task, Refusal refusal, const std::string& words) {
  task.refuse(refusal, words);
  finish(task);
}

void RequestLoop::finish(RequestTask& task) {
  task.finish();
  const std::string standing = work_.standing();
  progress_.add(1, cat(standing, standing.empty() ? "" : ", ", result_->failed, " failed; ",
                       num_in_flight(), " of ", endpoints_.window(), " in flight"));
}

void RequestLoop::fail(const std::string& problem) {
  ++result_->failed;
  result_->last_failure = problem;
  ++failures_in_a_row_;
  // With nothing but failures there is no point in going through a whole data set.
  const int64_t patience = std::max<int64_t>(10, endpoints_.window());
  if (failures_in_a_row_ >= patience) {
    stop_reason_ =
        cat("failed ", failures_in_a_row_, " ", options_.unit, " in a row; the last: ", problem);
  }
}

// Waits for what is in flight, and keeps what is worth keeping of tasks that were to ask more.
void RequestLoop::drain() {
  const auto until = Clock::now() + kDrain;
  const auto is_making_ready = [this] {
    const std::lock_guard lock(mutex_);
    return being_made_ready_ > 0;
  };
  while ((num_in_flight() > 0 && Clock::now() < until) || is_making_ready()) client_.wait(kTurn);
  for (auto& [at, task] : waiting_) pending_.push_back(std::move(task));
  waiting_.clear();
  {
    const std::lock_guard lock(mutex_);
    for (Ready& ready : ready_) pending_.push_back(std::move(ready.task));
    ready_.clear();
  }
  for (const TaskPtr& task : pending_) {
    if (task->asks->is_worth_keeping()) finish(*task->asks);
  }
  pending_.clear();
  work_.sync();
}

}  // namespace lmc::client
