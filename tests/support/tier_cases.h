// The golden models of tests/golden/model on every tier of the device engine's kernels.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "runtime/kernels/tiers.h"  // tier_names

namespace lmc::tests {

using TierCase = std::tuple<std::string, std::string>;  // model, tier

inline auto all_tier_cases() {
  return testing::Combine(testing::Values("wide_query", "untied", "odd_tower", "merge_three"),
                          testing::ValuesIn(runtime::tier_names()));
}

inline std::string tier_case_name(const testing::TestParamInfo<TierCase>& info) {
  std::string name = std::get<0>(info.param) + "_" + std::get<1>(info.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace lmc::tests
