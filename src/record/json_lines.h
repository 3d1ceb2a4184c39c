// JSON Lines files between stages: one object a line.
//
// Versions: a reader ignores keys it does not know, so a record may gain keys. A record whose old
// keys change their meaning would carry "schema": 2 or higher; none does yet, and a reader refuses
// one it was not made for instead of misreading it.
#pragma once

#include <cstdint>
#include <fstream>
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

// Calls `visit(record, "path:line")` for each line that is not blank.
// Errors: InputError for a line that is not a JSON object, or is of a newer schema.
void for_each_record(const std::string& path, LastLine last_line,
                     const std::function<void(const Json&, const std::string& where)>& visit);

// The same with the byte at which each line begins, so that the line can be read again.
void for_each_record_at(
    const std::string& path, LastLine last_line,
    const std::function<void(const Json&, const std::string& where, uint64_t offset)>& visit);

// Reads single lines of a file again, by the offsets that for_each_record_at gave. For files whose
// records are too many to hold.
// Threads: one thread at a time.
class LineReader {
 public:
  explicit LineReader(const std::string& path);

  // Without its line break.
  // Errors: InputError when the file has become shorter.
  std::string line_at(uint64_t offset);
  Json record_at(uint64_t offset);

 private:
  std::string path_;
  std::ifstream in_;
};

}  // namespace lmc::record
