#include "base/clock.h"

#include <chrono>

namespace lmc {

double precise_seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

int64_t seconds_since_1970() { return static_cast<int64_t>(precise_seconds_since_1970()); }

}  // namespace lmc
