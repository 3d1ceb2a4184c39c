// How far people who rate the same things agree, beyond chance.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace lmc::stats {

// What two raters said of each thing: indexes of categories, 0 up.
using RatedPairs = std::vector<std::pair<int, int>>;

enum class Weights {
  kNone,       // all disagreements count the same
  kQuadratic,  // by the square of the categories' distance
};

// 1: always agree; 0: as often as chance would. Nothing when chance alone would agree always (both
// raters use one and the same category only) or nothing was rated.
// Source: Cohen, Educ. Psychol. Meas. 20 (1960) 37; weights: Psychol. Bull. 70 (1968) 213.
std::optional<double> cohen_kappa(const RatedPairs& pairs, int categories, Weights weights);

// Share of pairs with the same category; nothing for none.
std::optional<double> share_of_agreement(const RatedPairs& pairs);

// Of three or more raters. `counts[thing][category]`: how many raters chose it, the same number
// (two or more) for each thing. Nothing when all ratings are of one category, or there are none.
// Source: Fleiss, Psychol. Bull. 76 (1971) 378.
std::optional<double> fleiss_kappa(const std::vector<std::vector<int64_t>>& counts);

}  // namespace lmc::stats
