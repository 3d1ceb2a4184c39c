#include "record/review.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <span>

#include "base/check.h"         // InputError, cat
#include "record/json_lines.h"  // kSchema

namespace lmc::record {

namespace {

constexpr uint64_t kMaxBytes = 16'000'000;  // of a key or of ratings; a sheet has some fifty items
constexpr size_t kMaxNameBytes = 240;       // the page takes 60 characters

// Names are shown on terminals.
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

Json read_object(const std::string& path) {
  std::error_code error;
  const uint64_t bytes = std::filesystem::file_size(path, error);
  if (!error && bytes > kMaxBytes) {
    throw InputError(path, cat("expected at most ", kMaxBytes, " bytes, found ", bytes));
  }
  Json json = read_json(path);
  if (json_get_or<int64_t>(json, "schema", path, 1) > kSchema) {
    throw InputError(path, cat("expected schema ", kSchema, " or older"));
  }
  return json;
}

const Json& items_of(const Json& json, const std::string& path) {
  const auto found = json.find("items");
  if (found == json.end() || !found->is_array()) {
    throw InputError(path, "the list \"items\" is missing");
  }
  return *found;
}

Json to_json(const ReviewItem& item) {
  return {{"item", item.number},    {"question_id", item.question_id}, {"accepted", item.accepted},
          {"reason", item.reason},  {"answer", item.answer},           {"gold", item.gold},
          {"options", item.options}};
}

// Reads one rater's answers to one item, and tells what does not fit.
class RatingReader {
 public:
  RatingReader(const std::string& where, std::vector<std::string>& faults)
      : where_(where), faults_(faults) {}

  std::string choice(const Json& json, const char* key, std::span<const std::string_view> choices) {
    auto text = json_get_or<std::string>(json, key, where_, "");
    if (text.empty() || std::find(choices.begin(), choices.end(), text) != choices.end()) {
      return text;
    }
    fault(cat("\"", key, "\" is ", to_text(Json(text)), ", which is none of the choices"));
    return {};
  }

  std::string letter(const Json& json, const std::string& options) {
    auto text = json_get_or<std::string>(json, "answer", where_, "");
    if (text.empty() || (text.size() == 1 && options.find(text) != options.npos)) return text;
    fault(cat("\"answer\" is ", to_text(Json(text)), ", expected a letter of ", options));
    return {};
  }

  void fault(const std::string& problem) { faults_.push_back(cat(where_, ": ", problem)); }

 private:
  const std::string& where_;
  std::vector<std::string>& faults_;
};

}  // namespace

Json to_json(const ReviewKey& key) {
  Json items = Json::array();
  for (const ReviewItem& item : key.items) items.push_back(to_json(item));
  return {{"schema", kSchema},
          {"sheet", key.sheet},
          {"ledger", key.ledger},
          {"accepted_in_ledger", key.accepted_in_ledger},
          {"rejected_in_ledger", key.rejected_in_ledger},
          {"items", std::move(items)}};
}

ReviewKey read_review_key(const std::string& path) {
  const Json json = read_object(path);
  ReviewKey key;
  key.sheet = json_get<std::string>(json, "sheet", path);
  key.ledger = json_get_or<std::string>(json, "ledger", path, "");
  key.accepted_in_ledger = json_get_or<int64_t>(json, "accepted_in_ledger", path, 0);
  key.rejected_in_ledger = json_get_or<int64_t>(json, "rejected_in_ledger", path, 0);
  for (const Json& one : items_of(json, path)) {
    ReviewItem& item = key.items.emplace_back();
    item.number = json_get<int64_t>(one, "item", path);
    item.question_id = json_get<std::string>(one, "question_id", path);
    item.accepted = json_get<bool>(one, "accepted", path);
    item.reason = json_get<std::string>(one, "reason", path);
    item.answer = json_get<std::string>(one, "answer", path);
    item.gold = json_get<std::string>(one, "gold", path);
    item.options = json_get<std::string>(one, "options", path);
    if (item.number != static_cast<int64_t>(key.items.size())) {
      throw InputError(path, cat("expected item ", key.items.size(), ", found ", item.number));
    }
  }
  return key;
}

Ratings read_ratings(const std::string& path, const ReviewKey& key,
                     std::vector<std::string>& faults) {
  const Json json = read_object(path);
  const auto sheet = json_get<std::string>(json, "sheet", path);
  if (sheet != key.sheet) {
    throw InputError(path, cat("expected ratings of sheet ", key.sheet, ", found sheet ", sheet),
                     "--key names the key of the sheet that was rated");
  }
  Ratings ratings;
  ratings.rater = json_get<std::string>(json, "rater", path);
  if (ratings.rater.empty() || ratings.rater.size() > kMaxNameBytes ||
      std::any_of(ratings.rater.begin(), ratings.rater.end(), is_control)) {
    throw InputError(path, cat("key \"rater\": expected a name of one line, found ",
                               to_text(Json(ratings.rater.substr(0, kMaxNameBytes)))));
  }
  std::set<int64_t> seen;
  for (const Json& one : items_of(json, path)) {
    Rating rating;
    rating.item = json_get<int64_t>(one, "item", path);
    const std::string where = cat(path, ", item ", rating.item);
    RatingReader reader(where, faults);
    if (rating.item < 1 || rating.item > static_cast<int64_t>(key.items.size())) {
      reader.fault(cat("is not on the sheet, which has ", key.items.size()));
      continue;
    }
    if (!seen.insert(rating.item).second) {
      reader.fault("stands twice; the first counts");
      continue;
    }
    rating.findings = reader.choice(one, "findings", kFindings);
    rating.leads = reader.choice(one, "leads", kNoYes);
    rating.acceptable = reader.choice(one, "acceptable", kNoYes);
    rating.answer = reader.letter(one, key.items[static_cast<size_t>(rating.item - 1)].options);
    rating.comment = json_get_or<std::string>(one, "comment", where, "");
    ratings.items.push_back(std::move(rating));
  }
  return ratings;
}

}  // namespace lmc::record
