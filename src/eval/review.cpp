#include "eval/review.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/check.h"             // InputError, cat
#include "stats/rater_agreement.h"  // stats::cohen_kappa, stats::fleiss_kappa

namespace lmc::eval {

namespace {

constexpr int kNotRated = -1;
constexpr int kCannotTell = 3;  // its place in record::kFindings

int place_of(const std::string& word, std::span<const std::string_view> scale) {
  const auto found = std::find(scale.begin(), scale.end(), word);
  return found == scale.end() ? kNotRated : static_cast<int>(found - scale.begin());
}

// A question of the sheet: how a rating becomes a category.
struct Asked {
  std::string name;
  int categories = 0;
  int (*category)(const record::Rating&) = nullptr;
};

std::vector<Asked> all_asked() {
  return {{"findings", 4,
           [](const record::Rating& r) { return place_of(r.findings, record::kFindings); }},
          {"leads", 2, [](const record::Rating& r) { return place_of(r.leads, record::kNoYes); }},
          {"acceptable", 2,
           [](const record::Rating& r) { return place_of(r.acceptable, record::kNoYes); }},
          {"answer", 26, [](const record::Rating& r) {
             return r.answer.empty() ? kNotRated : r.answer[0] - 'A';
           }}};
}

// A rater's categories by item, kNotRated where there is none.
std::vector<int> categories_of(const Asked& asked, const record::Ratings& ratings, size_t items) {
  std::vector<int> categories(items, kNotRated);
  for (const record::Rating& rating : ratings.items) {
    categories.at(static_cast<size_t>(rating.item - 1)) = asked.category(rating);
  }
  return categories;
}

PairAgreement pair_agreement(const Asked& asked, const std::vector<int>& first,
                             const std::vector<int>& second) {
  stats::RatedPairs pairs;
  stats::RatedPairs ordinal;
  for (size_t i = 0; i < first.size(); ++i) {
    if (first[i] == kNotRated || second[i] == kNotRated) continue;
    pairs.emplace_back(first[i], second[i]);
    if (first[i] != kCannotTell && second[i] != kCannotTell) ordinal.push_back(pairs.back());
  }
  PairAgreement agreement;
  agreement.question = asked.name;
  agreement.items = static_cast<int64_t>(pairs.size());
  agreement.same = stats::share_of_agreement(pairs);
  agreement.kappa = stats::cohen_kappa(pairs, asked.categories, stats::Weights::kNone);
  if (asked.name == "findings") {
    agreement.ordinal_items = static_cast<int64_t>(ordinal.size());
    agreement.ordinal_kappa = stats::cohen_kappa(ordinal, kCannotTell, stats::Weights::kQuadratic);
  }
  return agreement;
}

GroupAgreement group_agreement(const Asked& asked, const std::vector<std::vector<int>>& by_rater) {
  std::vector<std::vector<int64_t>> counts;
  for (size_t i = 0; i < by_rater[0].size(); ++i) {
    std::vector<int64_t> of_item(static_cast<size_t>(asked.categories));
    bool by_all = true;
    for (const std::vector<int>& categories : by_rater) {
      if (categories[i] == kNotRated) {
        by_all = false;
      } else {
        ++of_item[static_cast<size_t>(categories[i])];
      }
    }
    if (by_all) counts.push_back(std::move(of_item));
  }
  return {asked.name, static_cast<int64_t>(counts.size()), stats::fleiss_kappa(counts)};
}

const record::ReviewItem& item_of(const record::ReviewKey& key, const record::Rating& rating) {
  return key.items.at(static_cast<size_t>(rating.item - 1));
}

CheckAgreement check_agreement(const record::ReviewKey& key, const record::Ratings& ratings) {
  stats::RatedPairs pairs;    // rater, checks
  int64_t counts[2][2] = {};  // [acceptable][accepted]
  for (const record::Rating& rating : ratings.items) {
    const int acceptable = place_of(rating.acceptable, record::kNoYes);
    if (acceptable == kNotRated) continue;
    const int accepted = item_of(key, rating).accepted ? 1 : 0;
    pairs.emplace_back(acceptable, accepted);
    ++counts[acceptable][accepted];
  }
  return {ratings.rater,
          static_cast<int64_t>(pairs.size()),
          stats::cohen_kappa(pairs, 2, stats::Weights::kNone),
          record::proportion_of(counts[1][1], counts[1][0] + counts[1][1]),
          record::proportion_of(counts[0][0], counts[0][0] + counts[0][1]),
          record::proportion_of(counts[1][1], counts[0][1] + counts[1][1]),
          record::proportion_of(counts[0][0], counts[0][0] + counts[1][0])};
}

std::vector<RuleReview> rule_reviews(const record::ReviewKey& key,
                                     const std::vector<record::Ratings>& all) {
  struct Votes {
    int64_t ratings = 0;
    int64_t acceptable = 0;
  };
  std::map<int64_t, Votes> votes_of;
  for (const record::Ratings& ratings : all) {
    for (const record::Rating& rating : ratings.items) {
      if (item_of(key, rating).accepted || rating.acceptable.empty()) continue;
      Votes& votes = votes_of[rating.item];
      ++votes.ratings;
      votes.acceptable += rating.acceptable == "yes" ? 1 : 0;
    }
  }
  std::map<std::string, RuleReview> by_rule;
  for (const auto& [item, votes] : votes_of) {
    const std::string& rule = key.items[static_cast<size_t>(item - 1)].reason;
    RuleReview& one = by_rule[rule];
    one.rule = rule;
    ++one.items;
    one.ratings += votes.ratings;
    one.acceptable += votes.acceptable;
    one.by_majority += 2 * votes.acceptable > votes.ratings ? 1 : 0;
  }
  std::vector<RuleReview> rules;
  for (const auto& [rule, one] : by_rule) rules.push_back(one);
  return rules;
}

AnswerReview answer_review(const record::ReviewKey& key, const record::Ratings& ratings) {
  int64_t total = 0;
  int64_t gold = 0;
  int64_t explanation = 0;
  for (const record::Rating& rating : ratings.items) {
    if (rating.answer.empty()) continue;
    ++total;
    gold += rating.answer == item_of(key, rating).gold ? 1 : 0;
    explanation += rating.answer == item_of(key, rating).answer ? 1 : 0;
  }
  return {ratings.rater, record::proportion_of(gold, total),
          record::proportion_of(explanation, total)};
}

}  // namespace

Review review(const record::ReviewKey& key, const std::vector<record::Ratings>& ratings) {
  Review found;
  found.sheet = key.sheet;
  found.items = static_cast<int64_t>(key.items.size());
  std::set<std::string> names;
  for (const record::Ratings& one : ratings) {
    if (!names.insert(one.rater).second) {
      throw InputError("--review", cat("two files hold the ratings of ", one.rater),
                       "give the later one alone");
    }
    found.raters.push_back(one.rater);
    found.rated.push_back(static_cast<int64_t>(one.items.size()));
    found.checks.push_back(check_agreement(key, one));
    found.answers.push_back(answer_review(key, one));
  }
  for (const Asked& asked : all_asked()) {
    std::vector<std::vector<int>> by_rater;
    for (const record::Ratings& one : ratings) {
      by_rater.push_back(categories_of(asked, one, key.items.size()));
    }
    for (size_t a = 0; a < by_rater.size(); ++a) {
      for (size_t b = a + 1; b < by_rater.size(); ++b) {
        PairAgreement pair = pair_agreement(asked, by_rater[a], by_rater[b]);
        pair.first = ratings[a].rater;
        pair.second = ratings[b].rater;
        found.pairs.push_back(std::move(pair));
      }
    }
    if (by_rater.size() > 2) found.groups.push_back(group_agreement(asked, by_rater));
  }
  found.rules = rule_reviews(key, ratings);
  return found;
}

Review read_review(const std::string& key_path, const std::vector<std::string>& paths) {
  const record::ReviewKey key = record::read_review_key(key_path);
  std::vector<std::string> faults;
  std::vector<record::Ratings> ratings;
  for (const std::string& path : paths) ratings.push_back(record::read_ratings(path, key, faults));
  Review found = review(key, ratings);
  found.faults = std::move(faults);
  return found;
}

}  // namespace lmc::eval
