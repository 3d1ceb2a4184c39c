#include "record/calibration.h"

#include "record/json_lines.h"  // kSchema
#include "record/list_at.h"

namespace lmc::record {

namespace {

PredictionSetRule rule_from_json(const Json& json, std::string_view where) {
  const PredictionSetRule rule{json_get<double>(json, "coverage", where),
                               json_get<double>(json, "threshold", where),
                               json_get<int64_t>(json, "num_items", where)};
  const auto is_share = [](double value) { return value >= 0 && value <= 1; };
  if (!is_share(rule.coverage) || !is_share(rule.threshold)) {
    throw InputError(where,
                     cat("a prediction set: expected coverage and threshold from 0 to 1, found ",
                         rule.coverage, " and ", rule.threshold));
  }
  return rule;
}

}  // namespace

Json to_json(const Calibration& calibration) {
  Json json = {{"schema", kSchema}, {"method", name_of(calibration.method)}};
  if (calibration.method == CalibrationMethod::kTemperature) {
    json["temperature"] = calibration.temperature;
  } else {
    json["slope"] = calibration.slope;
    json["intercept"] = calibration.intercept;
    json["smoothed"] = calibration.smoothed;
  }
  json["fitted_on"] = calibration.fitted_on;
  json["num_items"] = calibration.num_items;
  json["num_left_out"] = calibration.num_left_out;
  json["nll_before"] = calibration.nll_before;
  json["nll_after"] = calibration.nll_after;
  Json& sets = json["prediction_sets"] = Json::array();
  for (const PredictionSetRule& rule : calibration.prediction_sets) {
    sets.push_back({{"coverage", rule.coverage},
                    {"threshold", rule.threshold},
                    {"num_items", rule.num_items}});
  }
  return json;
}

Calibration calibration_from_json(const Json& json, std::string_view where) {
  Calibration calibration;
  if (json_get_or<int64_t>(json, "schema", where, 1) > kSchema) {
    throw InputError(where, cat("expected schema ", kSchema, " or older"));
  }
  const auto word = json_get<std::string>(json, "method", where);
  const auto method = value_named<CalibrationMethod>(word);
  if (!method) {
    throw InputError(
        where, cat("key \"method\": expected temperature or platt, found ", to_text(Json(word))));
  }
  calibration.method = *method;
  if (*method == CalibrationMethod::kTemperature) {
    calibration.temperature = json_get<double>(json, "temperature", where);
    if (!(calibration.temperature > 0)) {
      throw InputError(where, cat("key \"temperature\": expected a number above 0, found ",
                                  calibration.temperature));
    }
  } else {
    calibration.slope = json_get<double>(json, "slope", where);
    calibration.intercept = json_get<double>(json, "intercept", where);
    calibration.smoothed = json_get_or<bool>(json, "smoothed", where, false);
  }
  calibration.fitted_on = json_get_or<std::string>(json, "fitted_on", where, "");
  calibration.num_items = json_get_or<int64_t>(json, "num_items", where, 0);
  calibration.num_left_out = json_get_or<int64_t>(json, "num_left_out", where, 0);
  calibration.nll_before = json_get_or<double>(json, "nll_before", where, 0);
  calibration.nll_after = json_get_or<double>(json, "nll_after", where, 0);
  for (const Json& rule : list_at(json, "prediction_sets", where)) {
    calibration.prediction_sets.push_back(rule_from_json(rule, where));
  }
  return calibration;
}

Calibration read_calibration(const std::string& path) {
  return calibration_from_json(read_json(path), path);
}

}  // namespace lmc::record
