#include "record/grounding.h"

#include "record/json_lines.h"  // kSchema

namespace lmc::record {

namespace {

constexpr std::string_view kKind = "grounding";

Json to_json(const ConditionRow& row) {
  Json json = {{"condition", row.condition}, {"variant", row.variant}};
  json.update(to_json(row.accuracy));
  json["no_answer"] = row.no_answer;
  json["errors"] = row.errors;
  json["compared"] = row.flipped.total;
  json["flipped"] = row.flipped.correct;
  json["flip_rate"] = row.flipped.accuracy;
  json["flip_interval_95"] = row.flipped.interval_95;
  json["right_to_wrong"] = row.right_to_wrong;
  json["wrong_to_right"] = row.wrong_to_right;
  json["both_unread"] = row.both_unread;
  json["mean_shift"] = json_or_null(row.mean_shift);
  return json;
}

ConditionRow condition_row_from(const Json& json, std::string_view where) {
  ConditionRow row;
  row.condition = json_get<std::string>(json, "condition", where);
  row.variant = json_get<int64_t>(json, "variant", where);
  row.accuracy = proportion_from_json(json, where);
  row.no_answer = json_get<int64_t>(json, "no_answer", where);
  row.errors = json_get<int64_t>(json, "errors", where);
  row.flipped = {json_get<int64_t>(json, "flipped", where),
                 json_get<int64_t>(json, "compared", where),
                 json_get<double>(json, "flip_rate", where),
                 json_get<std::array<double, 2>>(json, "flip_interval_95", where)};
  row.right_to_wrong = json_get<int64_t>(json, "right_to_wrong", where);
  row.wrong_to_right = json_get<int64_t>(json, "wrong_to_right", where);
  row.both_unread = json_get_or<int64_t>(json, "both_unread", where, 0);
  row.mean_shift = json_get_optional<double>(json, "mean_shift", where);
  return row;
}

Json to_json(const std::vector<GroundingMetric>& metrics) {
  Json list = Json::array();
  for (const GroundingMetric& metric : metrics) {
    Json one = {{"name", metric.name},
                {"formula", metric.formula},
                {"source", metric.source},
                {"value", json_or_null(metric.value)},
                {"interval_95", json_or_null(metric.interval_95)},
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
    metric.value = json_get_optional<double>(one, "value", where);
    metric.interval_95 = json_get_optional<std::array<double, 2>>(one, "interval_95", where);
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
  if (!result.sentence_metrics.empty()) json["sentences"] = to_json(result.sentence_metrics);
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
  result.sentence_metrics = metrics_from(json, "sentences", where);
  return result;
}

bool is_grounding_result(const Json& json) {
  return json.is_object() && json.contains("kind") && json["kind"] == kKind;
}

}  // namespace lmc::record
