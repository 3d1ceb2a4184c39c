#include "record/probe.h"

#include "record/image_map.h"  // fraction_boxes_from_json, map_values, check_grid

namespace lmc::record {

namespace {

Json to_json(const ReasoningAnswer& answer) {
  return {
      {"letter", answer.letter},
      {"letter_log_probability", letter_log_probability_to_json(answer.letter_log_probability)}};
}

ReasoningAnswer reasoning_answer_from(const Json& json, const char* key, std::string_view where) {
  if (!json.contains(key)) return {};
  const Json& one = json[key];
  return {json_get<std::string>(one, "letter", where),
          letter_log_probability_from_json(one, where)};
}

}  // namespace

Json to_json(const ProbeAnswer& probe) {
  Json json = {{"condition", probe.condition}, {"variant", probe.variant}};
  if (!probe.image_of.empty()) json["picture_of"] = probe.image_of;
  const Json answer = to_json(probe.answer);
  for (const auto& [key, value] : answer.items()) json[key] = value;
  return json;
}

ProbeAnswer probe_answer_from_json(const Json& json, std::string_view where) {
  ProbeAnswer probe;
  probe.condition = json_get<std::string>(json, "condition", where);
  probe.variant = json_get<int64_t>(json, "variant", where);
  probe.image_of = json_get_or<std::string>(json, "picture_of", where, "");
  probe.answer = answer_from_json(json, where);
  return probe;
}

Json to_json(const OcclusionMap& map) {
  Json json = {{"question_id", map.question_id},
               {"letter", map.letter},
               {"measured", map.measured},
               {"tokens", map.tokens},
               {"rows", map.rows},
               {"columns", map.columns},
               {"whole", map.whole},
               {"blank", map.blank},
               {"values", map.values},
               {"boxes", map.boxes}};
  if (!map.image_group.empty()) json["figure"] = map.image_group;
  if (!map.deletion.empty()) {
    json["deletion"] = map.deletion;
    json["insertion"] = map.insertion;
    json["random_deletion"] = map.random_deletion;
  }
  if (!map.relevance.empty()) {
    json["token_rows"] = map.token_rows;
    json["token_columns"] = map.token_columns;
    json["relevance"] = map.relevance;
  }
  if (!map.error.empty()) json["error"] = map.error;
  return json;
}

OcclusionMap occlusion_map_from_json(const Json& json, std::string_view where) {
  OcclusionMap map;
  map.question_id = json_get<std::string>(json, "question_id", where);
  map.image_group = json_get_or<std::string>(json, "figure", where, "");
  map.letter = json_get<std::string>(json, "letter", where);
  map.measured = json_get<std::string>(json, "measured", where);
  map.tokens = json_get<int64_t>(json, "tokens", where);
  map.rows = json_get<int64_t>(json, "rows", where);
  map.columns = json_get<int64_t>(json, "columns", where);
  map.whole = json_get<double>(json, "whole", where);
  map.blank = json_get<double>(json, "blank", where);
  map.values = map_values(json, "values", where);
  map.boxes = fraction_boxes_from_json(json, where);
  map.deletion = map_values(json, "deletion", where);
  map.insertion = map_values(json, "insertion", where);
  map.random_deletion = map_values(json, "random_deletion", where);
  map.token_rows = json_get_or<int64_t>(json, "token_rows", where, 0);
  map.token_columns = json_get_or<int64_t>(json, "token_columns", where, 0);
  map.relevance = map_values(json, "relevance", where);
  map.error = json_get_or<std::string>(json, "error", where, "");
  if (map.error.empty()) check_grid(map.values, map.rows, map.columns, "values", where);
  check_grid(map.relevance, map.token_rows, map.token_columns, "relevance", where);
  return map;
}

Json to_json(const ReasoningProbe& probe) {
  Json json = {{"question_id", probe.question_id}};
  if (!probe.image_group.empty()) json["figure"] = probe.image_group;
  json["gold"] = probe.gold;
  json["letter"] = probe.letter;
  if (!probe.error.empty()) {
    json["error"] = probe.error;
    return json;
  }
  json["whole"] = to_json(probe.whole);
  json["removed"] = to_json(probe.removed);
  json["truncated"] = to_json(probe.truncated);
  if (!probe.swapped_with.empty()) {
    json["swapped_with"] = probe.swapped_with;
    json["lent_letter"] = probe.donor_letter;
    json["swapped"] = to_json(probe.swapped);
  }
  return json;
}

ReasoningProbe reasoning_probe_from_json(const Json& json, std::string_view where) {
  ReasoningProbe probe;
  probe.question_id = json_get<std::string>(json, "question_id", where);
  probe.image_group = json_get_or<std::string>(json, "figure", where, "");
  probe.gold = json_get<std::string>(json, "gold", where);
  probe.letter = json_get<std::string>(json, "letter", where);
  probe.swapped_with = json_get_or<std::string>(json, "swapped_with", where, "");
  probe.donor_letter = json_get_or<std::string>(json, "lent_letter", where, "");
  probe.whole = reasoning_answer_from(json, "whole", where);
  probe.removed = reasoning_answer_from(json, "removed", where);
  probe.truncated = reasoning_answer_from(json, "truncated", where);
  probe.swapped = reasoning_answer_from(json, "swapped", where);
  probe.error = json_get_or<std::string>(json, "error", where, "");
  return probe;
}

}  // namespace lmc::record
