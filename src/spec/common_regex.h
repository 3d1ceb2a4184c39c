// Regular expressions of adapters, which are written for Python's re.
#pragma once

#include <optional>
#include <regex>
#include <string>

namespace lmc::spec {

// The expression, where Python's re and ECMAScript's grammar (std::regex) read it alike. Nothing
// where the meaning may differ (\A, \Z, "[]x]", "[[:digit:]]", "*+"), and where it is none.
std::optional<std::regex> common_regex(const std::string& text);

}  // namespace lmc::spec
