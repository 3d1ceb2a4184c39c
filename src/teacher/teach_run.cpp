#include "teacher/teach_run.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "base/check.h"        // InputError, Interrupted
#include "base/interrupt.h"    // interrupt_requested
#include "teacher/redirect.h"  // redirect_of
#include "teacher/retry.h"     // next_step, retry_delay_s

namespace lmc::teacher {

namespace {

using std::chrono::milliseconds;

// How often a stop is looked for.
constexpr milliseconds kTurn{100};
// How long a stop waits for replies that are being paid for already.
constexpr std::chrono::seconds kDrain{10};
// Requests made ready beyond what may be sent at once: enough to answer a burst of replies.
constexpr int64_t kAhead = 16;

// So many pictures in a row that cannot be read are no faulty files: the folder is gone.
constexpr int64_t kPatienceWithPictures = 25;

milliseconds milliseconds_of(double seconds) {
  return milliseconds(static_cast<int64_t>(std::ceil(seconds * 1000)));
}

unsigned num_workers() { return std::clamp(std::thread::hardware_concurrency(), 1U, 8U); }

// Far above what a reply of as many tokens as the request allows can take.
size_t largest_reply(const TeachOptions& options) {
  constexpr int64_t kTokensWithoutLimit = 65'536;
  constexpr size_t kBytesAToken = 64;
  constexpr size_t kBytesAChoice = 160;
  const size_t a_token = kBytesAToken + kBytesAChoice *
                                            static_cast<size_t>(options.top_log_probs + 1) *
                                            static_cast<size_t>(options.top_log_probs > 0);
  const size_t frame = options.stream ? 512 : 0;  // what stands around each token
  const int64_t most =
      reply_token_limit(inquiry_form(options).drawing).value_or(kTokensWithoutLimit);
  return (size_t{1} << 20) +
         static_cast<size_t>(std::min(most, kTokensWithoutLimit * 16)) * (a_token + frame);
}

}  // namespace

TeachRun::TeachRun(const TeachOptions& options, WorkList& work, std::vector<Endpoint> endpoints,
                   Ledger& ledger, const PictureSource& pictures, Spending& spending,
                   Progress& progress)
    : options_(options),
      work_(work),
      endpoints_(std::move(endpoints)),
      ledger_(ledger),
      pictures_(pictures),
      spending_(spending),
      progress_(progress),
      random_(Random::named(static_cast<uint64_t>(options.seed), "teach retries")),
      max_reply_bytes_(largest_reply(options)),
      client_({std::chrono::seconds(10), options.ca_file}),
      workers_(num_workers()) {}

void TeachRun::run(TeachResult& result) {
  result_ = &result;
  while (!is_finished()) {
    if (interrupt_requested()) {
      drain();
      throw Interrupted("the ledger holds every finished question; run the same command to go on");
    }
    if (!may_ask() && num_in_flight() == 0) {
      drain();
      result.stopped_by = spending_.limit_reached(0);
      return;
    }
    wake_waiting();
    make_ready();
    send_ready();
    client_.wait(time_to_wait());
    if (!stop_reason_.empty()) {
      drain();
      throw InputError(
          unreadable_in_a_row_ > 0 ? options_.questions : endpoints_.front().url().shown(),
          stop_reason_, "the ledger holds what was done; run the same command to go on");
    }
  }
  ledger_.sync();
}

int64_t TeachRun::num_in_flight() const { return static_cast<int64_t>(client_.num_in_flight()); }

int64_t TeachRun::window() const {
  int64_t sum = 0;
  for (const Endpoint& endpoint : endpoints_) {
    if (endpoint.problem().empty()) sum += endpoint.window();
  }
  return sum;
}

bool TeachRun::is_finished() {
  const std::lock_guard lock(mutex_);
  return next_task_ == work_.size() && pending_.empty() && waiting_.empty() && ready_.empty() &&
         being_made_ready_ == 0 && num_in_flight() == 0;
}

bool TeachRun::may_ask() const { return spending_.limit_reached(num_in_flight()).empty(); }

void TeachRun::wake_waiting() {
  const auto now = Clock::now();
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    pending_.push_back(std::move(waiting_.begin()->second));
    waiting_.erase(waiting_.begin());
  }
}

