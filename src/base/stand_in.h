// What downloads leave where a file should be: a git-lfs pointer, a web page.
#pragma once

#include <optional>
#include <string_view>

namespace lmc {

struct StandIn {
  std::string_view what;  // "a git-lfs pointer, not the file itself"
  std::string_view hint;
};

// Looks at the first bytes only; nothing when they are neither.
std::optional<StandIn> stand_in_of(std::string_view beginning);

}  // namespace lmc
