#include "base/json_shape.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace lmc {

JsonShape json_shape(std::string_view text, int max_depth) {
  constexpr int64_t kList = -1;
  JsonShape shape;
  std::vector<int64_t> open;  // of each object that is open its commas, kList for a list
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
    } else if (c == '[' || c == '{') {
      ++shape.num_values;
      open.push_back(c == '{' ? 0 : kList);
      shape.depth = std::max(shape.depth, static_cast<int>(open.size()));
      if (shape.depth > max_depth) return shape;
    } else if (c == ',' && !open.empty()) {
      ++shape.num_values;
      if (open.back() == kList) continue;
      shape.largest_object = std::max(shape.largest_object, ++open.back() + 1);
    } else if ((c == ']' || c == '}') && !open.empty()) {
      open.pop_back();
    }
  }
  return shape;
}

}  // namespace lmc
