#include "base/ascii_case.h"

#include <algorithm>

namespace lmc {

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower_case(c);
  return result;
}

bool starts_with_any_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char wanted, char found) { return wanted == lower_case(found); });
}

}  // namespace lmc