// Until as many are ready, or becoming so, as may be sent now, and some more.
void TeachRun::make_ready() {
  int64_t room = kAhead;
  for (const Endpoint& endpoint : endpoints_) room += endpoint.room(Clock::now());
  {
    const std::lock_guard lock(mutex_);
    room -= static_cast<int64_t>(ready_.size()) + being_made_ready_;
  }
  for (; room > 0; --room) {
    if (!pending_.empty()) {
      make_ready(std::move(pending_.front()));
      pending_.pop_front();
    } else if (next_task_ < work_.size()) {
      make_ready(std::make_shared<Task>(Task{work_.inquiry(next_task_++)}));
    } else {
      return;
    }
  }
}

void TeachRun::make_ready(TaskPtr task) {
  {
    const std::lock_guard lock(mutex_);
    ++being_made_ready_;
  }
  workers_.submit([this, task = std::move(task)]() mutable {
    Ready ready{std::move(task), {}, {}};
    try {
      ready.body = ready.task->inquiry.next_request(pictures_(ready.task->inquiry.question()),
                                                    sends_format_);
    } catch (const InputError& error) {
      ready.problem = error.what();
    }
    {
      const std::lock_guard lock(mutex_);
      ready_.push_back(std::move(ready));
      --being_made_ready_;
    }
    client_.wake();
  });
}

void TeachRun::send_ready() {
  while (may_ask()) {
    Endpoint* const endpoint = freest_endpoint();
    if (endpoint == nullptr) return;
    Ready ready;
    {
      const std::lock_guard lock(mutex_);
      if (ready_.empty()) return;
      ready = std::move(ready_.front());
      ready_.pop_front();
    }
    if (ready.problem.empty()) {
      unreadable_in_a_row_ = 0;
      send(std::move(ready), *endpoint);
    } else if (++unreadable_in_a_row_ < kPatienceWithPictures) {
      // A picture that cannot be read will not become readable.
      ready.task->inquiry.reject("unreadable-picture", ready.problem);
      finish(ready.task->inquiry);
    } else {
      stop_reason_ =
          cat(unreadable_in_a_row_, " pictures in a row cannot be read; the last: ", ready.problem);
      return;
    }
  }
}

// The one with the largest share of its room left; null when none has any.
Endpoint* TeachRun::freest_endpoint() {
  Endpoint* freest = nullptr;
  double most = 0;
  for (Endpoint& endpoint : endpoints_) {
    const double share = static_cast<double>(endpoint.room(Clock::now())) /
                         static_cast<double>(std::max<int64_t>(1, endpoint.window()));
    if (share > most) {
      most = share;
      freest = &endpoint;
    }
  }
  return freest;
}

void TeachRun::send(Ready ready, Endpoint& endpoint) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = endpoint.url().completions();
  request.headers = endpoint.key().headers();
  request.headers.add("Content-Type", "application/json");
  request.body = std::move(ready.body);
  request.timeout = milliseconds_of(options_.timeout);
  request.max_reply_bytes = max_reply_bytes_;
  spending_.on_request();
  endpoint.on_sent();
  client_.start(std::move(request),
                [this, task = std::move(ready.task), &endpoint, asked = endpoint.url()](
                    const net::HttpReply& reply) { on_reply(task, endpoint, asked, reply); });
}

// Until something may be due, and at most one turn.
milliseconds TeachRun::time_to_wait() const {
  auto until = Clock::now() + kTurn;
  if (!waiting_.empty()) until = std::min(until, waiting_.begin()->first);
  for (const Endpoint& endpoint : endpoints_) {
    if (endpoint.rests_until() > Clock::now()) until = std::min(until, endpoint.rests_until());
  }
  return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(until - Clock::now()));
}

