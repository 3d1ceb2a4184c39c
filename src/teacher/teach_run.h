// The loop of `teach`: keeps up to `concurrency` requests in flight until every question is
// finished.
//
// A question moves: ready -> in flight -> (waiting for a retry -> ready)* -> ledger, or failed. In
// mode reject it may go round again for another sample.
// Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "base/json.h"               // Json
#include "base/progress.h"           // Progress
#include "base/random.h"             // Random
#include "net/http_client.h"         // HttpClient
#include "record/question.h"         // Question
#include "teacher/acceptance.h"      // TeacherReply
#include "teacher/ledger.h"          // Ledger
#include "teacher/teach.h"           // TeachOptions, TeachResult
#include "teacher/teacher_prompt.h"  // PromptForm

namespace lmc::teacher {

// A question to ask.
struct TeachTask {
  const record::Question* question = nullptr;
  std::string stream;  // names the seeds of its samples
  int64_t sample = 0;  // how many replies were judged
  int64_t retry = 0;   // how many exchanges of this sample failed
};

class TeachRun {
 public:
  // All must outlive the run.
  TeachRun(const TeachOptions& options, const PromptForm& form, std::string api_key, Ledger& ledger,
           Progress& progress);

  // Errors: InputError when the endpoint refuses or fails everything; Interrupted.
  void run(std::vector<TeachTask> tasks, TeachResult& result);

 private:
  using Clock = std::chrono::steady_clock;

  bool finished() const;
  void wake_waiting();
  void start_ready();
  void start(TeachTask task);
  net::HttpRequest request_for(const TeachTask& task) const;
  void on_reply(TeachTask task, const net::HttpReply& reply);
  void on_completion(TeachTask task, const TeacherReply& reply);
  void retry_later(TeachTask task, const net::HttpReply& reply, const std::string& problem);
  void finish(const TeachTask& task, const TeacherReply& reply, bool accepted,
              const std::string& reason, const std::string& letter, const std::string& reasoning);
  void fail(const std::string& problem);
  void drain();

  const TeachOptions& options_;
  const PromptForm& form_;
  const std::string api_key_;
  const Json extra_;
  Ledger& ledger_;
  Progress& progress_;
  Random random_;
  TeachResult* result_ = nullptr;

  std::deque<TeachTask> ready_;
  std::multimap<Clock::time_point, TeachTask> waiting_;  // by the time they may go
  Clock::time_point not_before_{};  // a Retry-After holds every request back, not only the refused
  int64_t failures_in_a_row_ = 0;   // questions failed since the endpoint last answered one
  std::string stop_reason_;         // not empty: the endpoint refuses everything
  net::HttpClient client_;          // last: its callbacks use what stands above
};

}  // namespace lmc::teacher
