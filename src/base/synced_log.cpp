#include "base/synced_log.h"

#include <future>
#include <memory>

namespace lmc {

void SyncedLog::append(std::string_view line) {
  check_disk();
  log_.append(line);
  const auto now = std::chrono::steady_clock::now();
  if (now - last_sync_ < std::chrono::seconds(1) || is_syncing_.exchange(true)) return;
  last_sync_ = now;
  disk_.submit([this] { sync_now(); });
}

void SyncedLog::sync() {
  log_.complete_last_line();
  // Behind what the disk was asked before: of two at once only one is told of a failure.
  const auto done = std::make_shared<std::promise<void>>();
  disk_.submit([this, done] {
    sync_now();
    done->set_value();
  });
  done->get_future().wait();
  check_disk();
}

void SyncedLog::sync_now() {
  try {
    log_.sync();
  } catch (const InputError& error) {
    const std::lock_guard lock(mutex_);
    if (!disk_error_) disk_error_ = error;
  }
  is_syncing_ = false;
}

void SyncedLog::check_disk() {
  const std::lock_guard lock(mutex_);
  if (disk_error_) throw *disk_error_;
}

}  // namespace lmc
