// A share of questions, or of other things counted, with its interval.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/json.h"  // Json

namespace lmc::record {

struct Proportion {
  int64_t correct = 0;
  int64_t total = 0;
  double accuracy = 0;
  std::array<double, 2> interval_95{};  // Wilson's
};

// Of nothing at all the share is 0 and the interval 0 to 1.
Proportion proportion_of(int64_t correct, int64_t total);

// {"correct", "total", "accuracy", "interval_95"}; an object may hold these among others.
Json to_json(const Proportion& share);
Proportion proportion_from_json(const Json& json, std::string_view where);

}  // namespace lmc::record
