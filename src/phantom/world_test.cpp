#include "phantom/world.h"

#include <gtest/gtest.h>

#include <set>

namespace lmc::phantom {
namespace {

TEST(World, CaptionNamesEveryFinding) {
  Findings findings;
  findings.lung(Side::kLeft).at(Zone::kMiddle).nodules = 2;
  findings.lung(Side::kRight).at(Zone::kLower).opacity = true;
  findings.lung(Side::kRight).effusion = true;
  findings.wide_heart = true;
  EXPECT_EQ(findings.count(), 4);
  EXPECT_EQ(caption(findings),
            "Left lung: upper clear, middle two nodules, lower clear. Right lung: upper clear, "
            "middle clear, lower opacity. Left base: clear. Right base: effusion. The heart is "
            "wide.");
}

TEST(World, DifferentFindingsHaveDifferentCaptions) {
  std::set<std::string> captions;
  std::vector<Findings> seen;
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const Findings findings = sample_findings(random);
    if (std::find(seen.begin(), seen.end(), findings) != seen.end()) continue;
    seen.push_back(findings);
    EXPECT_TRUE(captions.insert(caption(findings)).second) << caption(findings);
  }
}

TEST(World, SamplesStayWithinTheLimits) {
  Random random(1);
  bool saw_limit = false;
  for (int i = 0; i < 5000; ++i) {
    const Findings findings = sample_findings(random);
    ASSERT_LE(findings.count(), kMaxFindings);
    saw_limit = saw_limit || findings.count() == kMaxFindings;
    for (const Lung& lung : findings.lungs) {
      for (const ZoneContent& zone : lung.zones) {
        ASSERT_GE(zone.nodules, 0);
        ASSERT_LE(zone.nodules, kMaxNodules);
        ASSERT_FALSE(zone.opacity && zone.nodules > 0);
      }
      ASSERT_EQ(lung.abnormal_zones(), lung.opacities() + lung.nodular_zones());
    }
  }
  EXPECT_TRUE(saw_limit);
}

}  // namespace
}  // namespace lmc::phantom
