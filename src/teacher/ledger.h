// The teacher's ledger while it is written: what is finished, and lines that survive a kill.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"         // Digest
#include "base/synced_log.h"     // SyncedLog
#include "record/explanation.h"  // Explanation

namespace lmc::teacher {

// What a run needs to know of a finished question.
struct Finished {
  bool accepted = false;
  uint64_t prompt_hash = 0;  // the first 16 digits; 0: an explanation made elsewhere
  uint64_t reply_hash = 0;

  bool is_of_prompt(std::string_view prompt_sha256) const;
};

class Ledger {
 public:
  enum class Access { kWrite, kRead };

  // Opens the file; to write, begins it where there is none, and drops a line that a kill cut
  // short. It is read once and not kept: 150,000 lines take about 6 MB.
  // Errors: InputError, also when another process is writing it too.
  explicit Ledger(const std::string& path, Access access = Access::kWrite);

  const std::string& path() const { return path_; }

  // What stood in the file when it was opened; null: the question is not finished.
  const Finished* find(const std::string& question_id) const;

  // Of the lines that stood there: how many replies were drawn for them, and their tokens.
  int64_t num_replies() const { return num_replies_; }
  int64_t prompt_tokens() const { return prompt_tokens_; }
  int64_t reply_tokens() const { return reply_tokens_; }

  // The disk has the line about a second later; the caller does not wait for it.
  // Errors: InputError, also when the disk refused an earlier line.
  void append(const record::Explanation& line);

  // Returns when the disk has every line: to be called after the last one.
  // Errors: InputError.
  void sync();

 private:
  std::string path_;
  std::optional<SyncedLog> log_;                       // none: to read only
  std::vector<std::pair<Digest, Finished>> finished_;  // by the digest of the question's id
  int64_t num_replies_ = 0;
  int64_t prompt_tokens_ = 0;
  int64_t reply_tokens_ = 0;
};

}  // namespace lmc::teacher
