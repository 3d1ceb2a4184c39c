#include "record/audit.h"

namespace lmc::record {

namespace {

const Json& member(const Json& json, const char* key, std::string_view where) {
  if (!json.is_object()) fail_json_type(where, key, "object", json);
  const auto found = json.find(key);
  if (found == json.end()) throw InputError(where, cat("key \"", key, "\" is missing"));
  return *found;
}

char letter_from(const std::string& text, std::string_view where) {
  if (text.size() != 1) throw InputError(where, "expected one letter");
  return text[0];
}

// A list of records, each by its own function.
template <class T>
Json list_to_json(const std::vector<T>& items, Json (*one)(const T&)) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(one(item));
  return list;
}

template <class T>
std::vector<T> list_from_json(const Json& json, const char* key, std::string_view where,
                              T (*one)(const Json&, std::string_view)) {
  const Json& list = member(json, key, where);
  if (!list.is_array()) fail_json_type(where, key, "list", list);
  std::vector<T> items;
  for (const Json& item : list) items.push_back(one(item, where));
  return items;
}

Json row_to_json(const RejectedRow& row) { return {{"row", row.row}, {"detail", row.detail}}; }
RejectedRow row_from_json(const Json& json, std::string_view where) {
  return {json_get<int64_t>(json, "row", where), json_get<std::string>(json, "detail", where)};
}

Json reason_to_json(const RejectedReason& reason) {
  return {{"reason", reason.reason},
          {"rows", reason.rows},
          {"first", list_to_json(reason.first, row_to_json)}};
}
RejectedReason reason_from_json(const Json& json, std::string_view where) {
  return {json_get<std::string>(json, "reason", where), json_get<int64_t>(json, "rows", where),
          list_from_json(json, "first", where, row_from_json)};
}

Json split_to_json(const AuditedSplit& split) {
  Json letters = Json::object();
  for (const auto& [letter, count] : split.gold_letters) letters[std::string(1, letter)] = count;
  return {{"name", split.name},
          {"questions", split.questions},
          {"gold_letters", letters},
          {"best_letter", std::string(1, split.best_letter)},
          {"best_constant", to_json(split.best_constant)},
          {"longest_option", to_json(split.longest_option)},
          {"longest_option_chance", split.longest_option_chance}};
}
AuditedSplit split_from_json(const Json& json, std::string_view where) {
  AuditedSplit split;
  split.name = json_get<std::string>(json, "name", where);
  split.questions = json_get<int64_t>(json, "questions", where);
  for (const auto& [letter, count] : member(json, "gold_letters", where).items()) {
    split.gold_letters[letter_from(letter, where)] = json_as<int64_t>(count, where, "gold_letters");
  }
  split.best_letter = letter_from(json_get<std::string>(json, "best_letter", where), where);
  split.best_constant = proportion_from_json(member(json, "best_constant", where), where);
  split.longest_option = proportion_from_json(member(json, "longest_option", where), where);
  split.longest_option_chance = json_get<double>(json, "longest_option_chance", where);
  return split;
}

Json repeated_to_json(const RepeatedRows& rows) {
  return {
      {"first_row", rows.first_row}, {"second_row", rows.second_row}, {"question", rows.question}};
}
RepeatedRows repeated_from_json(const Json& json, std::string_view where) {
  return {json_get<int64_t>(json, "first_row", where), json_get<int64_t>(json, "second_row", where),
          json_get<std::string>(json, "question", where)};
}

Json duplicates_to_json(const Duplicates& duplicates) {
  return {{"same_question", duplicates.same_question},
          {"other_gold_letter", duplicates.other_gold_letter},
          {"other_gold_text", duplicates.other_gold_text},
          {"shared_texts", duplicates.shared_texts},
          {"contested_texts", duplicates.contested_texts},
          {"first", list_to_json(duplicates.first, repeated_to_json)}};
}
Duplicates duplicates_from_json(const Json& json, std::string_view where) {
  return {json_get<int64_t>(json, "same_question", where),
          json_get<int64_t>(json, "other_gold_letter", where),
          json_get<int64_t>(json, "other_gold_text", where),
          json_get<int64_t>(json, "shared_texts", where),
          json_get<int64_t>(json, "contested_texts", where),
          list_from_json(json, "first", where, repeated_from_json)};
}

Json bin_to_json(const SizeBin& bin) {
  return {{"from_px", bin.from_px}, {"pictures", bin.images}};
}
SizeBin bin_from_json(const Json& json, std::string_view where) {
  return {json_get<int64_t>(json, "from_px", where), json_get<int64_t>(json, "pictures", where)};
}

Json kind_to_json(const ImageKind& kind) {
  return {{"kind", kind.kind}, {"pictures", kind.images}, {"first", kind.first}};
}
ImageKind kind_from_json(const Json& json, std::string_view where) {
  return {json_get<std::string>(json, "kind", where), json_get<int64_t>(json, "pictures", where),
          json_get<std::vector<std::string>>(json, "first", where)};
}

Json images_to_json(const AuditedImages& images) {
  return {{"looked_at", images.looked_at},
          {"files", images.files},
          {"distinct_files", images.distinct_files},
          {"distinct_pixels", images.distinct_pixels},
          {"rows_missing", images.rows_missing},
          {"rows_unreadable", images.rows_unreadable},
          {"undecodable", images.undecodable},
          {"below_28_px", images.below_28_px},
          {"above_1024_px", images.above_1024_px},
          {"not_comparable", images.not_comparable},
          {"sizes", list_to_json(images.sizes, bin_to_json)},
          {"kinds", list_to_json(images.kinds, kind_to_json)}};
}
AuditedImages images_from_json(const Json& json, std::string_view where) {
  AuditedImages images;
  images.looked_at = json_get<bool>(json, "looked_at", where);
  images.files = json_get<int64_t>(json, "files", where);
  images.distinct_files = json_get<int64_t>(json, "distinct_files", where);
  images.distinct_pixels = json_get<int64_t>(json, "distinct_pixels", where);
  images.rows_missing = json_get<int64_t>(json, "rows_missing", where);
  images.rows_unreadable = json_get<int64_t>(json, "rows_unreadable", where);
  images.undecodable = json_get<int64_t>(json, "undecodable", where);
  images.below_28_px = json_get<int64_t>(json, "below_28_px", where);
  images.above_1024_px = json_get<int64_t>(json, "above_1024_px", where);
  images.not_comparable = json_get<int64_t>(json, "not_comparable", where);
  images.sizes = list_from_json(json, "sizes", where, bin_from_json);
  if (json.contains("kinds")) {
    images.kinds = list_from_json(json, "kinds", where, kind_from_json);
  }
  return images;
}

Json overlap_to_json(const Overlap& overlap) {
  return {{"first", overlap.first},
          {"second", overlap.second},
          {"same_files", overlap.same_files},
          {"same_pixels", overlap.same_pixels},
          {"near_pairs", overlap.near_pairs},
          {"same_texts", overlap.same_texts},
          {"same_groups", overlap.same_groups}};
}
Overlap overlap_from_json(const Json& json, std::string_view where) {
  return {
      json_get<std::string>(json, "first", where),  json_get<std::string>(json, "second", where),
      json_get<int64_t>(json, "same_files", where), json_get<int64_t>(json, "same_pixels", where),
      json_get<int64_t>(json, "near_pairs", where), json_get<int64_t>(json, "same_texts", where),
      json_get<int64_t>(json, "same_groups", where)};
}

Json near_to_json(const NearPair& pair) {
  return {{"first", pair.first},
          {"first_image", pair.first_image},
          {"second", pair.second},
          {"second_image", pair.second_image},
          {"distance", pair.distance}};
}
NearPair near_from_json(const Json& json, std::string_view where) {
  return {json_get<std::string>(json, "first", where),
          json_get<std::string>(json, "first_image", where),
          json_get<std::string>(json, "second", where),
          json_get<std::string>(json, "second_image", where),
          json_get<int64_t>(json, "distance", where)};
}

}  // namespace

