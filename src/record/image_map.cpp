#include "record/image_map.h"

namespace lmc::record {

std::vector<FractionBox> fraction_boxes_from_json(const Json& json, std::string_view where) {
  std::vector<FractionBox> boxes;
  for (const auto& ends : json_get_or<std::vector<std::vector<double>>>(json, "boxes", where, {})) {
    if (ends.size() != 4) throw InputError(where, "key \"boxes\": expected four numbers each");
    boxes.push_back({ends[0], ends[1], ends[2], ends[3]});
  }
  return boxes;
}

std::vector<double> map_values(const Json& json, const char* key, std::string_view where) {
  return json_get_or<std::vector<double>>(json, key, where, {});
}

void check_grid(const std::vector<double>& values, int64_t rows, int64_t columns,
                std::string_view key, std::string_view where) {
  if (static_cast<int64_t>(values.size()) == rows * columns) return;
  throw InputError(where, cat("key \"", key, "\": expected ", rows, " times ", columns,
                              " numbers, found ", values.size()));
}

}  // namespace lmc::record
