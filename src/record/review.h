// Files of a blinded review: the key that unblinds a sheet, and what each rater saved.
//
// <sheet>.key.json:               {"schema", "sheet", "ledger", "accepted_in_ledger",
//                                  "rejected_in_ledger", "items": [{"item", "question_id",
//                                  "accepted", "reason", "answer", "gold", "options"}]}
// ratings-<rater>-<sheet>.json:   {"schema", "sheet", "rater", "items": [{"item", "findings",
//                                  "leads", "acceptable", "answer", "comment"}]}
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

struct ReviewItem {
  int64_t number = 0;  // from 1, in the order of the sheet
  std::string question_id;
  bool accepted = false;  // by the checks
  std::string reason;     // of a reject
  std::string answer;     // the explanation's
  std::string gold;
  std::string options;  // the letters, "ABCD"
};

struct ReviewKey {
  std::string sheet;  // its id
  std::string ledger;
  int64_t accepted_in_ledger = 0;  // explanations that could have been drawn
  int64_t rejected_in_ledger = 0;
  std::vector<ReviewItem> items;
};

Json to_json(const ReviewKey& key);

// Errors: InputError for a file that is no key.
ReviewKey read_review_key(const std::string& path);

// What a rater says of an item; an empty text: not answered.
struct Rating {
  int64_t item = 0;
  std::string findings;    // "yes", "partly", "no" or "cannot tell": the visual findings are right
  std::string leads;       // "yes" or "no": the reasoning leads to its conclusion
  std::string acceptable;  // "yes" or "no": for teaching
  std::string answer;      // the letter the rater would give
  std::string comment;
};

// In the order of the scale; "cannot tell" stands beside it.
inline constexpr std::array<std::string_view, 4> kFindings = {"no", "partly", "yes", "cannot tell"};
inline constexpr std::array<std::string_view, 2> kNoYes = {"no", "yes"};

struct Ratings {
  std::string rater;
  std::vector<Rating> items;
};

// What does not fit is left out and told in `faults`, one line each: an item that is not on the
// sheet or stands twice, a value that is none of the choices.
// Errors: InputError for a file that holds no ratings, ratings of another sheet, or no rater.
Ratings read_ratings(const std::string& path, const ReviewKey& key,
                     std::vector<std::string>& faults);

}  // namespace lmc::record
