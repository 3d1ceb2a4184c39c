// Letters of ASCII in lower case; every other byte stays as it is, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace lmc {

constexpr char lower_case(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string lower_case(std::string_view text);

// Whether `text` begins with `lower`, which is written in lower case, in any case.
bool starts_with_any_case(std::string_view text, std::string_view lower);

}  // namespace lmc
