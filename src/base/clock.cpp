#include "base/clock.h"

#include <chrono>
#include <ctime>

namespace lmc {

double precise_seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

int64_t seconds_since_1970() { return static_cast<int64_t>(precise_seconds_since_1970()); }

std::string utc_time() {
  const auto now = static_cast<std::time_t>(seconds_since_1970());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace lmc
