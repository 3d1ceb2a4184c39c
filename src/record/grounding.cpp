#include "record/grounding.h"

#include "record/json_lines.h"  // kSchema

namespace lmc::record {

namespace {

constexpr std::string_view kKind = "grounding";

Json optional_to_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<double> optional_number(const Json& json, const char* key, std::string_view where) {
  if (!json.contains(key) || json[key].is_null()) return std::nullopt;
  return json_as<double>(json[key], where, key);
}

std::array<double, 2> interval(const Json& json, std::string_view key, std::string_view where) {
  const auto ends = json_get<std::vector<double>>(json, key, where);
  if (ends.size() != 2) throw InputError(where, cat("key \"", key, "\": expected two numbers"));
  return {ends[0], ends[1]};
}

Json to_json(const ConditionRow& row) {
  return {{"condition", row.condition},
          {"variant", row.variant},
          {"correct", row.accuracy.correct},
          {"total", row.accuracy.total},
          {"accuracy", row.accuracy.accuracy},
          {"interval_95", row.accuracy.interval_95},
          {"no_answer", row.no_answer},
          {"errors", row.errors},
          {"compared", row.flipped.total},
          {"flipped", row.flipped.correct},
          {"flip_rate", row.flipped.accuracy},
          {"flip_interval_95", row.flipped.interval_95},
          {"right_to_wrong", row.right_to_wrong},
          {"wrong_to_right", row.wrong_to_right},
          {"mean_shift", optional_to_json(row.mean_shift)}};
}

ConditionRow condition_row_from(const Json& json, std::string_view where) {
  ConditionRow row;
  row.condition = json_get<std::string>(json, "condition", where);
  row.variant = json_get<int64_t>(json, "variant", where);
  row.accuracy = {json_get<int64_t>(json, "correct", where),
                  json_get<int64_t>(json, "total", where),
                  json_get<double>(json, "accuracy", where), interval(json, "interval_95", where)};
  row.no_answer = json_get<int64_t>(json, "no_answer", where);
  row.errors = json_get<int64_t>(json, "errors", where);
  row.flipped = {
      json_get<int64_t>(json, "flipped", where), json_get<int64_t>(json, "compared", where),
      json_get<double>(json, "flip_rate", where), interval(json, "flip_interval_95", where)};
  row.right_to_wrong = json_get<int64_t>(json, "right_to_wrong", where);
  row.wrong_to_right = json_get<int64_t>(json, "wrong_to_right", where);
  row.mean_shift = optional_number(json, "mean_shift", where);
  return row;
}

Json to_json(const std::vector<GroundingMetric>& metrics) {
  Json list = Json::array();
  for (const GroundingMetric& metric : metrics) {
    Json one = {{"name", metric.name},
                {"formula", metric.formula},
                {"source", metric.source},
                {"value", optional_to_json(metric.value)},
                {"interval_95", metric.interval_95 ? Json(*metric.interval_95) : Json(nullptr)},
                {"items", metric.items}};
    if (!metric.by_variant.empty()) one["by_variant"] = metric.by_variant;
    list.push_back(std::move(one));
  }
  return list;
}

std::vector<GroundingMetric> metrics_from(const Json& json, const char* key,
                                          std::string_view where) {
  std::vector<GroundingMetric> metrics;
  for (const Json& one : json.value(key, Json::array())) {
    GroundingMetric metric;
    metric.name = json_get<std::string>(one, "name", where);
    metric.formula = json_get<std::string>(one, "formula", where);
    metric.source = json_get<std::string>(one, "source", where);
    metric.value = optional_number(one, "value", where);
    if (one.contains("interval_95") && !one["interval_95"].is_null()) {
      metric.interval_95 = interval(one, "interval_95", where);
    }
    metric.items = json_get<int64_t>(one, "items", where);
    metric.by_variant = json_get_or<std::vector<double>>(one, "by_variant", where, {});
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

}  // namespace

Json to_json(const GroundingResult& result) {
  Json json = {{"schema", kSchema},
               {"kind", kKind},
               {"name", result.name},
               {"reply", result.reply},
               {"questions", result.questions},
               {"best_letter_accuracy", result.best_letter_accuracy}};
  Json& rows = json["conditions"] = Json::array();
  for (const ConditionRow& row : result.conditions) rows.push_back(to_json(row));
  json["metrics"] = to_json(result.metrics);
  json["map_metrics"] = to_json(result.map_metrics);
  json["faithfulness"] = to_json(result.faithfulness);
  return json;
}

GroundingResult grounding_result_from_json(const Json& json, std::string_view where) {
  if (!is_grounding_result(json)) {
    throw InputError(where, "expected the result of a grounding run",
                     "litemedcot ground makes one");
  }
  if (json_get_or<int64_t>(json, "schema", where, 1) > kSchema) {
    throw InputError(where, cat("expected schema ", kSchema, " or older"));
  }
  GroundingResult result;
  result.name = json_get<std::string>(json, "name", where);
  result.reply = json_get<std::string>(json, "reply", where);
  result.questions = json_get<int64_t>(json, "questions", where);
  result.best_letter_accuracy = json_get<double>(json, "best_letter_accuracy", where);
  for (const Json& row : json.value("conditions", Json::array())) {
    result.conditions.push_back(condition_row_from(row, where));
  }
  result.metrics = metrics_from(json, "metrics", where);
  result.map_metrics = metrics_from(json, "map_metrics", where);
  result.faithfulness = metrics_from(json, "faithfulness", where);
  return result;
}

bool is_grounding_result(const Json& json) {
  return json.is_object() && json.contains("kind") && json["kind"] == kKind;
}

}  // namespace lmc::record
