#include "record/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"  // write_file

namespace lmc::record {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& text) {
  try {
    calibration_from_json(parse_json(text, "c.json"), "c.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no InputError";
}

TEST(Calibration, ComesBackFromItsFile) {
  Calibration temperature;
  temperature.temperature = 1.0 / 3;
  temperature.fitted_on = "runs/validation/answers.jsonl";
  temperature.num_items = 1990;
  temperature.num_left_out = 10;
  temperature.nll_before = 0.9;
  temperature.nll_after = 0.8;
  temperature.prediction_sets = {{0.8, 0.25, 1990}, {0.9, 0.125, 1990}};
  const std::string path = testing::TempDir() + "calibration.json";
  write_file(path, to_pretty_text(to_json(temperature)));
  const Calibration found = read_calibration(path);
  EXPECT_EQ(found.method, CalibrationMethod::kTemperature);
  EXPECT_EQ(found.temperature, temperature.temperature);
  EXPECT_EQ(found.fitted_on, temperature.fitted_on);
  EXPECT_EQ(found.num_items, 1990);
  EXPECT_EQ(found.num_left_out, 10);
  EXPECT_EQ(found.nll_before, 0.9);
  EXPECT_EQ(found.nll_after, 0.8);
  ASSERT_EQ(found.prediction_sets.size(), 2U);
  EXPECT_EQ(found.prediction_sets[1].coverage, 0.9);
  EXPECT_EQ(found.prediction_sets[1].threshold, 0.125);
  EXPECT_EQ(found.prediction_sets[1].num_items, 1990);

  Calibration platt;
  platt.method = CalibrationMethod::kPlatt;
  platt.slope = 0.7;
  platt.intercept = -0.1;
  platt.smoothed = true;
  const Calibration back = calibration_from_json(to_json(platt), "c.json");
  EXPECT_EQ(back.method, CalibrationMethod::kPlatt);
  EXPECT_EQ(back.slope, 0.7);
  EXPECT_EQ(back.intercept, -0.1);
  EXPECT_TRUE(back.smoothed);
}

TEST(Calibration, SaysWhatIsWrong) {
  EXPECT_THAT(error_of(R"({"method": "isotonic"})"), HasSubstr("expected temperature or platt"));
  EXPECT_THAT(error_of(R"({"method": "temperature", "temperature": 0})"), HasSubstr("above 0"));
  EXPECT_THAT(error_of(R"({"method": "platt", "slope": 1})"), HasSubstr("intercept"));
  EXPECT_THAT(error_of(R"({"method": "temperature", "temperature": 1, "prediction_sets": 3})"),
              HasSubstr("prediction_sets"));
  EXPECT_THAT(error_of(R"({"method": "temperature", "temperature": 1, "prediction_sets":
                          [{"coverage": 0.9, "threshold": 1.5, "num_items": 3}]})"),
              HasSubstr("from 0 to 1"));
  EXPECT_THAT(error_of(R"({"schema": 2, "method": "platt"})"), HasSubstr("schema"));
}

}  // namespace
}  // namespace lmc::record
