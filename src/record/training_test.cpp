#include "record/training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/check.h"  // InputError
#include "base/files.h"  // write_file

namespace lmc::record {
namespace {

TEST(Training, MetricsAreReadAsTheyWereWritten) {
  const std::string path = testing::TempDir() + "training_metrics.jsonl";
  TrainingStep step;
  step.step = 3;
  step.loss = 1.25;
  TrainingStep broken = step;
  broken.step = 4;
  broken.loss = std::nan("");
  write_file(path, to_text(to_json(step)) + "\n" + to_text(to_json(TrainingValidation{3, 0.5})) +
                       "\n" + to_text(to_json(broken)) + "\n{\"step\":5,\"lo");
  const std::vector<MetricsLine> lines = read_metrics(path);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].step, 3);
  EXPECT_EQ(lines[0].loss, 1.25);
  EXPECT_FALSE(lines[0].validation_loss.has_value());
  EXPECT_EQ(lines[1].validation_loss, 0.5);
  EXPECT_FALSE(lines[1].validation_accuracy.has_value());
  EXPECT_FALSE(lines[2].loss.has_value());
  write_file(path, "{\"step\":\"x\"}\n");
  EXPECT_THROW(read_metrics(path), InputError);
  std::filesystem::remove(path);
}

TEST(Training, AResultIsReadAsItWasWritten) {
  TrainingResult result;
  result.steps = 7;
  result.final_loss = 0.125;
  result.best_step = 5;
  result.measured_peak_bytes = 11;
  const Json json = to_json(result);
  EXPECT_EQ(to_json(training_result_from_json(json, "result.json")), json);
  EXPECT_THROW(training_result_from_json({{"steps", 1}}, "result.json"), InputError);
}

}  // namespace
}  // namespace lmc::record
