// What a JSON text holds, told before it is parsed, in linear time.
//
// A tree of values is copied and freed by recursion, which a few thousand levels in a file of some
// kilobytes would bring to its end; and an object that keeps the order of its keys walks all of
// them for each new one.
#pragma once

#include <cstdint>
#include <string_view>

namespace lmc {

struct JsonShape {
  int depth = 0;               // lists and objects inside one another
  int64_t largest_object = 0;  // its members
  int64_t num_values = 0;      // at most: lists, objects and what commas part
};

// Counts brackets and commas outside strings; in a text that is not JSON the counts mean nothing.
// Stops at a depth of more than `max_depth`, which it then returns.
JsonShape json_shape(std::string_view text, int max_depth);

}  // namespace lmc