Json to_json(const Audit& audit) {
  return {{"schema", 1},
          {"source", audit.source},
          {"track", audit.track},
          {"rows", audit.rows},
          {"questions", audit.questions},
          {"left_out", audit.left_out},
          {"rejected", list_to_json(audit.rejected, reason_to_json)},
          {"notes", audit.notes},
          {"note_rows", audit.note_rows},
          {"splits", list_to_json(audit.splits, split_to_json)},
          {"duplicates", duplicates_to_json(audit.duplicates)},
          {"pictures", images_to_json(audit.images)},
          {"near_distance", audit.near_distance},
          {"parts", audit.parts},
          {"overlaps", list_to_json(audit.overlaps, overlap_to_json)},
          {"near_pairs", list_to_json(audit.near_pairs, near_to_json)}};
}

Audit audit_from_json(const Json& json, std::string_view where) {
  Audit audit;
  audit.source = json_get<std::string>(json, "source", where);
  audit.track = json_get_or<std::string>(json, "track", where, "");
  audit.rows = json_get<int64_t>(json, "rows", where);
  audit.questions = json_get<int64_t>(json, "questions", where);
  audit.left_out = json_get<int64_t>(json, "left_out", where);
  audit.rejected = list_from_json(json, "rejected", where, reason_from_json);
  for (const auto& [note, count] : member(json, "notes", where).items()) {
    audit.notes[note] = json_as<int64_t>(count, where, "notes");
  }
  for (const auto& [note, rows] : member(json, "note_rows", where).items()) {
    audit.note_rows[note] = json_as<std::vector<int64_t>>(rows, where, "note_rows");
  }
  audit.splits = list_from_json(json, "splits", where, split_from_json);
  audit.duplicates = duplicates_from_json(member(json, "duplicates", where), where);
  audit.images = images_from_json(member(json, "pictures", where), where);
  audit.near_distance = json_get<int64_t>(json, "near_distance", where);
  audit.parts = json_get<std::vector<std::string>>(json, "parts", where);
  audit.overlaps = list_from_json(json, "overlaps", where, overlap_from_json);
  audit.near_pairs = list_from_json(json, "near_pairs", where, near_from_json);
  return audit;
}

}  // namespace lmc::record
