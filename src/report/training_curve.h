// metrics.jsonl of a training run, as far as the report draws it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lmc::report {

struct CurvePoint {
  int64_t step = 0;
  double value = 0;
};

struct TrainingCurve {
  std::string name;    // of the folder the file lies in
  std::string folder;  // absolute
  size_t series = 0;   // its colour
  std::vector<CurvePoint> loss;
  std::vector<CurvePoint> validation_accuracy;
  std::vector<CurvePoint> validation_loss = {};
};

// A line holds `step` and any of loss, learning_rate, grad_norm, tokens, validation_loss,
// validation_accuracy; other keys are ignored.
// Errors: InputError naming file and line.
TrainingCurve read_training_curve(const std::string& path);

// Mean of each point and the `reach` points on either side of it.
std::vector<CurvePoint> smoothed(const std::vector<CurvePoint>& points, size_t reach);

}  // namespace lmc::report
