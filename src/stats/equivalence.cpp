#include "stats/equivalence.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"                 // LMC_CHECK
#include "stats/normal_distribution.h"  // normal_cdf, normal_quantile

namespace lmc::stats {

std::optional<PairedDifference> paired_difference(const PairedCounts& counts, double level) {
  LMC_CHECK(counts.only_first >= 0 && counts.only_second >= 0 &&
                counts.only_first + counts.only_second <= counts.total,
            counts.only_first, " and ", counts.only_second, " of ", counts.total);
  LMC_CHECK(level > 0 && level < 1, "level ", level);
  if (counts.total == 0) return std::nullopt;
  const auto b = static_cast<double>(counts.only_first);
  const auto c = static_cast<double>(counts.only_second);
  const auto n = static_cast<double>(counts.total);
  PairedDifference found;
  found.difference = (b - c) / n;
  found.standard_error = std::sqrt(b + c - (b - c) * (b - c) / n) / n;
  const double half = -normal_quantile((1 - level) / 2) * found.standard_error;
  found.interval = {found.difference - half, found.difference + half};
  return found;
}

std::optional<double> non_inferiority_p(const PairedCounts& counts, double margin) {
  LMC_CHECK(margin > 0 && margin < 1, "margin ", margin);
  const auto found = paired_difference(counts, 0.95);
  if (!found) return std::nullopt;
  const auto n = static_cast<double>(counts.total);
  if (counts.only_second == counts.total) return 1;
  if (counts.only_first == counts.total) return std::pow((1 - margin) / 2, n);
  if (counts.only_first + counts.only_second == 0) return std::pow(1 - margin, n);
  return normal_cdf(-(found->difference + margin) / found->standard_error);
}

std::optional<double> equivalence_p(const PairedCounts& counts, double margin) {
  const auto not_worse = non_inferiority_p(counts, margin);
  const auto not_better =
      non_inferiority_p({counts.only_second, counts.only_first, counts.total}, margin);
  if (!not_worse) return std::nullopt;
  return std::max(*not_worse, *not_better);
}

}  // namespace lmc::stats
