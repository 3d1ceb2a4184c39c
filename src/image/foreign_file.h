// Files that stand where an image is expected, told by their first bytes: what they are, and what
// to do about it.
#pragma once

#include <cstddef>
#include <string_view>

namespace lmc::image {

struct ForeignKind {
  std::string_view name;  // "git-lfs pointer"
  std::string_view hint;
};

// The number of the kind, from 1; 0: none that is known (it may be an image).
// Threads: pure.
size_t foreign_kind_of(std::string_view bytes);

// Of such a number above 0.
const ForeignKind& foreign_kind(size_t number);

// The number of the kind with that name; 0: there is none.
size_t foreign_kind_named(std::string_view name);

}  // namespace lmc::image
