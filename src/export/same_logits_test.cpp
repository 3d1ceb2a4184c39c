#include "export/same_logits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/scripted_engine.h"

namespace lmc::exporting {
namespace {

using infer::ScriptedEngine;

std::vector<prompt::ModelInput> prompts() {
  prompt::ModelInput one;
  one.ids = {1, 2};
  for (auto& axis : one.positions) axis = {0, 1};
  return {one, one};
}

// Token 2 first, then 0 for ever.
std::vector<float> plain(const prompt::ModelInput&, std::span<const int32_t> stepped) {
  return stepped.empty() ? std::vector<float>{0, 1, 4} : std::vector<float>{3, 1, 2};
}

TEST(SameLogitsTest, DifferencesAreMeasuredAlongTheSameTokens) {
  ScriptedEngine first(3, plain), same(3, plain);
  const LogitTrace trace = trace_logits(first, prompts(), 2);
  EXPECT_EQ(trace.tokens[0], (std::vector<int32_t>{2, 0}));
  const LogitChange none = compare(trace, trace_logits(same, prompts(), trace));
  EXPECT_EQ(none.places, 6);
  EXPECT_EQ(none.same_choice, 6);
  EXPECT_EQ(none.largest, 0);

  ScriptedEngine other(3, [](const prompt::ModelInput& input, std::span<const int32_t> stepped) {
    auto logits = plain(input, stepped);
    if (stepped.size() == 2) logits[1] += 3;
    return logits;
  });
  const LogitTrace forced = trace_logits(other, prompts(), trace);
  EXPECT_EQ(forced.tokens, trace.tokens);
  const LogitChange change = compare(trace, forced);
  EXPECT_EQ(change.largest, 3);
  EXPECT_EQ(change.same_choice, 4);
  // Squares about the mean: (0,1,4) has 26/3, (3,1,2) has 2, twice; the difference has 9.
  EXPECT_NEAR(change.relative_rms, std::sqrt(9 / (26.0 / 3 + 4)), 1e-12);
}

TEST(SameLogitsTest, ANanIsNoSmallChange) {
  ScriptedEngine first(3, plain);
  const LogitTrace trace = trace_logits(first, prompts(), 0);
  LogitTrace broken = trace;
  broken.logits[0][0][1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(compare(trace, broken).relative_rms <= 1);
}

}  // namespace
}  // namespace lmc::exporting
