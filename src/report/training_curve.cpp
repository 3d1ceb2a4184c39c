#include "report/training_curve.h"

#include <algorithm>
#include <filesystem>

#include "record/training.h"  // read_metrics

namespace lmc::report {

TrainingCurve read_training_curve(const std::string& path) {
  TrainingCurve curve;
  const auto folder = std::filesystem::weakly_canonical(path).parent_path();
  curve.name = folder.filename().string();
  curve.folder = folder.string();
  for (const record::MetricsLine& line : record::read_metrics(path)) {
    const auto add = [&](const std::optional<double>& value, std::vector<CurvePoint>& points) {
      if (value) points.push_back({line.step, *value});
    };
    add(line.loss, curve.loss);
    add(line.validation_accuracy, curve.validation_accuracy);
    add(line.validation_loss, curve.validation_loss);
  }
  return curve;
}

std::vector<CurvePoint> smoothed(const std::vector<CurvePoint>& points, size_t reach) {
  std::vector<CurvePoint> result;
  for (size_t i = 0; i < points.size(); ++i) {
    const size_t begin = i < reach ? 0 : i - reach;
    const size_t end = std::min(points.size(), i + reach + 1);
    double sum = 0;
    for (size_t k = begin; k < end; ++k) sum += points[k].value;
    result.push_back({points[i].step, sum / static_cast<double>(end - begin)});
  }
  return result;
}

}  // namespace lmc::report
