#include "record/proportion.h"

#include "stats/wilson.h"  // wilson_interval_95

namespace lmc::record {

Proportion proportion_of(int64_t correct, int64_t total) {
  const double accuracy =
      total == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(total);
  return {correct, total, accuracy, stats::wilson_interval_95(correct, total)};
}

Json to_json(const Proportion& share) {
  return {{"correct", share.correct},
          {"total", share.total},
          {"accuracy", share.accuracy},
          {"interval_95", share.interval_95}};
}

Proportion proportion_from_json(const Json& json, std::string_view where) {
  Proportion share;
  share.correct = json_get<int64_t>(json, "correct", where);
  share.total = json_get<int64_t>(json, "total", where);
  share.accuracy = json_get<double>(json, "accuracy", where);
  share.interval_95 = json_get<std::array<double, 2>>(json, "interval_95", where);
  return share;
}

}  // namespace lmc::record
