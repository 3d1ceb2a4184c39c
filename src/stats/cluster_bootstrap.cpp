#include "stats/cluster_bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "base/check.h"                 // LMC_CHECK
#include "base/random.h"                // Random
#include "stats/normal_distribution.h"  // normal_cdf, normal_quantile

namespace lmc::stats {

namespace {

struct Total {
  int64_t value = 0;
  int64_t questions = 0;

  double mean() const { return static_cast<double>(value) / static_cast<double>(questions); }
};

Total total_of(std::span<const ImageGroupSum> image_groups) {
  Total total;
  for (const ImageGroupSum& image_group : image_groups) {
    LMC_CHECK(image_group.questions > 0, image_group.questions, " questions");
    total.value += image_group.value;
    total.questions += image_group.questions;
  }
  return total;
}

double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> copy(values.begin(), values.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

// Skewness of the statistic's influence, from leaving out one image group at a time.
std::optional<double> acceleration(std::span<const ImageGroupSum> image_groups) {
  const Total total = total_of(image_groups);
  std::vector<double> without;
  without.reserve(image_groups.size());
  for (const ImageGroupSum& image_group : image_groups) {
    without.push_back(
        Total{total.value - image_group.value, total.questions - image_group.questions}.mean());
  }
  const double mean =
      std::accumulate(without.begin(), without.end(), 0.0) / static_cast<double>(without.size());
  double squares = 0;
  double cubes = 0;
  for (const double one : without) {
    const double influence = mean - one;
    squares += influence * influence;
    cubes += influence * influence * influence;
  }
  if (squares == 0) return std::nullopt;
  return cubes / (6 * squares * std::sqrt(squares));
}

}  // namespace

std::vector<ImageGroupSum> sum_by_image_group(std::span<const int> values,
                                              std::span<const std::string> image_groups) {
  LMC_CHECK(values.size() == image_groups.size(), values.size(), " and ", image_groups.size());
  std::vector<ImageGroupSum> sums;
  std::unordered_map<std::string, size_t> place;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto [found, is_new] = place.try_emplace(image_groups[i], sums.size());
    if (is_new) sums.emplace_back();
    sums[found->second].value += values[i];
    ++sums[found->second].questions;
  }
  return sums;
}

std::vector<double> bootstrap_replicates(std::span<const ImageGroupSum> image_groups,
                                         const BootstrapOptions& options) {
  LMC_CHECK(!image_groups.empty() && image_groups.size() <= UINT32_MAX, image_groups.size(),
            " image groups");
  const uint64_t count = image_groups.size();
  Random random = Random::named(options.seed, "bootstrap");
  std::vector<double> replicates(static_cast<size_t>(options.resamples));
  for (double& replicate : replicates) {
    Total total;
    // Two draws from each 64 bits. The upper half of 32 bits times `count` is an image group's
    // number; it favours none by more than count / 2^32, which no resample can show.
    const auto draw = [&](uint64_t bits) {
      const ImageGroupSum& image_group = image_groups[(bits * count) >> 32];
      total.value += image_group.value;
      total.questions += image_group.questions;
    };
    for (uint64_t drawn = 0; drawn < count; drawn += 2) {
      const uint64_t bits = random.next_bits();
      draw(bits >> 32);
      if (drawn + 1 < count) draw(bits & UINT32_MAX);
    }
    replicate = total.mean();
  }
  return replicates;
}

std::array<double, 2> percentile_interval(std::span<const double> replicates, double level) {
  LMC_CHECK(!replicates.empty() && level > 0 && level < 1, replicates.size(), ", level ", level);
  const std::vector<double> ordered = sorted(replicates);
  return {quantile(ordered, (1 - level) / 2), quantile(ordered, (1 + level) / 2)};
}

std::optional<std::array<double, 2>> bca_interval(std::span<const ImageGroupSum> image_groups,
                                                  std::span<const double> replicates,
                                                  double level) {
  LMC_CHECK(!replicates.empty() && level > 0 && level < 1, replicates.size(), ", level ", level);
  LMC_CHECK(image_groups.size() >= 2, image_groups.size(), " image groups");
  const std::vector<double> ordered = sorted(replicates);
  const double estimate = total_of(image_groups).mean();
  // Replicates at the estimate count half on either side: an accuracy takes few values.
  const auto [first, last] = std::equal_range(ordered.begin(), ordered.end(), estimate);
  const double below = static_cast<double>((first - ordered.begin()) + (last - ordered.begin())) /
                       (2 * static_cast<double>(ordered.size()));
  const auto skewness = acceleration(image_groups);
  if (below == 0 || below == 1 || !skewness) return std::nullopt;
  const double bias = normal_quantile(below);
  std::array<double, 2> ends{(1 - level) / 2, (1 + level) / 2};
  for (double& end : ends) {
    const double z = bias + normal_quantile(end);
    const double stretch = 1 - *skewness * z;
    if (stretch <= 0) return std::nullopt;  // beyond the pole of the correction
    end = quantile(ordered, normal_cdf(bias + z / stretch));
  }
  return ends;
}

std::optional<BootstrapSummary> cluster_bootstrap(std::span<const ImageGroupSum> image_groups,
                                                  const BootstrapOptions& options) {
  LMC_CHECK(options.resamples >= 2, options.resamples, " resamples");
  if (image_groups.size() < 2) return std::nullopt;
  BootstrapSummary summary;
  summary.image_groups = static_cast<int64_t>(image_groups.size());
  summary.estimate = total_of(image_groups).mean();
  const std::vector<double> replicates = bootstrap_replicates(image_groups, options);
  const auto n = static_cast<double>(replicates.size());
  const double mean = std::accumulate(replicates.begin(), replicates.end(), 0.0) / n;
  double squares = 0;
  for (const double one : replicates) squares += (one - mean) * (one - mean);
  summary.standard_error = std::sqrt(squares / (n - 1));
  summary.percentile = percentile_interval(replicates, options.level);
  summary.bca = bca_interval(image_groups, replicates, options.level);
  return summary;
}

}  // namespace lmc::stats
