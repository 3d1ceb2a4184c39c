// A review as JSON and as text for a terminal.
#include <algorithm>
#include <cstdio>

#include "base/check.h"  // cat
#include "eval/review.h"

namespace lmc::eval {

namespace {

Json proportion_json(const record::Proportion& share) {
  return {{"count", share.correct},
          {"total", share.total},
          {"share", share.total == 0 ? Json(nullptr) : Json(share.accuracy)},
          {"interval_95", share.interval_95}};
}

std::string fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string kappa_text(const std::optional<double>& kappa) {
  return kappa ? fixed(*kappa, 3) : "undefined";
}

std::string percent_text(const std::optional<double>& share) {
  return share ? fixed(100 * *share, 1) + " %" : "undefined";
}

// "18 of 20, 90.0 % (69.9 to 97.2)".
std::string proportion_text(const record::Proportion& share) {
  if (share.total == 0) return "none";
  return cat(share.correct, " of ", share.total, ", ", fixed(100 * share.accuracy, 1), " % (",
             fixed(100 * share.interval_95[0], 1), " to ", fixed(100 * share.interval_95[1], 1),
             ")");
}

using Row = std::vector<std::string>;

// In characters, as a name may hold more than ASCII.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// Columns as wide as their longest cell; names to the left, numbers to the right.
std::string table(const std::string& title, const std::vector<Row>& rows, size_t names) {
  std::vector<size_t> widths(rows.at(0).size());
  for (const Row& row : rows) {
    for (size_t k = 0; k < row.size(); ++k) widths[k] = std::max(widths[k], width_of(row[k]));
  }
  std::string text = "\n" + title + "\n";
  for (const Row& row : rows) {
    std::string line;
    for (size_t k = 0; k < row.size(); ++k) {
      const std::string fill(widths[k] - width_of(row[k]), ' ');
      line += cat("  ", k < names ? row[k] + fill : fill + row[k]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string pairs_text(const Review& review) {
  if (review.pairs.empty()) return {};
  std::vector<Row> rows = {
      {"question", "raters", "items", "same", "kappa", "weighted kappa (items)"}};
  for (const PairAgreement& pair : review.pairs) {
    const bool is_ordinal = pair.question == "findings";
    rows.push_back(
        {pair.question, cat(pair.first, " and ", pair.second), std::to_string(pair.items),
         percent_text(pair.same), kappa_text(pair.kappa),
         is_ordinal ? cat(kappa_text(pair.ordinal_kappa), " (", pair.ordinal_items, ")") : "-"});
  }
  return table("Raters with each other (Cohen's kappa)", rows, 2);
}

std::string groups_text(const Review& review) {
  if (review.groups.empty()) return {};
  std::vector<Row> rows = {{"question", "items", "kappa"}};
  for (const GroupAgreement& group : review.groups) {
    rows.push_back({group.question, std::to_string(group.items), kappa_text(group.kappa)});
  }
  return table(cat("All ", review.raters.size(), " raters (Fleiss' kappa)"), rows, 1);
}

std::string checks_text(const Review& review) {
  std::vector<Row> rows = {{"rater", "items", "kappa", "sensitivity", "specificity"}};
  std::vector<Row> verdicts = {
      {"rater", "accepted, and acceptable", "rejected, and not acceptable"}};
  for (const CheckAgreement& check : review.checks) {
    rows.push_back({check.rater, std::to_string(check.items), kappa_text(check.kappa),
                    proportion_text(check.sensitivity), proportion_text(check.specificity)});
    verdicts.push_back({check.rater, proportion_text(check.accepted_rightly),
                        proportion_text(check.rejected_rightly)});
  }
  return cat(table("The checks, taking each rater's \"acceptable\" as the truth (95 % Wilson "
                   "intervals; in this sample, which is no image of the ledger)",
                   rows, 1),
             table("The checks' verdicts that each rater shares", verdicts, 1));
}

std::string rules_text(const Review& review) {
  if (review.rules.empty()) return {};
  std::vector<Row> rows = {{"rule", "items", "ratings", "would accept", "items by majority"}};
  for (const RuleReview& rule : review.rules) {
    rows.push_back({rule.rule, std::to_string(rule.items), std::to_string(rule.ratings),
                    std::to_string(rule.acceptable), std::to_string(rule.by_majority)});
  }
  return table("Rejected explanations that the raters would have accepted", rows, 1);
}

std::string answers_text(const Review& review) {
  std::vector<Row> rows = {{"rater", "as gold", "as the explanation"}};
  for (const AnswerReview& answer : review.answers) {
    rows.push_back(
        {answer.rater, proportion_text(answer.gold), proportion_text(answer.explanation)});
  }
  return table("The raters' own answers", rows, 1);
}

}  // namespace

Json to_json(const Review& review) {
  Json json = {{"sheet", review.sheet}, {"items", review.items}};
  json["raters"] = Json::array();
  for (size_t i = 0; i < review.raters.size(); ++i) {
    json["raters"].push_back({{"rater", review.raters[i]}, {"rated", review.rated[i]}});
  }
  json["pairs"] = Json::array();
  for (const PairAgreement& pair : review.pairs) {
    Json one = {{"question", pair.question},       {"first", pair.first},
                {"second", pair.second},           {"items", pair.items},
                {"same", json_or_null(pair.same)}, {"kappa", json_or_null(pair.kappa)}};
    if (pair.question == "findings") {
      one["ordinal_items"] = pair.ordinal_items;
      one["ordinal_kappa"] = json_or_null(pair.ordinal_kappa);
    }
    json["pairs"].push_back(std::move(one));
  }
  json["groups"] = Json::array();
  for (const GroupAgreement& group : review.groups) {
    json["groups"].push_back({{"question", group.question},
                              {"items", group.items},
                              {"kappa", json_or_null(group.kappa)}});
  }
  json["checks"] = Json::array();
  for (const CheckAgreement& check : review.checks) {
    json["checks"].push_back({{"rater", check.rater},
                              {"items", check.items},
                              {"kappa", json_or_null(check.kappa)},
                              {"sensitivity", proportion_json(check.sensitivity)},
                              {"specificity", proportion_json(check.specificity)},
                              {"accepted_rightly", proportion_json(check.accepted_rightly)},
                              {"rejected_rightly", proportion_json(check.rejected_rightly)}});
  }
  json["rules"] = Json::array();
  for (const RuleReview& rule : review.rules) {
    json["rules"].push_back({{"rule", rule.rule},
                             {"items", rule.items},
                             {"ratings", rule.ratings},
                             {"acceptable", rule.acceptable},
                             {"by_majority", rule.by_majority}});
  }
  json["answers"] = Json::array();
  for (const AnswerReview& answer : review.answers) {
    json["answers"].push_back({{"rater", answer.rater},
                               {"gold", proportion_json(answer.gold)},
                               {"explanation", proportion_json(answer.explanation)}});
  }
  json["faults"] = review.faults;
  return json;
}

std::string review_text(const Review& review) {
  std::string text = cat("sheet ", review.sheet, ", ", review.items, " explanations\n");
  for (size_t i = 0; i < review.raters.size(); ++i) {
    text += cat("  ", review.raters[i], ": ", review.rated[i], " rated\n");
  }
  text += pairs_text(review) + groups_text(review) + checks_text(review) + rules_text(review) +
          answers_text(review);
  if (!review.faults.empty()) text += cat("\nleft out, ", review.faults.size(), ":\n");
  for (const std::string& fault : review.faults) text += cat("  ", fault, "\n");
  return text;
}

}  // namespace lmc::eval
