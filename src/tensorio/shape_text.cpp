#include "tensorio/shape_text.h"

#include "base/check.h"  // cat

namespace lmc::tensorio {

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (const int64_t side : shape) text += cat(text.size() > 1 ? ", " : "", side);
  return text + "]";
}

}  // namespace lmc::tensorio
