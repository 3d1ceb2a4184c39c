#include "base/progress.h"

#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>

#include "base/check.h"  // cat

namespace lmc {

std::string format_duration(double seconds) {
  const auto total = static_cast<int64_t>(seconds + 0.5);
  char text[64];
  if (total < 60) {
    std::snprintf(text, sizeof text, "%d s", static_cast<int>(total));
  } else if (total < 3600) {
    std::snprintf(text, sizeof text, "%d min %02d s", static_cast<int>(total / 60),
                  static_cast<int>(total % 60));
  } else {
    std::snprintf(text, sizeof text, "%ld h %02d min", static_cast<long>(total / 3600),
                  static_cast<int>(total / 60 % 60));
  }
  return text;
}

Progress::Progress(std::ostream& out, std::string label, int64_t total, std::string unit,
                   int64_t already_done)
    : out_(out),
      label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      already_done_(already_done),
      done_(already_done),
      terminal_(&out == &std::cerr && ::isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      last_draw_(start_) {
  if (already_done > 0) {
    out_ << label_ << ": " << already_done << " of " << total << " " << unit_
         << " are already done\n";
  }
  if (total > already_done) draw(false);
}

Progress::~Progress() {
  // An error before the first piece of work says it all.
  if (done_ > already_done_ || std::uncaught_exceptions() == 0) {
    draw(true);
  } else if (terminal_) {
    out_ << "\r\x1b[2K" << std::flush;
  }
}

void Progress::add(int64_t count, const std::string& note) {
  const std::lock_guard lock(mutex_);
  done_ += count;
  if (!note.empty()) note_ = note;
  const auto wait = terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10000);
  if (Clock::now() - last_draw_ >= wait) draw(false);
}

void Progress::draw(bool final) {
  last_draw_ = Clock::now();
  const double seconds = std::chrono::duration<double>(last_draw_ - start_).count();
  const int64_t fresh = done_ - already_done_;
  const double rate = seconds > 0 ? static_cast<double>(fresh) / seconds : 0;
  std::string line = cat(label_, ": ", done_);
  char numbers[64];
  if (total_ > 0) {
    const double percent = 100.0 * static_cast<double>(done_) / static_cast<double>(total_);
    std::snprintf(numbers, sizeof numbers, " (%.0f %%)", percent);
    line += cat("/", total_, " ", unit_, numbers);
  } else {
    line += " " + unit_;
  }
  if (fresh > 0 || final) {
    std::snprintf(numbers, sizeof numbers, ", %.3g/s", rate);
    line += numbers;
  }
  if (final) {
    line += cat(", took ", format_duration(seconds));
  } else if (rate > 0 && total_ > 0) {
    line += cat(", ", format_duration(static_cast<double>(total_ - done_) / rate), " left");
  }
  if (!note_.empty()) line += cat(", ", note_);
  if (terminal_) {
    out_ << "\r\x1b[2K" << line << (final ? "\n" : "") << std::flush;
  } else {
    out_ << line << "\n" << std::flush;
  }
}

}  // namespace lmc
