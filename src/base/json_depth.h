// How deeply a JSON text nests, told before it is parsed: a tree of values is copied and freed by
// recursion, which a few thousand levels in a file of some kilobytes would bring to its end.
#pragma once

#include <string_view>

namespace lmc {

// Lists and objects inside one another, more than `levels` of them. Counts brackets outside
// strings; in a text that is not JSON the count means nothing. Takes linear time.
bool nests_deeper_than(std::string_view text, int levels);

}  // namespace lmc
