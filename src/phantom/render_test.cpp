#include "phantom/render.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace lmc::phantom {
namespace {

// One way to remove a finding, and the place where it was.
struct Removal {
  std::string label;
  Findings without;
};

std::vector<Removal> removals(const Findings& findings) {
  std::vector<Removal> all;
  if (findings.wide_heart) {
    all.push_back({kHeartPlace, findings});
    all.back().without.wide_heart = false;
  }
  for (const Side side : kSides) {
    if (findings.lung(side).effusion) {
      all.push_back({base_place(side), findings});
      all.back().without.lung(side).effusion = false;
    }
    for (const Zone zone : kZones) {
      if (findings.lung(side).at(zone).clear()) continue;
      all.push_back({place(side, zone), findings});
      all.back().without.lung(side).at(zone) = {};
    }
  }
  return all;
}

const record::Box* find_box(const RenderedImage& rendered, const std::string& label) {
  for (const record::Box& box : rendered.boxes) {
    if (box.label == label) return &box;
  }
  return nullptr;
}

TEST(Render, IsTheSameForTheSameSeedAndAnotherForAnother) {
  Random random(5);
  const Findings findings = sample_findings(random);
  EXPECT_EQ(render(findings, 1).image.rgb_HWC, render(findings, 1).image.rgb_HWC);
  EXPECT_NE(render(findings, 1).image.rgb_HWC, render(findings, 2).image.rgb_HWC);
}

TEST(Render, IsGreyAndOfTheStatedSize) {
  const RenderedImage rendered = render({}, 9);
  EXPECT_EQ(rendered.image.height_px, kImageSidePx);
  EXPECT_EQ(rendered.image.width_px, kImageSidePx);
  ASSERT_EQ(rendered.image.rgb_HWC.size(), static_cast<size_t>(kImageSidePx * kImageSidePx * 3));
  for (size_t i = 0; i < rendered.image.rgb_HWC.size(); i += 3) {
    ASSERT_EQ(rendered.image.rgb_HWC[i], rendered.image.rgb_HWC[i + 1]);
    ASSERT_EQ(rendered.image.rgb_HWC[i], rendered.image.rgb_HWC[i + 2]);
  }
  EXPECT_EQ(rendered.boxes.size(), 9U) << "six zones, two bases, the heart";
}

// Two images of one seed differ only where their findings do: so what changes when a finding is
// taken away is that finding's pixels, and its box must hold all of them. One grey level of slack:
// rounding. Each finding must also be seen: the sum of changes is that of at least ten pixels by
// 0.1 (25 levels).
TEST(Render, BoxesHoldTheirFindingsPixels) {
  Random random(11);
  int checked = 0;
  for (uint64_t seed = 0; seed < 25; ++seed) {
    const Findings findings = sample_findings(random);
    const RenderedImage with = render(findings, seed);
    ASSERT_EQ(with.boxes.size(), 9U);
    for (const Removal& removal : removals(findings)) {
      const record::Box* box = find_box(with, removal.label);
      ASSERT_NE(box, nullptr) << removal.label;
      const auto& ltrb = box->ltrb_px;
      EXPECT_GE(ltrb[0], 0);
      EXPECT_GE(ltrb[1], 0);
      EXPECT_LE(ltrb[2], static_cast<double>(kImageSidePx));
      EXPECT_LE(ltrb[3], static_cast<double>(kImageSidePx));
      EXPECT_LT(ltrb[0], ltrb[2]);
      EXPECT_LT(ltrb[1], ltrb[3]);
      const RenderedImage without = render(removal.without, seed);
      int inside = 0;
      for (int64_t y = 0; y < kImageSidePx; ++y) {
        for (int64_t x = 0; x < kImageSidePx; ++x) {
          const auto at = static_cast<size_t>((y * kImageSidePx + x) * 3);
          const int change = std::abs(with.image.rgb_HWC[at] - without.image.rgb_HWC[at]);
          const bool in_box = static_cast<double>(x) >= ltrb[0] &&
                              static_cast<double>(x) < ltrb[2] &&
                              static_cast<double>(y) >= ltrb[1] && static_cast<double>(y) < ltrb[3];
          if (in_box) {
            inside += change;
          } else {
            ASSERT_LE(change, 1) << removal.label << " at " << x << ", " << y << ", seed " << seed;
          }
        }
      }
      EXPECT_GE(inside, 10 * 25) << removal.label << ", seed " << seed;
      ++checked;
    }
  }
  EXPECT_GT(checked, 80);
}

}  // namespace
}  // namespace lmc::phantom
