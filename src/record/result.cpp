#include "record/result.h"

namespace lmc::record {

namespace {

Json letters_to_json(const std::map<char, int64_t>& counts) {
  Json json = Json::object();
  for (const auto& [letter, count] : counts) json[std::string(1, letter)] = count;
  return json;
}

std::map<char, int64_t> letters_from_json(const Json& json, const char* key,
                                          std::string_view where) {
  std::map<char, int64_t> counts;
  const auto found = json.find(key);
  if (found == json.end() || !found->is_object()) {
    throw InputError(where, cat("key \"", key, "\": expected an object"));
  }
  for (const auto& [letter, count] : found->items()) {
    if (letter.size() != 1) throw InputError(where, cat("key \"", key, "\": expected letters"));
    counts[letter[0]] = json_as<int64_t>(count, where, key);
  }
  return counts;
}

Json proportions_to_json(const std::map<std::string, Proportion>& shares) {
  Json json = Json::object();
  for (const auto& [name, share] : shares) json[name] = to_json(share);
  return json;
}

std::map<std::string, Proportion> proportions_from_json(const Json& json, const char* key,
                                                        std::string_view where) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_object()) {
    throw InputError(where, cat("key \"", key, "\": expected an object"));
  }
  std::map<std::string, Proportion> shares;
  for (const auto& [name, share] : found->items())
    shares[name] = proportion_from_json(share, where);
  return shares;
}

std::vector<ExtractorRow> extractors_from_json(const Json& json, std::string_view where) {
  std::vector<ExtractorRow> rows;
  for (const Json& row : json.value("extractors", Json::array())) {
    rows.push_back({json_get<std::string>(row, "name", where),
                    json_get<int64_t>(row, "no_answer", where),
                    json_get<int64_t>(row, "by_default", where), proportion_from_json(row, where)});
  }
  return rows;
}

double rate(int64_t count, int64_t total) {
  return total == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total);
}

}  // namespace

Json to_json(const Result& result) {
  Json json = {{"name", result.name}, {"mode", result.mode}};
  json.update(to_json(result.overall));
  const int64_t total = result.overall.total;
  json["no_answer"] = result.no_answer;
  json["no_answer_rate"] = rate(result.no_answer, total);
  json["truncated"] = result.truncated;
  json["truncation_rate"] = rate(result.truncated, total);
  json["errors"] = result.errors;
  json["gold_letters"] = letters_to_json(result.gold_letters);
  json["predicted_letters"] = letters_to_json(result.predicted_letters);
  json["letter_balanced_accuracy"] = result.letter_balanced_accuracy;
  json["best_letter_accuracy"] = result.best_letter_accuracy;
  json["mean_reply_tokens"] = result.mean_reply_tokens;
  json["by_split"] = proportions_to_json(result.by_split);
  json["by_source"] = proportions_to_json(result.by_source);
  Json& breakdowns = json["breakdowns"] = Json::object();
  for (const auto& [kind, groups] : result.breakdowns)
    breakdowns[kind] = proportions_to_json(groups);
  json["skill_above_letters"] = json_or_null(result.skill_above_letters);
  json["figures"] = result.image_groups;
  json["figure_interval_95"] = json_or_null(result.image_group_interval_95);
  json["smallest_significant_gap"] = json_or_null(result.smallest_significant_gap);
  if (result.confidence) json["confidence"] = to_json(*result.confidence);
  json["extractor"] = result.extractor;
  Json& extractors = json["extractors"] = Json::array();
  for (const ExtractorRow& row : result.extractors) {
    Json one = {{"name", row.name}, {"no_answer", row.no_answer}, {"by_default", row.by_default}};
    one.update(to_json(row.graded_right));
    extractors.push_back(std::move(one));
  }
  return json;
}

