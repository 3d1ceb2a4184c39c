#include "grounding/map_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "grounding/occlusion.h"  // masked

namespace lmc::grounding {
namespace {

// Two by two cells.
record::OcclusionMap map_of(std::vector<double> values, std::array<double, 4> box) {
  record::OcclusionMap map;
  map.question_id = "q";
  map.rows = 2;
  map.columns = 2;
  map.values = std::move(values);
  map.boxes = {box};
  return map;
}

TEST(MapMetrics, MetricsByHand) {
  const MapMetrics metrics = metrics_of_map(map_of({4, 2, -1, 1}, {0, 0, 0.3, 0.5}));
  // The centre (1/4, 1/4) lies in the box.
  EXPECT_NEAR(metrics.occlusion.pointing->value, 1, 1e-12);
  EXPECT_NEAR(metrics.occlusion.pointing->chance, 1.0 / 4, 1e-12);
  // The box covers 0.15 of the image, 0.6 of the first cell; positive values sum to 7.
  EXPECT_NEAR(metrics.occlusion.energy->value, 4 * 0.6 / 7, 1e-12);
  EXPECT_NEAR(metrics.occlusion.energy->chance, 0.15, 1e-12);
  // Chosen: the cells of 4 and 2, half the image; 0.15 of it common, 0.5 in the union.
  EXPECT_NEAR(metrics.occlusion.iou->value, 0.15 / 0.5, 1e-12);
  EXPECT_NEAR(metrics.occlusion.iou->chance, 0.5 * 0.15 / (0.5 + 0.15 - 0.5 * 0.15), 1e-12);
  EXPECT_FALSE(metrics.deletion_auc);
}

TEST(MapMetrics, TiesShareTheirHit) {
  const MapMetrics metrics = metrics_of_map(map_of({3, 3, 0, 0}, {0, 0, 0.3, 0.5}));
  EXPECT_NEAR(metrics.occlusion.pointing->value, 0.5, 1e-12);
  const MapMetrics flat = metrics_of_map(map_of({0, 0, 0, 0}, {0, 0, 0.3, 0.5}));
  EXPECT_NEAR(flat.occlusion.pointing->value, flat.occlusion.pointing->chance, 1e-12);
  EXPECT_FALSE(flat.occlusion.energy);
  EXPECT_FALSE(flat.occlusion.iou);
}

TEST(MapMetrics, CurvesByTrapezoids) {
  record::OcclusionMap map = map_of({1, 0, 0, 0}, {0, 0, 1, 1});
  map.tokens = 2;
  // p^(1/2): 0.8, 0.4, 0.2
  map.deletion = {2 * std::log(0.8), 2 * std::log(0.4), 2 * std::log(0.2)};
  map.insertion = {2 * std::log(0.2), 2 * std::log(0.6), 2 * std::log(0.8)};
  map.random_deletion = map.deletion;
  const MapMetrics metrics = metrics_of_map(map);
  EXPECT_NEAR(*metrics.deletion_auc, (0.6 + 0.3) / 2, 1e-12);
  EXPECT_NEAR(*metrics.insertion_auc, (0.4 + 0.7) / 2, 1e-12);
}

TEST(MapMetrics, OverlappingBoxesCountOnce) {
  const std::vector<std::array<double, 4>> boxes = {
      {0, 0, 0.4, 0.4}, {0.2, 0.2, 0.6, 0.6}, {0.9, 0.9, 1, 1}};
  EXPECT_NEAR(covered_area({0, 0, 1, 1}, boxes), 0.16 + 0.16 - 0.04 + 0.01, 1e-12);
  EXPECT_NEAR(covered_area({0, 0, 0.3, 0.3}, boxes), 0.09, 1e-12);
  EXPECT_NEAR(covered_area({0.6, 0, 0.9, 0.9}, boxes), 0, 1e-12);
}

TEST(MapMetrics, MeansOverMaps) {
  std::vector<record::OcclusionMap> maps = {map_of({4, 2, -1, 1}, {0, 0, 0.3, 0.5}),
                                            map_of({0, 0, 0, 5}, {0, 0, 0.3, 0.5})};
  maps[0].image_group = "a";
  maps[1].image_group = "b";
  maps.push_back(maps[0]);
  maps[2].error = "unreadable";
  for (const auto& metric : map_metrics(maps)) {
    if (metric.name == "pointing game") {
      EXPECT_NEAR(*metric.value, 0.5, 1e-12);
      EXPECT_EQ(metric.items, 2);
    }
    if (metric.name == "energy in boxes, above chance") {
      EXPECT_NEAR(*metric.value, (4 * 0.6 / 7 - 0.15 + 0 - 0.15) / 2, 1e-12);
      ASSERT_TRUE(metric.interval_95);
      EXPECT_NEAR((*metric.interval_95)[0], -0.15, 1e-5);
    }
  }
  EXPECT_TRUE(map_metrics({}).empty());
}

TEST(Occlusion, HiddenCellsHaveTheMeanColour) {
  image::Image image{3, 4, std::vector<uint8_t>(36, 0)};
  for (size_t i = 0; i < 18; ++i) image.rgb_HWC[i] = 101;
  // Rows 1 and 2, columns 2 and 3.
  const image::Image changed = masked(image, 2, 2, {3}, Fill::kMeanColour);
  for (size_t pixel = 0; pixel < 12; ++pixel) {
    const bool is_hidden = pixel / 4 >= 1 && pixel % 4 >= 2;
    // The mean is 50.5, rounded up.
    EXPECT_EQ(changed.rgb_HWC[pixel * 3], is_hidden ? 51 : image.rgb_HWC[pixel * 3]) << pixel;
  }
  for (const Fill fill : {Fill::kMeanColour, Fill::kSurroundings}) {
    EXPECT_EQ(masked(image, 2, 2, {0, 1, 2, 3}, fill).rgb_HWC, std::vector<uint8_t>(36, 51));
  }
}

TEST(Occlusion, HiddenCellsHaveTheColourAround) {
  image::Image image{8, 8, std::vector<uint8_t>(192, 40)};
  std::fill_n(image.rgb_HWC.begin() + (2 * 8 + 2) * 3, 6, 250);
  EXPECT_EQ(masked(image, 4, 4, {5}, Fill::kSurroundings).rgb_HWC, std::vector<uint8_t>(192, 40));
}

}  // namespace
}  // namespace lmc::grounding
