// Whether a run is as good as another, to within a margin: what a test for a difference cannot show
// by finding none. For questions such as "the quantised model loses less than one point".
//
// The difference in accuracy of two runs on the same n questions is d = (b - c) / n, with b right
// in the first alone and c in the second alone. Its standard error is Wald's for paired shares,
// sqrt(b + c - (b - c)^2 / n) / n, which does not assume that the runs are equally good.
// Source: two one-sided tests: Schuirmann, J. Pharmacokinet. Biopharm. 15 (1987) 657; paired
// shares: Liu, Hsueh, Hsieh and Chen, Stat. Med. 21 (2002) 231.
// Detail: that error is zero, and says nothing, where no question tells the runs apart and where
// one run wins all of them. The p values of non-inferiority are then the exact probabilities of
// such counts at the margin, the largest they can have: (1 - margin)^n for b = c = 0,
// ((1 - margin) / 2)^n for b = n, and 1 for c = n.
// Units: shares, a point is 0.01.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace lmc::stats {

struct PairedCounts {
  int64_t only_first = 0;   // right in the first run alone
  int64_t only_second = 0;  // right in the second run alone
  int64_t total = 0;        // questions that both runs have
};

struct PairedDifference {
  double difference = 0;  // accuracy of the first less that of the second
  double standard_error = 0;
  std::array<double, 2> interval{};  // two-sided, at the level asked for
};

// Nothing for no questions.
std::optional<PairedDifference> paired_difference(const PairedCounts& counts, double level);

// One-sided p value of "the first is worse than the second by `margin` or more", margin > 0: a
// small one shows that it is not. Nothing for no questions.
std::optional<double> non_inferiority_p(const PairedCounts& counts, double margin);

// The larger of the two one-sided p values: a small one shows that the runs differ by less than
// `margin`, whichever is better. At 0.05 it says the same as a 90 % interval within the margins.
std::optional<double> equivalence_p(const PairedCounts& counts, double margin);

}  // namespace lmc::stats