void TeachRun::on_reply(const TaskPtr& task, Endpoint& endpoint, const EndpointUrl& asked,
                        const net::HttpReply& reply) {
  const NextStep step = next_step(reply);
  if (step == NextStep::kRead) {
    if (const auto completion = parse_reply(reply.body)) {
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
      task->inquiry.reject("too-large", problem);
      finish(task->inquiry);
      return;
    case NextStep::kClose:
      close(task, endpoint, problem);
      return;
  }
}

// The new address holds for all that comes: a server whose path lacks a slash says so every time,
// and every time a picture would have been sent for nothing.
void TeachRun::on_redirect(const TaskPtr& task, Endpoint& endpoint, const EndpointUrl& asked,
                           const net::HttpReply& reply) {
  constexpr int64_t kMostRedirects = 5;
  const Redirect redirect = redirect_of(asked, reply);
  const bool is_circle = ++task->redirects > kMostRedirects;
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

void TeachRun::on_completion(const TaskPtr& task, Endpoint& endpoint, const TeacherReply& reply) {
  endpoint.on_reply();
  failures_in_a_row_ = 0;
  ++result_->replies;
  spending_.on_usage(reply.prompt_tokens, reply.reply_tokens);
  task->retry = 0;
  task->redirects = 0;
  if (task->inquiry.take(reply)) {
    finish(task->inquiry);
  } else {
    pending_.push_front(task);  // at once: its prompt is still in the server's prefix cache
  }
}

// The request itself is refused (HTTP 400 and the like). Of an endpoint that has answered others it
// is about this question; else the options may be at fault, and no question is given up for that.
void TeachRun::on_refused(const TaskPtr& task, Endpoint& endpoint, const std::string& problem) {
  const bool is_of_format = options_.structured && problem.find("response_format") != problem.npos;
  if (is_of_format && sends_format_) {
    sends_format_ = false;  // the prompt asks for an object too
    result_->notes.push_back(cat("asked without response_format: ", problem));
  }
  endpoint.on_other_end();
  if (is_of_format || !endpoint.has_answered()) {
    retry_later(task, -1, problem);
    return;
  }
  task->inquiry.reject("bad-request", problem);
  finish(task->inquiry);
}

void TeachRun::retry_later(const TaskPtr& task, double retry_after_s, const std::string& problem) {
  if (task->retry >= options_.retries) {
    fail(problem);
    return;
  }
  result_->last_failure = problem;
  const double delay_s = retry_delay_s(task->retry, options_.retry_wait, retry_after_s, random_);
  ++task->retry;
  waiting_.emplace(Clock::now() + milliseconds_of(delay_s), task);
}

void TeachRun::close(const TaskPtr& task, Endpoint& endpoint, const std::string& problem) {
  endpoint.on_other_end();
  if (endpoint.problem().empty()) {
    result_->notes.push_back(cat("not used any more: ", endpoint.url().shown(), ": ", problem));
  }
  endpoint.close(problem);
  pending_.push_back(task);  // for another endpoint
  result_->last_failure = problem;
  const bool all_closed = std::all_of(endpoints_.begin(), endpoints_.end(),
                                      [](const Endpoint& one) { return !one.problem().empty(); });
  if (all_closed) stop_reason_ = cat("refuses every request: ", problem);
}

void TeachRun::finish(const Inquiry& inquiry) {
  const record::Explanation line = inquiry.line();
  ledger_.append(line);
  result_->add(line);
  int64_t window = 0;
  for (const Endpoint& endpoint : endpoints_) {
    if (endpoint.problem().empty()) window += endpoint.window();
  }
  progress_.add(1,
                cat(result_->accepted, " accepted, ", result_->num_rejected(), " rejected, ",
                    result_->failed, " failed; ", num_in_flight(), " of ", window, " in flight"));
}

void TeachRun::fail(const std::string& problem) {
  ++result_->failed;
  ++result_->unanswered;
  result_->last_failure = problem;
  ++failures_in_a_row_;
  // With nothing but failures there is no point in going through a whole data set.
  const int64_t patience = std::max<int64_t>(10, window());
  if (failures_in_a_row_ >= patience) {
    stop_reason_ = cat("failed ", failures_in_a_row_, " questions in a row; the last: ", problem);
  }
}

// Waits for what is in flight, and keeps what is worth keeping of questions that were to be asked
// for further samples.
void TeachRun::drain() {
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
    if (task->inquiry.has_accepted()) finish(task->inquiry);
  }
  pending_.clear();
  ledger_.sync();
}

}  // namespace lmc::teacher
