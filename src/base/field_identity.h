// Which options decide a result, and in which of them two runs differ.
//
// A run that was stopped may go on only with the options that it began with; a field marked
// free_to_change (fields.h) may have another value by then. Every other option decides.
#pragma once

#include <string>
#include <vector>

#include "base/fields.h"  // Field
#include "base/json.h"    // Json

namespace lmc {

// The options that decide, by their names.
Json deciding_options(const std::vector<Field>& fields);

// The names of those that do not.
std::vector<std::string> free_options(const std::vector<Field>& fields);

// An option, or another member of what two runs are told, that has two values. Null: none.
struct Difference {
  std::string name;
  Json recorded;
  Json asked;
};

// The members in which two objects differ, in the order of `recorded`, then of `asked`; the order
// of the members in the objects counts for nothing. Empty: they say the same.
std::vector<Difference> difference_of(const Json& recorded, const Json& asked);

// For an error line: "limit was 5, is 10; adapter was not given, is \"a\"".
std::string text_of(const std::vector<Difference>& differences);

}  // namespace lmc
