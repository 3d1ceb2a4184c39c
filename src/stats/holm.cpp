#include "stats/holm.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"  // LMC_CHECK

namespace lmc::stats {

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<size_t> by_value(p_values.size());
  std::iota(by_value.begin(), by_value.end(), size_t{0});
  std::sort(by_value.begin(), by_value.end(),
            [&](size_t a, size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (size_t rank = 0; rank < by_value.size(); ++rank) {
    const double p = p_values[by_value[rank]];
    LMC_CHECK(p >= 0 && p <= 1, "p value ", p);
    largest = std::max(largest, p * static_cast<double>(p_values.size() - rank));
    adjusted[by_value[rank]] = std::min(1.0, largest);
  }
  return adjusted;
}

}  // namespace lmc::stats
