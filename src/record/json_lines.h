// JSON Lines files between stages: one object a line.
//
// Versions: a reader ignores keys it does not know, so a record may gain keys. A record whose old
// keys change their meaning would carry "schema": 2 or higher; none does yet, and a reader refuses
// one it was not made for instead of misreading it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/json.h"  // Json

namespace lmc::record {

// The newest schema this program reads; a record without the key has schema 1.
inline constexpr int64_t kSchema = 1;

// Whether the last line may be cut short: so it is in a file that is written line by line when its
// writer was killed, or is still at work.
enum class LastLine { kIsWhole, kMayBeCut };

// One line as a record. Errors: InputError when it is no JSON object or of a newer schema.
Json parse_record(std::string_view line, const std::string& where);

// Calls `visit(record, "path:line")` for each line that is not blank.
// Errors: InputError for a line that is not a JSON object, or is of a newer schema.
void for_each_record(const std::string& path, LastLine last_line,
                     const std::function<void(const Json&, const std::string& where)>& visit);

}  // namespace lmc::record
