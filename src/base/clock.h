// The time of day, for records that say when something was done.
#pragma once

#include <cstdint>
#include <string>

namespace lmc {

int64_t seconds_since_1970();

// With their fraction.
double precise_seconds_since_1970();

// "2026-01-31T23:59:59Z"
std::string utc_time();

// As strftime writes it, where this machine is.
std::string local_time(const char* format);

}  // namespace lmc
