#include "record/sentence_evidence.h"

#include "record/image_map.h"  // fraction_boxes_from_json, map_values, check_grid
#include "record/list_at.h"

namespace lmc::record {

namespace {

Json to_json(const SentenceEvidence& sentence) {
  Json json = {{"begin", sentence.begin},   {"end", sentence.end},
               {"tokens", sentence.tokens}, {"with_image", sentence.with_image},
               {"without", Json::object()}, {"boxes", sentence.boxes}};
  for (const auto& [image, value] : sentence.without) json["without"][image] = value;
  if (!sentence.occlusion.empty()) json["occlusion"] = sentence.occlusion;
  if (!sentence.gradient.empty()) json["gradient"] = sentence.gradient;
  if (!sentence.attention.empty()) json["attention"] = sentence.attention;
  return json;
}

// A map is whole or not there.
std::vector<double> map_from(const Json& json, const char* key, int64_t rows, int64_t columns,
                             std::string_view where) {
  std::vector<double> values = map_values(json, key, where);
  if (!values.empty()) check_grid(values, rows, columns, key, where);
  return values;
}

}  // namespace

Json to_json(const ReplyEvidence& evidence) {
  Json json = {{"question_id", evidence.question_id}};
  if (!evidence.image_group.empty()) json["figure"] = evidence.image_group;
  if (!evidence.error.empty()) {
    json["error"] = evidence.error;
    return json;
  }
  json["reply"] = evidence.reply;
  json["rows"] = evidence.rows;
  json["columns"] = evidence.columns;
  json["token_rows"] = evidence.token_rows;
  json["token_columns"] = evidence.token_columns;
  Json& sentences = json["sentences"] = Json::array();
  for (const SentenceEvidence& sentence : evidence.sentences) {
    sentences.push_back(to_json(sentence));
  }
  return json;
}

ReplyEvidence reply_evidence_from_json(const Json& json, std::string_view where) {
  ReplyEvidence evidence;
  evidence.question_id = json_get<std::string>(json, "question_id", where);
  evidence.image_group = json_get_or<std::string>(json, "figure", where, "");
  evidence.error = json_get_or<std::string>(json, "error", where, "");
  if (!evidence.error.empty()) return evidence;
  evidence.reply = json_get<std::string>(json, "reply", where);
  evidence.rows = json_get<int64_t>(json, "rows", where);
  evidence.columns = json_get<int64_t>(json, "columns", where);
  evidence.token_rows = json_get<int64_t>(json, "token_rows", where);
  evidence.token_columns = json_get<int64_t>(json, "token_columns", where);
  for (const Json& one : list_at(json, "sentences", where)) {
    SentenceEvidence sentence;
    sentence.begin = json_get<int64_t>(one, "begin", where);
    sentence.end = json_get<int64_t>(one, "end", where);
    if (sentence.begin < 0 || sentence.end < sentence.begin ||
        sentence.end > static_cast<int64_t>(evidence.reply.size())) {
      throw InputError(where, cat("a sentence: expected bytes of the reply, found ", sentence.begin,
                                  " to ", sentence.end));
    }
    sentence.tokens = json_get<int64_t>(one, "tokens", where);
    sentence.with_image = json_get<double>(one, "with_image", where);
    const auto without = one.find("without");
    if (without == one.end() || !without->is_object()) {
      throw InputError(where, "key \"without\": expected an object");
    }
    for (const auto& [image, value] : without->items()) {
      sentence.without[image] = json_as<double>(value, where, "without");
    }
    sentence.boxes = fraction_boxes_from_json(one, where);
    sentence.occlusion = map_from(one, "occlusion", evidence.rows, evidence.columns, where);
    sentence.gradient =
        map_from(one, "gradient", evidence.token_rows, evidence.token_columns, where);
    sentence.attention =
        map_from(one, "attention", evidence.token_rows, evidence.token_columns, where);
    evidence.sentences.push_back(std::move(sentence));
  }
  return evidence;
}

}  // namespace lmc::record
