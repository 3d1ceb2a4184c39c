// Whether two runs on the same questions differ by more than chance. Only the questions that
// exactly one of them answers right say anything: `only_first` and `only_second` of them.
//
// Source: McNemar, Psychometrika 12 (1947) 153, with the binomial distribution in place of the
// normal one; the mid-p form: Fagerland, Lydersen and Laake, BMC Med. Res. Methodol. 13 (2013) 91.
// Detail: terms come from lgamma, so the relative error of p grows with the count: below 1e-9 up to
// 1e5.
#pragma once

#include <cstdint>
#include <optional>

namespace lmc::stats {

// Probability, if both runs were equally good, of a split at least as uneven: exact, two-sided. It
// is below its level for few such questions; 1 for none.
double mcnemar_exact(int64_t only_first, int64_t only_second);

// The same with half the probability of the observed split: nearer to its level, which it may
// exceed a little.
double mcnemar_mid_p(int64_t only_first, int64_t only_second);

enum class McNemar { kExact, kMidP };

// The smallest difference in accuracy that the test can call significant (p <= alpha) among `total`
// questions, of which the share `discordance` is answered right by exactly one of the runs (rounded
// to whole questions). Nothing when even a split of all against none is not significant.
// Detail: the exact test's gaps lie up to two questions above sqrt(discordance / total) times the
// normal quantile; those of mid-p next to it.
std::optional<double> smallest_significant_gap(int64_t total, double discordance, double alpha,
                                               McNemar test = McNemar::kExact);

}  // namespace lmc::stats
