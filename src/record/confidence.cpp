#include "record/confidence.h"

#include <utility>

#include "record/list_at.h"

namespace lmc::record {

namespace {

Json to_json(const CoveragePoint& point) {
  return {{"threshold", point.threshold}, {"coverage", point.coverage}, {"risk", point.risk}};
}

CoveragePoint point_from_json(const Json& json, std::string_view where) {
  return {json_get<double>(json, "threshold", where), json_get<double>(json, "coverage", where),
          json_get<double>(json, "risk", where)};
}

Json to_json(const PredictionSetRow& row) {
  return {{"coverage", row.rule.coverage},   {"threshold", row.rule.threshold},
          {"num_items", row.rule.num_items}, {"covered", to_json(row.covered)},
          {"mean_size", row.mean_size},      {"by_size", row.by_size}};
}

PredictionSetRow set_row_from_json(const Json& json, std::string_view where) {
  PredictionSetRow row;
  row.rule = {json_get<double>(json, "coverage", where), json_get<double>(json, "threshold", where),
              json_get<int64_t>(json, "num_items", where)};
  row.covered = proportion_from_json(json_get<Json>(json, "covered", where), where);
  row.mean_size = json_get<double>(json, "mean_size", where);
  row.by_size = json_get<std::vector<int64_t>>(json, "by_size", where);
  return row;
}

// The optional metrics by their keys.
using Metric = std::pair<const char*, std::optional<double> Confidence::*>;
constexpr Metric kMetrics[] = {{"mean_confidence", &Confidence::mean_confidence},
                               {"ece", &Confidence::ece},
                               {"adaptive_ece", &Confidence::adaptive_ece},
                               {"mce", &Confidence::mce},
                               {"brier", &Confidence::brier},
                               {"nll", &Confidence::nll},
                               {"auroc", &Confidence::auroc},
                               {"risk_coverage_area", &Confidence::risk_coverage_area},
                               {"excess_area", &Confidence::excess_area}};

}  // namespace

Json to_json(const Confidence& confidence) {
  Json json = {{"answers", confidence.answers},
               {"without_confidence", confidence.without_confidence},
               {"calibration", confidence.calibration}};
  for (const auto& [key, member] : kMetrics) json[key] = json_or_null(confidence.*member);
  Json& table = json["table"] = Json::array();
  for (const ConfidenceBin& bin : confidence.table) {
    table.push_back({{"low", bin.low},
                     {"high", bin.high},
                     {"answers", bin.answers},
                     {"mean_confidence", bin.mean_confidence},
                     {"accuracy", bin.accuracy},
                     {"interval_95", bin.interval_95}});
  }
  Json& curve = json["curve"] = Json::array();
  for (const CoveragePoint& point : confidence.curve) curve.push_back(to_json(point));
  Json& promises = json["promises"] = Json::array();
  for (const RiskPromise& promise : confidence.promises) {
    promises.push_back({{"target", promise.target},
                        {"point", promise.point ? to_json(*promise.point) : Json(nullptr)},
                        {"risk_bound", promise.risk_bound}});
  }
  if (!confidence.prediction_sets.empty()) {
    Json& sets = json["prediction_sets"] = Json::array();
    for (const PredictionSetRow& row : confidence.prediction_sets) sets.push_back(to_json(row));
  }
  return json;
}

Confidence confidence_from_json(const Json& json, std::string_view where) {
  Confidence confidence;
  confidence.answers = json_get<int64_t>(json, "answers", where);
  confidence.without_confidence = json_get<int64_t>(json, "without_confidence", where);
  confidence.calibration = json_get_or<std::string>(json, "calibration", where, "");
  for (const auto& [key, member] : kMetrics) {
    confidence.*member = json_get_optional<double>(json, key, where);
  }
  for (const Json& bin : list_at(json, "table", where)) {
    confidence.table.push_back(
        {json_get<double>(bin, "low", where), json_get<double>(bin, "high", where),
         json_get<int64_t>(bin, "answers", where), json_get<double>(bin, "mean_confidence", where),
         json_get<double>(bin, "accuracy", where),
         json_get<std::array<double, 2>>(bin, "interval_95", where)});
  }
  for (const Json& point : list_at(json, "curve", where)) {
    confidence.curve.push_back(point_from_json(point, where));
  }
  for (const Json& promise : list_at(json, "promises", where)) {
    RiskPromise read{json_get<double>(promise, "target", where), std::nullopt,
                     json_get<double>(promise, "risk_bound", where)};
    if (promise.contains("point") && !promise["point"].is_null()) {
      read.point = point_from_json(promise["point"], where);
    }
    confidence.promises.push_back(read);
  }
  for (const Json& row : list_at(json, "prediction_sets", where)) {
    confidence.prediction_sets.push_back(set_row_from_json(row, where));
  }
  return confidence;
}

}  // namespace lmc::record
