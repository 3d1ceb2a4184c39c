// The stage `teach`: every question to the teacher, every reply judged, one ledger line a question.
//
// The ledger is append-only. A question that has a line is finished, whatever the verdict, and is
// not asked again; so a run that was killed continues where it was, and asks again only what was in
// flight. What the endpoint failed to answer has no line: it is counted, and the next run tries it
// again.
// Nothing leaves this machine unless allowed: an endpoint elsewhere needs `allow_upload`. Keys are
// read from the environment or a file and stand in no file of ours, no log and no error.
// Threads: one holds all requests in flight; a few read images ahead of it.
// Beside the ledger stands <ledger>.manifest.json: options, prompts and inputs of the last run.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "client/request_loop.h"    // LoopResult
#include "teacher/teach_options.h"  // TeachOptions

namespace lmc::teacher {

// Of a batch, `failed` counts requests.
struct TeachResult : client::LoopResult {
  int64_t already_done = 0;  // found in the ledger
  int64_t accepted = 0;
  std::map<std::string, int64_t> rejected;  // by reason
  int64_t unanswered = 0;  // questions that this run leaves without a line; the next one asks again
  int64_t not_asked = 0;   // because of a limit
  int64_t requests = 0;    // retries and further samples included
  int64_t prompt_tokens = 0;
  int64_t reply_tokens = 0;
  double cost = 0;  // of the whole ledger; 0 without prices

  int64_t num_rejected() const;
  void add(const record::Explanation& line);
};

// A few lines for the user.
std::string summary(const TeachResult& result);

// What a script must know before it goes on to train: questions were left without a reply, or
// nothing came back of all that was asked. Empty when every question has its reply, whatever the
// rules say of it, and when the run only reached a limit.
std::string missing_replies(const TeachResult& result);

// Plan and progress go to `out`; with dry_run the plan alone.
// Errors: InputError for options, files, or endpoints that refuse or fail everything; Interrupted
// after a stop was asked for. The ledger holds what was done by then.
TeachResult teach(const TeachOptions& options, std::ostream& out);

// Before a ledger is opened to be written.
// Errors: InputError when what stands beside it as its manifest is not one.
void check_output(const TeachOptions& options);

// <ledger>.manifest.json, of a run that asks for `num_questions`, those done before among them.
void write_manifest(const TeachOptions& options, int64_t num_questions);

}  // namespace lmc::teacher
