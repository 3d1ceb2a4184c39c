#include "apps/demo_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/check.h"  // cat

namespace lmc::apps {
namespace {

using ::testing::HasSubstr;

class DemoClockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "clock_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  DemoClock clock() const {
    return {folder_ + "/steps.json",
            {{"draw", {}, false, 10}, {"teach", {}, true, 100}, {"test", {}, false, 200}}};
  }

  std::string folder_;
};

TEST_F(DemoClockTest, ThePlanHasEveryStepAndTheSum) {
  const std::string plan = clock().plan();
  EXPECT_THAT(plan, HasSubstr("3 steps and takes about 5 min"));
  EXPECT_THAT(plan, HasSubstr("1  draw   about 10 s\n"));
  EXPECT_THAT(plan, HasSubstr("3  test   about 3 min\n"));
}

TEST_F(DemoClockTest, WhatStepsTookCorrectsTheRest) {
  DemoClock clock = this->clock();
  EXPECT_EQ(clock.seconds_left(0), 310);
  clock.finish(0, 20);  // twice as long as planned
  EXPECT_EQ(clock.seconds_left(1), 600);
  EXPECT_EQ(clock.before(1, 20), "[2/3] teach: about 2 min; 20 s so far, about 10 min left");
  clock.finish(1, 100);
  EXPECT_NEAR(clock.seconds_left(2), 200 * 120 / 110.0, 1e-9);
}

TEST_F(DemoClockTest, WhatAnEarlierCallFinishedIsDone) {
  DemoClock first = clock();
  first.finish(0, 20);
  DemoClock second = clock();
  EXPECT_THAT(second.plan(), HasSubstr("draw   done\n"));
  EXPECT_THAT(second.before(0, 0), HasSubstr("draw: done before; "));
  second.finish(0, 0.1);  // looked at again: says nothing of the machine
  EXPECT_EQ(second.seconds_left(0), 300);
  second.finish(1, 50);
  EXPECT_EQ(clock().seconds_left(0), 200) << "both are kept";
}

TEST_F(DemoClockTest, TheStepsOfTheDemoArePlanned) {
  const DemoOptions options;
  double sum = 0;
  for (const DemoStep& step : demo_steps(options)) {
    EXPECT_GT(step.seconds, 0) << step.title;
    sum += step.seconds;
  }
  EXPECT_NEAR(sum / 60, 6, 1.5) << "what the README says";
  DemoOptions small;
  small.train = small.test = small.single_test = small.ground = 10;
  small.maps = 1;
  double small_sum = 0;
  for (const DemoStep& step : demo_steps(small)) small_sum += step.seconds;
  EXPECT_LT(small_sum, sum / 5);
}

TEST(About, RoundsAsOneWouldSayIt) {
  EXPECT_EQ(about(0.4), "a few seconds");
  EXPECT_EQ(about(47), "about 45 s");
  EXPECT_EQ(about(89), "about 90 s");
  EXPECT_EQ(about(90), "about 2 min");
  EXPECT_EQ(about(361), "about 6 min");
}

}  // namespace
}  // namespace lmc::apps
