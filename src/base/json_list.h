// Files that hold one JSON list, item by item: only one item is in memory at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/json.h"  // Json

namespace lmc {

// Larger files are refused: they belong into JSON Lines, which can be read and repaired by line.
inline constexpr uint64_t kMaxJsonListBytes = 2'000'000'000;

// Calls `visit(item, number from 1)` for each item of the list.
// Errors: InputError for a file that is no list, is not valid JSON (items before the fault have
// been visited by then), or is larger than `max_bytes`.
void for_each_json_item(const std::string& path,
                        const std::function<void(const Json& item, size_t number)>& visit,
                        uint64_t max_bytes = kMaxJsonListBytes);

}  // namespace lmc
