#include "base/clock.h"

#include <chrono>
#include <ctime>

namespace lmc {

double precise_seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

int64_t seconds_since_1970() { return static_cast<int64_t>(precise_seconds_since_1970()); }

namespace {

std::string written(const std::tm& time, const char* format) {
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &time)};
}

}  // namespace

std::string utc_time() {
  const auto now = static_cast<std::time_t>(seconds_since_1970());
  std::tm utc{};
  gmtime_r(&now, &utc);
  return written(utc, "%Y-%m-%dT%H:%M:%SZ");
}

std::string local_time(const char* format) {
  const auto now = static_cast<std::time_t>(seconds_since_1970());
  std::tm local{};
  localtime_r(&now, &local);
  return written(local, format);
}

}  // namespace lmc
