// What the audit log is told of the page's cases (audit/audit_log.h): which model answered what to
// which image, and what the reader decided otherwise. Images and words are named by their SHA-256.
//
// A question is hashed together with its image's hash: a short question alone could be guessed.
// Threads: any.
#pragma once

#include <cstdint>
#include <string>

#include "audit/audit_log.h"     // AuditLog
#include "base/json.h"           // Json
#include "serve/case_request.h"  // CaseRequest

namespace lmc::serve {

class CaseAudit {
 public:
  // Begins with what serves: `model` says which it is, how it computes and what it was made of.
  // Errors: InputError for the file.
  CaseAudit(const std::string& path, bool keeps_words, const Json& model);

  // What is known of a case before it is answered; the request's image is needed here.
  Json asked(const CaseRequest& request) const;

  // Returns the line's sequence. `answer` is that of the API.
  int64_t answered(Json asked, const std::string& reply, const Json& answer);

  // The reader's own answer to the case that has this sequence.
  int64_t overridden(int64_t sequence, const std::string& answer);

 private:
  audit::AuditLog log_;
  bool keeps_words_;
};

}  // namespace lmc::serve
