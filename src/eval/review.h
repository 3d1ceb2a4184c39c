// What a blinded review says: how far its raters agree with each other, with the checks that
// accepted or rejected the explanations, and with the gold answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"      // Json
#include "record/result.h"  // Proportion
#include "record/review.h"  // ReviewKey, Ratings

namespace lmc::eval {

// Two raters on one question of the sheet, over the items that both answered.
struct PairAgreement {
  std::string question;  // "findings", "leads", "acceptable" or "answer"
  std::string first;
  std::string second;
  int64_t items = 0;
  std::optional<double> same;   // share with the same answer
  std::optional<double> kappa;  // Cohen's; nothing: undefined
  // Of `findings` alone: with quadratic weights on no, partly, yes. Items of which one of the two
  // cannot tell are not on that scale and left out.
  int64_t ordinal_items = 0;
  std::optional<double> ordinal_kappa;
};

// All raters, when there are three or more, over the items that all answered.
struct GroupAgreement {
  std::string question;
  int64_t items = 0;
  std::optional<double> kappa;  // Fleiss'
};

// One rater's "acceptable for teaching" beside the verdict of the checks.
struct CheckAgreement {
  std::string rater;
  int64_t items = 0;
  std::optional<double> kappa;
  // Of what the rater finds acceptable, the share that the checks accepted; of what not, the share
  // that they rejected. Both depend on the sample's mixture of accepted and rejected.
  record::Proportion sensitivity;
  record::Proportion specificity;
  // Of what the checks accepted, the share the rater finds acceptable; of what they rejected, the
  // share that is not. These hold for the ledger: the sample was drawn by the checks' verdict.
  record::Proportion accepted_rightly;
  record::Proportion rejected_rightly;
};

// What the raters say of the explanations that one rule rejected.
struct RuleReview {
  std::string rule;
  int64_t items = 0;        // rated by one or more
  int64_t ratings = 0;      // by all raters together
  int64_t acceptable = 0;   // of the ratings
  int64_t by_majority = 0;  // items that more than half of their raters would accept
};

struct AnswerReview {
  std::string rater;
  record::Proportion gold;         // the rater's answers that are the gold ones
  record::Proportion explanation;  // that are the explanation's
};

struct Review {
  std::string sheet;
  int64_t items = 0;  // on the sheet
  std::vector<std::string> raters;
  std::vector<int64_t> rated;  // items with any answer, by rater
  std::vector<PairAgreement> pairs;
  std::vector<GroupAgreement> groups;
  std::vector<CheckAgreement> checks;
  std::vector<RuleReview> rules;
  std::vector<AnswerReview> answers;
  std::vector<std::string> faults;  // of the ratings, one line each
};

// Errors: InputError for two files of one rater.
Review review(const record::ReviewKey& key, const std::vector<record::Ratings>& ratings);

// Reads and reviews.
// Errors: InputError as of record::read_review_key and record::read_ratings.
Review read_review(const std::string& key, const std::vector<std::string>& ratings);

Json to_json(const Review& review);  // undefined metrics are null
std::string review_text(const Review& review);

}  // namespace lmc::eval
