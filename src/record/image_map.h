// What the lines of maps over an image share: boxes as shares of its sides, and a grid's values.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

// Left, top, right, bottom as shares of the image's width and height.
using FractionBox = std::array<double, 4>;

// Of the key "boxes"; without it none.
// Errors: InputError.
std::vector<FractionBox> fraction_boxes_from_json(const Json& json, std::string_view where);

// Numbers of a key, row by row from the top left; without it none.
// Errors: InputError.
std::vector<double> map_values(const Json& json, const char* key, std::string_view where);

// Errors: InputError unless there are rows * columns.
void check_grid(const std::vector<double>& values, int64_t rows, int64_t columns,
                std::string_view key, std::string_view where);

}  // namespace lmc::record
