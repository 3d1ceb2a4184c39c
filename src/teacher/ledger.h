// The teacher's ledger while it is written: what is finished, and lines that survive a kill.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/files.h"          // AppendLog
#include "record/explanation.h"  // Explanation

namespace lmc::teacher {

// What a run needs to know of a finished question.
struct Finished {
  bool accepted = false;
  std::string prompt_sha256;
  std::string reply_sha256;
};

class Ledger {
 public:
  // Opens or begins the file; a line that a kill cut short is dropped.
  // Errors: InputError, also when another process is writing it.
  explicit Ledger(const std::string& path);

  // What stood in the file when it was opened; null: the question is not finished.
  const Finished* find(const std::string& question_id) const;

  void append(const record::Explanation& line);

 private:
  AppendLog log_;
  std::map<std::string, Finished> finished_;
  std::chrono::steady_clock::time_point last_sync_{};
};

}  // namespace lmc::teacher
