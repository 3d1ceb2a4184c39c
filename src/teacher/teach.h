// The stage `teach`: every question to the teacher, every reply judged, one ledger line a question.
//
// The ledger is append-only. A question that has a line is finished, whatever the verdict, and is
// not asked again; so a run that was killed continues where it was, and asks again only what was in
// flight. What the endpoint failed to answer has no line: it is counted, and the next run tries it
// again.
// Nothing leaves this machine unless allowed: an endpoint elsewhere needs `allow_upload`. The key
// is read from the environment and stands in no file, log or error. Threads: one; the HTTP client
// holds all requests in flight on it.
// Beside the ledger stands <ledger>.manifest.json: options and inputs of the last run that asked.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "base/fields.h"      // Field
#include "record/question.h"  // Question

namespace lmc::teacher {

struct TeachOptions {
  std::string questions;
  std::string out;
  std::string endpoint = "http://127.0.0.1:8080/v1";
  std::string model;
  std::string api_key_env;
  bool allow_upload = false;

  std::string mode = "rationalise";
  bool with_caption = false;
  bool system_prompt = true;
  std::string system_prompt_file;
  int64_t max_image_area = 1'048'576;

  int64_t samples = 1;
  double temperature = 0;
  int64_t max_tokens = 1024;
  int64_t seed = 0;
  std::string extra;

  std::string split;
  int64_t limit = 0;
  bool retry_rejected = false;

  int64_t concurrency = 16;
  int64_t retries = 6;
  double retry_wait = 1;
  double timeout = 600;

  std::vector<Field> fields();
};

struct TeachResult {
  int64_t already_done = 0;  // found in the ledger
  int64_t accepted = 0;
  std::map<std::string, int64_t> rejected;  // by reason
  int64_t failed = 0;                       // no answer from the endpoint; the next run tries again
  std::string last_failure;
  int64_t requests = 0;  // retries and further samples included
  int64_t prompt_tokens = 0;
  int64_t reply_tokens = 0;

  int64_t num_rejected() const;
};

// A few lines for the user.
std::string summary(const TeachResult& result);

// Progress goes to `out`. Errors: InputError for options, files, or an endpoint that refuses or
// fails everything; Interrupted after a stop was asked for. The ledger holds what was done by then.
TeachResult teach(const TeachOptions& options, std::ostream& out);
TeachResult teach(const TeachOptions& options, const std::vector<record::Question>& questions,
                  std::ostream& out);

}  // namespace lmc::teacher
