// An append-only file of lines whose writer never waits for the disk.
//
// Each line is handed to the system at once, so a kill loses nothing; the disk has it about a
// second later, which only a power cut could tell. A disk that stalls is not asked again until it
// has answered.
// Threads: one at a time; a thread of its own waits for the disk.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"        // InputError
#include "base/files.h"        // AppendLog
#include "base/worker_pool.h"  // WorkerPool

namespace lmc {

class SyncedLog {
 public:
  // As AppendLog, also its errors.
  SyncedLog(const std::string& path, std::string first_key)
      : log_(path, std::move(first_key)), disk_(1) {}

  // Errors: InputError, also when the disk refused an earlier line.
  void append(std::string_view line);

  // Returns when the disk has every line: to be called after the last one.
  // Errors: InputError.
  void sync();

 private:
  void sync_now();
  void check_disk();

  AppendLog log_;
  std::chrono::steady_clock::time_point last_sync_{};
  std::atomic<bool> is_syncing_{false};
  std::mutex mutex_;  // guards what stands below
  std::optional<InputError> disk_error_;
  WorkerPool disk_;  // last: ends first
};

}  // namespace lmc
