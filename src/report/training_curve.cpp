#include "report/training_curve.h"

#include <algorithm>
#include <filesystem>

#include "record/json_lines.h"  // for_each_record

namespace lmc::report {

TrainingCurve read_training_curve(const std::string& path) {
  TrainingCurve curve;
  const auto folder = std::filesystem::weakly_canonical(path).parent_path();
  curve.name = folder.filename().string();
  curve.folder = folder.string();
  record::for_each_record(path, record::LastLine::kMayBeCut,
                          [&](const Json& json, const std::string& where) {
                            const auto step = json_get<int64_t>(json, "step", where);
                            const auto add = [&](const char* key, std::vector<CurvePoint>& points) {
                              const auto found = json.find(key);
                              if (found == json.end() || found->is_null()) return;
                              points.push_back({step, json_as<double>(*found, where, key)});
                            };
                            add("loss", curve.loss);
                            add("validation_accuracy", curve.validation_accuracy);
                            add("validation_loss", curve.validation_loss);
                          });
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
