// The normal distribution of mean 0 and variance 1.
#pragma once

namespace lmc::stats {

// The share below `z`. Keeps its relative accuracy far out to the left.
double normal_cdf(double z);

// The z with the share `p` below it, 0 < p < 1.
// Source: Abramowitz and Stegun 26.2.23 (off by up to 4.5e-4), then two steps of Halley's method,
// each of which cubes the error.
double normal_quantile(double p);

}  // namespace lmc::stats
