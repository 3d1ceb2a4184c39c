// The rows of a JSON file, one at a time: JSON Lines, one list, or objects written over several
// lines, one after the other. Encodings: see text_source.h.
//
// Read as absent: null, and NaN and Infinity, which Python writes and JSON does not have.
// Errors: InputError for a file that cannot be read or is no JSON, for a list that breaks off, and
//         for one object that is no row (a file of columns, or a list under a key).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"        // Json
#include "data/source_row.h"  // SourceRow

namespace lmc::data {

struct JsonRow {
  Json value;          // null where there is a problem; of an object, no member is null
  std::string text;    // as it stands in the file
  int64_t number = 0;  // in a list: of the item; in JSON Lines: of the line
  int64_t first_line = 0;
  int64_t last_line = 0;
  std::string problem;  // not empty: why this is no row
  std::vector<const char*> notes;
};

void for_each_json_row(const std::string& path, const std::function<void(JsonRow& row)>& visit);

// The same as rows of a source: `read(row of the file, row)` fills in what the problem does not
// reject.
void for_each_json_source_row(const std::string& path,
                              const std::function<void(JsonRow& json, SourceRow& row)>& read,
                              const VisitRow& visit);

// A string, or a number as text: 12, and 12.0 as pandas makes it of an integer, are "12".
std::optional<std::string> text_in(const Json& value);

inline constexpr char kNotJson[] = "the line is not JSON";

}  // namespace lmc::data
