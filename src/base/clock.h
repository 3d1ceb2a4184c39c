// The time of day, for records that say when something was done.
#pragma once

#include <cstdint>

namespace lmc {

int64_t seconds_since_1970();

// With their fraction.
double precise_seconds_since_1970();

}  // namespace lmc
