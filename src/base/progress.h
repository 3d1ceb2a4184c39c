// Progress of long work: how much is done, how fast, and how long it will still take.
//
// Shown from the start. On a terminal one line is redrawn; elsewhere a plain line is written every
// ten seconds, so logs stay readable.
// Threads: add() may be called from several threads at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <ostream>
#include <string>

namespace lmc {

class Progress {
 public:
  // `total` 0: not known. `unit` names what is counted ("questions"). `already_done` is work found
  // finished on disk: it counts as done but not towards the rate.
  Progress(std::ostream& out, std::string label, int64_t total, std::string unit,
           int64_t already_done = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(int64_t count = 1, const std::string& note = {});

 private:
  void draw(bool final);

  using Clock = std::chrono::steady_clock;
  std::ostream& out_;
  std::string label_;
  std::string unit_;
  std::string note_;
  int64_t total_;
  int64_t already_done_;
  int64_t done_;
  bool terminal_;
  Clock::time_point start_;
  Clock::time_point last_draw_;
  std::mutex mutex_;
};

// "45 s", "12 min 05 s", "3 h 07 min".
std::string format_duration(double seconds);

}  // namespace lmc