Result result_from_json(const Json& json, std::string_view where) {
  Result result;
  result.name = json_get<std::string>(json, "name", where);
  result.mode = json_get<std::string>(json, "mode", where);
  result.overall = proportion_from_json(json, where);
  result.no_answer = json_get<int64_t>(json, "no_answer", where);
  result.truncated = json_get<int64_t>(json, "truncated", where);
  result.errors = json_get<int64_t>(json, "errors", where);
  result.gold_letters = letters_from_json(json, "gold_letters", where);
  result.predicted_letters = letters_from_json(json, "predicted_letters", where);
  result.letter_balanced_accuracy = json_get<double>(json, "letter_balanced_accuracy", where);
  result.best_letter_accuracy = json_get<double>(json, "best_letter_accuracy", where);
  result.mean_reply_tokens = json_get<double>(json, "mean_reply_tokens", where);
  result.by_split = proportions_from_json(json, "by_split", where);
  result.by_source = proportions_from_json(json, "by_source", where);
  // Runs of earlier versions lack what follows.
  const Json breakdowns = json.value("breakdowns", Json::object());
  for (const auto& [kind, groups] : breakdowns.items()) {
    result.breakdowns[kind] = proportions_from_json(breakdowns, kind.c_str(), where);
  }
  result.skill_above_letters = json_get_optional<double>(json, "skill_above_letters", where);
  result.image_groups = json_get_or<int64_t>(json, "figures", where, 0);
  result.image_group_interval_95 =
      json_get_optional<std::array<double, 2>>(json, "figure_interval_95", where);
  result.smallest_significant_gap =
      json_get_optional<double>(json, "smallest_significant_gap", where);
  if (json.contains("confidence")) {
    result.confidence = confidence_from_json(json["confidence"], where);
  }
  result.extractor = json_get_or<std::string>(json, "extractor", where, "ours");
  result.extractors = extractors_from_json(json, where);
  return result;
}

Json to_json(const Comparison& comparison) {
  Json arms = Json::array();
  for (const Result& run : comparison.runs) arms.push_back(to_json(run));
  Json pairs = Json::array();
  for (const PairComparison& pair : comparison.pairs) {
    pairs.push_back({{"first", pair.first},
                     {"second", pair.second},
                     {"total", pair.total()},
                     {"both_right", pair.both_right},
                     {"only_first_right", pair.only_first_right},
                     {"only_second_right", pair.only_second_right},
                     {"both_wrong", pair.both_wrong},
                     {"mcnemar_p", pair.p_value},
                     {"mcnemar_mid_p", pair.mid_p},
                     {"holm_p", pair.holm_p},
                     {"difference", pair.difference},
                     {"difference_interval_95", json_or_null(pair.difference_interval_95)},
                     {"equivalence_p", json_or_null(pair.equivalence_p)}});
  }
  Json seed_arms = Json::array();
  for (const SeedArm& arm : comparison.seed_arms) {
    seed_arms.push_back({{"name", arm.name},
                         {"runs", arm.runs},
                         {"questions", arm.questions},
                         {"accuracies", arm.accuracies},
                         {"mean", arm.mean},
                         {"standard_deviation", arm.standard_deviation},
                         {"range", arm.range},
                         {"seed_interval_95", arm.seed_interval_95},
                         {"question_interval_95", json_or_null(arm.question_interval_95)}});
  }
  Json arm_pairs = Json::array();
  for (const ArmComparison& pair : comparison.arm_pairs) {
    arm_pairs.push_back({{"first", pair.first},
                         {"second", pair.second},
                         {"questions", pair.questions},
                         {"difference", pair.difference},
                         {"seed_interval_95", json_or_null(pair.seed_interval_95)},
                         {"question_interval_95", json_or_null(pair.question_interval_95)}});
  }
  return {{"arms", std::move(arms)},
          {"pairs", std::move(pairs)},
          {"seed_arms", std::move(seed_arms)},
          {"arm_pairs", std::move(arm_pairs)}};
}

}  // namespace lmc::record
