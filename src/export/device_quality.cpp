#include "export/device_quality.h"

#include <cmath>
#include <utility>

#include "base/check.h"             // InputError, LMC_CHECK
#include "runtime/device_engine.h"  // DeviceEngine

namespace lmc::exporting {

namespace {

using runtime::DeviceEngine;

// Results of stages in the order they come.
using Stages = std::vector<std::pair<std::string, std::vector<float>>>;

struct Sums {
  std::string stage;
  double squares = 0, other_squares = 0, products = 0, difference_squares = 0;
};

void add(std::vector<Sums>& all, const Stages& expected, const Stages& found) {
  LMC_CHECK(expected.size() == found.size(), "engines of other stages");
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto& [stage, a] = expected[i];
    const std::vector<float>& b = found[i].second;
    LMC_CHECK(stage == found[i].first && a.size() == b.size(), stage, " beside ", found[i].first);
    size_t at = 0;
    while (at < all.size() && all[at].stage != stage) ++at;
    if (at == all.size()) all.push_back({stage});
    for (size_t k = 0; k < a.size(); ++k) {
      const double x = a[k], y = b[k];
      all[at].squares += x * x;
      all[at].other_squares += y * y;
      all[at].products += x * y;
      all[at].difference_squares += (x - y) * (x - y);
    }
  }
}

StageChange change_of(const Sums& sums) {
  const double sizes = std::sqrt(sums.squares * sums.other_squares);
  return {sums.stage, sizes > 0 ? sums.products / sizes : 0,
          sums.squares > 0 ? std::sqrt(sums.difference_squares / sums.squares) : 0};
}

}  // namespace

DeviceQuality device_quality(const std::string& reference, const std::string& path,
                             std::span<const prompt::ModelInput> prompts, int64_t steps,
                             int64_t threads) {
  runtime::DeviceOptions options;
  options.threads = threads;
  options.placement = runtime::WeightPlacement::kMapped;  // both need not fit into memory
  DeviceEngine first(reference, options), second(path, options);
  Stages expected, found;
  const auto into = [](Stages& stages) {
    return [&stages](const std::string& name, std::span<const float> rows) {
      stages.emplace_back(name, std::vector<float>(rows.begin(), rows.end()));
    };
  };
  first.set_tap(into(expected));
  second.set_tap(into(found));
  LogitTrace before, after;
  std::vector<Sums> sums;
  const auto append = [](LogitTrace& all, LogitTrace one) {
    all.tokens.push_back(std::move(one.tokens[0]));
    all.logits.push_back(std::move(one.logits[0]));
  };
  for (const prompt::ModelInput& prompt : prompts) {
    expected.clear();
    found.clear();
    LogitTrace one = trace_logits(first, {&prompt, 1}, steps);
    append(after, trace_logits(second, {&prompt, 1}, one));
    append(before, std::move(one));
    add(sums, expected, found);
  }
  DeviceQuality quality;
  quality.logits = compare(before, after);
  for (const Sums& stage : sums) quality.stages.push_back(change_of(stage));
  return quality;
}

QualityBar quality_bar(const std::string& weights) {
  if (weights == "int4") return {0.1, 0.9};
  if (weights == "int8") return {0.01, 0.98};
  return {1e-3, 0.99};
}

}  // namespace lmc::exporting
