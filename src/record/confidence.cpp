#include "record/confidence.h"

#include <utility>

namespace lmc::record {

namespace {

Json to_json(const CoveragePoint& point) {
  return {{"threshold", point.threshold}, {"coverage", point.coverage}, {"risk", point.risk}};
}

CoveragePoint point_from_json(const Json& json, std::string_view where) {
  return {json_get<double>(json, "threshold", where), json_get<double>(json, "coverage", where),
          json_get<double>(json, "risk", where)};
}

const Json& list_at(const Json& json, const char* key, std::string_view where) {
  static const Json kNone = Json::array();
  if (!json.contains(key)) return kNone;
  if (!json[key].is_array()) fail_json_type(where, key, "list", json[key]);
  return json[key];
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
  return confidence;
}

}  // namespace lmc::record
