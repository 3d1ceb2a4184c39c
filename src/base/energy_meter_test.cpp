#include "base/energy_meter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/check.h"  // cat

namespace lmc {
namespace {

class EnergyMeterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / cat("lmc_energy_", ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name = {}) const { return (folder_ / name).string(); }
  void set(const std::string& zone, int64_t microjoules) {
    std::filesystem::create_directories(path(zone));
    std::ofstream(path(zone + "/energy_uj")) << microjoules << "\n";
    std::ofstream(path(zone + "/max_energy_range_uj")) << 1'000'000 << "\n";
  }
  std::filesystem::path folder_;
};

TEST_F(EnergyMeterTest, AddsThePackagesSinceTheLastCall) {
  set("intel-rapl:0", 100);
  set("intel-rapl:1", 5'000);
  set("intel-rapl:0:0", 77);  // a part of the first
  EnergyMeter meter(path());
  set("intel-rapl:0", 200'100);
  set("intel-rapl:0:0", 900'000);
  EXPECT_DOUBLE_EQ(meter.joules().value(), 0.2);
  set("intel-rapl:1", 55'000);
  EXPECT_DOUBLE_EQ(meter.joules().value(), 0.05);
}

TEST_F(EnergyMeterTest, ACounterThatRanOverGoesOn) {
  set("intel-rapl:0", 900'000);
  EnergyMeter meter(path());
  set("intel-rapl:0", 100'000);
  EXPECT_DOUBLE_EQ(meter.joules().value(), 0.2);
}

TEST_F(EnergyMeterTest, WhereNothingIsToldNothingIsSaid) {
  EXPECT_FALSE(EnergyMeter(path()).joules());
  EXPECT_FALSE(EnergyMeter(path("nowhere")).joules());
  set("intel-rapl:0", 1);
  EnergyMeter meter(path());
  std::filesystem::remove(path("intel-rapl:0/energy_uj"));
  EXPECT_FALSE(meter.joules());
}

}  // namespace
}  // namespace lmc
