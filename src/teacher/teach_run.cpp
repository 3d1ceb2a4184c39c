#include "teacher/teach_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"          // InputError, Interrupted
#include "base/interrupt.h"      // interrupt_requested
#include "record/explanation.h"  // Explanation
#include "teacher/picture.h"     // picture_url
#include "teacher/retry.h"       // next_step, retry_delay_s

namespace lmc::teacher {

namespace {

using std::chrono::milliseconds;

// How often a stop is looked for.
constexpr milliseconds kTurn{100};
// How long a stop waits for replies that are being paid for already.
constexpr std::chrono::seconds kDrain{10};

milliseconds milliseconds_of(double seconds) {
  return milliseconds(static_cast<int64_t>(std::ceil(seconds * 1000)));
}

Json extra_of(const std::string& text) {
  if (text.empty()) return Json::object();
  Json extra = parse_json(text, "--extra");
  if (!extra.is_object()) fail_json_type("--extra", "", "object", extra);
  return extra;
}

}  // namespace

TeachRun::TeachRun(const TeachOptions& options, const PromptForm& form, std::string api_key,
                   Ledger& ledger, Progress& progress)
    : options_(options),
      form_(form),
      api_key_(std::move(api_key)),
      extra_(extra_of(options.extra)),
      ledger_(ledger),
      progress_(progress),
      random_(Random::named(static_cast<uint64_t>(options.seed), "teach retries")) {}

void TeachRun::run(std::vector<TeachTask> tasks, TeachResult& result) {
  result_ = &result;
  std::move(tasks.begin(), tasks.end(), std::back_inserter(ready_));
  while (!finished()) {
    if (interrupt_requested()) {
      drain();
      throw Interrupted("the ledger holds every finished question; run the same command to go on");
    }
    wake_waiting();
    start_ready();
    client_.wait(kTurn);
    if (!stop_reason_.empty()) {
      drain();
      throw InputError(options_.endpoint, stop_reason_,
                       "the ledger holds what was done; run the same command to go on");
    }
  }
}

bool TeachRun::finished() const {
  return ready_.empty() && waiting_.empty() && client_.num_in_flight() == 0;
}

void TeachRun::wake_waiting() {
  const auto now = Clock::now();
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    ready_.push_front(std::move(waiting_.begin()->second));
    waiting_.erase(waiting_.begin());
  }
}

void TeachRun::start_ready() {
  const auto limit = static_cast<size_t>(options_.concurrency);
  while (!ready_.empty() && client_.num_in_flight() < limit && Clock::now() >= not_before_) {
    TeachTask task = std::move(ready_.front());
    ready_.pop_front();
    start(std::move(task));
  }
}

void TeachRun::start(TeachTask task) {
  net::HttpRequest request;
  try {
    request = request_for(task);
  } catch (const InputError& error) {
    // A picture that cannot be read will not become readable: finished, without a reply.
    finish(task, {}, false, "unreadable-picture", "", "");
    return;
  }
  ++result_->requests;
  client_.start(std::move(request), [this, task = std::move(task)](const net::HttpReply& reply) {
    on_reply(task, reply);
  });
}

net::HttpRequest TeachRun::request_for(const TeachTask& task) const {
  Drawing drawing{options_.model, options_.max_tokens, options_.temperature, 0, extra_};
  // Every question and sample draws from a stream of its own, in any order and after any restart.
  drawing.seed = static_cast<int64_t>(Random::named(static_cast<uint64_t>(options_.seed),
                                                    task.stream, static_cast<uint64_t>(task.sample))
                                          .integer(0, 2'147'483'647));
  net::HttpRequest request;
  request.method = "POST";
  request.url = options_.endpoint + "/chat/completions";
  request.headers.add("Content-Type", "application/json");
  if (!api_key_.empty()) request.headers.add("Authorization", "Bearer " + api_key_);
  request.body =
      to_text(request_json(teacher_prompt(*task.question, form_),
                           picture_url(task.question->image, options_.max_image_area), drawing));
  request.timeout = milliseconds_of(options_.timeout);
  return request;
}

void TeachRun::on_reply(TeachTask task, const net::HttpReply& reply) {
  const std::string problem = describe_failure(reply, api_key_);
  switch (next_step(reply)) {
    case NextStep::kRead:
      if (const auto completion = parse_reply(reply.body)) {
        on_completion(std::move(task), *completion);
      } else {
        retry_later(std::move(task), reply, "the reply is not a chat completion");
      }
      return;
    case NextStep::kRetry:
      retry_later(std::move(task), reply, problem);
      return;
    case NextStep::kGiveUp:
      fail(problem);
      return;
    case NextStep::kStop:
      result_->last_failure = problem;
      stop_reason_ = cat("refuses every request: ", problem);
      return;
  }
}

void TeachRun::on_completion(TeachTask task, const TeacherReply& reply) {
  failures_in_a_row_ = 0;
  result_->prompt_tokens += reply.prompt_tokens;
  result_->reply_tokens += reply.reply_tokens;
  const Verdict verdict = judge(reply, *task.question, AcceptanceOptions());
  ++task.sample;
  task.retry = 0;
  if (!verdict.accepted && task.sample < options_.samples) {
    ready_.push_front(std::move(task));
    return;
  }
  finish(task, reply, verdict.accepted, verdict.reason, verdict.letter, verdict.reasoning);
}

void TeachRun::retry_later(TeachTask task, const net::HttpReply& reply,
                           const std::string& problem) {
  if (task.retry >= options_.retries) {
    fail(problem);
    return;
  }
  result_->last_failure = problem;
  const double asked_for_s = net::retry_after_s(reply.headers);
  const double delay_s = retry_delay_s(task.retry, options_.retry_wait, asked_for_s, random_);
  const auto at = Clock::now() + milliseconds_of(delay_s);
  if (asked_for_s > 0) not_before_ = std::max(not_before_, at);
  ++task.retry;
  waiting_.emplace(at, std::move(task));
}

void TeachRun::finish(const TeachTask& task, const TeacherReply& reply, bool accepted,
                      const std::string& reason, const std::string& letter,
                      const std::string& reasoning) {
  record::Explanation line;
  line.question_id = task.question->id;
  line.accepted = accepted;
  line.reason = reason;
  line.reasoning = reasoning;
  line.answer = letter;
  line.reply = reply.text;
  line.mode = options_.mode;
  line.teacher = reply.model.empty() ? options_.model : reply.model;
  line.prompt_sha256 =
      prompt_sha256(teacher_prompt(*task.question, form_), task.question->image_sha256);
  line.prompt_tokens = reply.prompt_tokens;
  line.reply_tokens = reply.reply_tokens;
  ledger_.append(line);
  if (accepted) {
    ++result_->accepted;
  } else {
    ++result_->rejected[reason];
  }
  progress_.add(1, cat(result_->accepted, " accepted, ", result_->num_rejected(), " rejected, ",
                       result_->failed, " failed"));
}

void TeachRun::fail(const std::string& problem) {
  ++result_->failed;
  result_->last_failure = problem;
  ++failures_in_a_row_;
  // With nothing but failures there is no point in going through a whole data set.
  const int64_t patience = std::max<int64_t>(10, 2 * options_.concurrency);
  if (failures_in_a_row_ >= patience) {
    stop_reason_ = cat("failed ", failures_in_a_row_, " questions in a row; the last: ", problem);
  }
}

void TeachRun::drain() {
  const auto until = Clock::now() + kDrain;
  while (client_.num_in_flight() > 0 && Clock::now() < until) client_.wait(kTurn);
}

}  // namespace lmc::teacher
