#include "grounding/grounding_metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"              // cat, InputError
#include "grounding/metric_mean.h"   // metric_mean
#include "grounding/visual_claim.h"  // makes_visual_claim

namespace lmc::grounding {

namespace {

using record::GroundingMetric;
using record::ProbeAnswer;

constexpr char kZafar[] = "arXiv 2603.03437";
constexpr char kPerturbation[] = "a published PMC-VQA perturbation project, other names there";
constexpr char kOurs[] = "ours";
constexpr char kReadPairs[] = ", unread pairs left out";

// An answer to the real image and one under another condition.
struct Pair {
  const ProbeAnswer* real = nullptr;
  const ProbeAnswer* other = nullptr;
};

bool is_right(const ProbeAnswer& probe) { return record::is_right(probe.answer); }

bool is_same(const Pair& pair) { return pair.real->answer.letter == pair.other->answer.letter; }

// Neither reply gives a letter, so that nothing tells whether the answers agree.
bool is_unread(const Pair& pair) {
  return pair.real->answer.letter.empty() && pair.other->answer.letter.empty();
}

// All answers of a run, those that could not be put aside.
class Answers {
 public:
  explicit Answers(std::span<const ProbeAnswer> probes) : probes_(probes) {
    for (const ProbeAnswer& probe : probes) {
      if (probe.condition == "real" && probe.answer.error.empty()) {
        real_[probe.answer.question_id] = &probe;
      }
    }
  }

  const std::map<std::string, const ProbeAnswer*>& real() const { return real_; }

  // In the order of the file. Without a variant: all variants.
  std::vector<Pair> pairs(const std::string& condition, std::optional<int64_t> variant = {}) const {
    std::vector<Pair> pairs;
    for (const ProbeAnswer& probe : probes_) {
      if (probe.condition != condition || !probe.answer.error.empty()) continue;
      if (variant && probe.variant != *variant) continue;
      const auto found = real_.find(probe.answer.question_id);
      if (found != real_.end()) pairs.push_back({found->second, &probe});
    }
    return pairs;
  }

 private:
  std::span<const ProbeAnswer> probes_;
  std::map<std::string, const ProbeAnswer*> real_;
};

// --- One row a condition. ---

void add_shift(const std::vector<Pair>& pairs, record::ConditionRow& row) {
  double total = 0;
  int64_t count = 0;
  for (const Pair& pair : pairs) {
    const std::map<char, double>& own = pair.real->answer.letter_log_probability;
    const std::map<char, double>& others = pair.other->answer.letter_log_probability;
    if (own.empty()) continue;
    if (!std::equal(own.begin(), own.end(), others.begin(), others.end(),
                    [](const auto& one, const auto& other) { return one.first == other.first; })) {
      throw InputError("grounding.jsonl",
                       cat("\"", pair.real->answer.question_id, "\" with ", row.condition,
                           ": letter_log_probability has other "
                           "letters than with the question's own image"));
    }
    total += total_variation(own, others);
    ++count;
  }
  if (count > 0) row.mean_shift = total / static_cast<double>(count);
}

record::ConditionRow row_of(const std::vector<const ProbeAnswer*>& probes, const Answers& answers) {
  record::ConditionRow row;
  row.condition = probes[0]->condition;
  row.variant = probes[0]->variant;
  int64_t right = 0;
  for (const ProbeAnswer* probe : probes) {
    if (!probe->answer.error.empty()) {
      ++row.errors;
      continue;
    }
    if (is_right(*probe)) ++right;
    if (probe->answer.letter.empty()) ++row.no_answer;
  }
  row.accuracy = record::proportion_of(right, static_cast<int64_t>(probes.size()) - row.errors);
  const std::vector<Pair> pairs = answers.pairs(row.condition, row.variant);
  int64_t flipped = 0;
  for (const Pair& pair : pairs) {
    if (is_unread(pair)) ++row.both_unread;
    if (is_same(pair)) continue;
    ++flipped;
    if (is_right(*pair.real)) ++row.right_to_wrong;
    if (is_right(*pair.other)) ++row.wrong_to_right;
  }
  row.flipped = record::proportion_of(flipped, static_cast<int64_t>(pairs.size()));
  add_shift(pairs, row);
  return row;
}

std::vector<record::ConditionRow> rows_of(std::span<const ProbeAnswer> probes,
                                          const Answers& answers) {
  std::vector<std::vector<const ProbeAnswer*>> groups;  // in the order of the file
  std::map<std::pair<std::string, int64_t>, size_t> places;
  for (const ProbeAnswer& probe : probes) {
    const auto [at, is_new] = places.try_emplace({probe.condition, probe.variant}, groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(&probe);
  }
  std::vector<record::ConditionRow> rows;
  for (const auto& group : groups) rows.push_back(row_of(group, answers));
  return rows;
}

// --- Metrics over pairs. ---

using PairValue = std::function<int(const Pair&)>;

GroundingMetric over_pairs(const std::string& name, const std::string& formula, const char* source,
                           const std::vector<Pair>& pairs, const PairValue& value,
                           MetricKind kind = MetricKind::kMean) {
  std::vector<MetricItem> items;
  items.reserve(pairs.size());
  for (const Pair& pair : pairs) {
    items.push_back(
        {static_cast<double>(value(pair)), pair.real->answer.image_group, pair.other->variant});
  }
  return metric_mean(name, formula, source, items, kind);
}

int accuracy_loss(const Pair& pair) {
  return int{is_right(*pair.real)} - int{is_right(*pair.other)};
}

// Acc_other / Acc_real; absent when nothing is right with the real image.
GroundingMetric retention(const std::string& name, const std::string& formula, const char* source,
                          const std::vector<Pair>& pairs, bool as_loss) {
  GroundingMetric metric{name, formula, source, {}, {}, static_cast<int64_t>(pairs.size()), {}};
  const auto real = std::count_if(pairs.begin(), pairs.end(),
                                  [](const Pair& pair) { return is_right(*pair.real); });
  const auto other = std::count_if(pairs.begin(), pairs.end(),
                                   [](const Pair& pair) { return is_right(*pair.other); });
  if (real > 0) {
    const double kept = static_cast<double>(other) / static_cast<double>(real);
    metric.value = as_loss ? 1 - kept : kept;
  }
  return metric;
}

// A share of pairs, and the same with the unread pairs left out: a model that gives no letter would
// else seem to agree with itself.
void add_both_readings(const std::string& name, const std::string& formula, const char* source,
                       const std::vector<Pair>& pairs, const PairValue& value,
                       std::vector<GroundingMetric>& metrics) {
  metrics.push_back(over_pairs(name, formula + "; two replies without a letter agree", source,
                               pairs, value, MetricKind::kProportion));
  std::vector<Pair> read = pairs;
  std::erase_if(read, is_unread);
  metrics.push_back(over_pairs(name + kReadPairs,
                               formula + "; without the pairs in which neither reply has a letter",
                               kOurs, read, value, MetricKind::kProportion));
}

void add_shuffle_metrics(const Answers& answers, const std::string& condition,
                         const std::string& suffix, bool has_replies,
                         std::vector<GroundingMetric>& metrics) {
  const std::vector<Pair> pairs = answers.pairs(condition);
  if (pairs.empty()) return;
  metrics.push_back(
      over_pairs("VRS" + suffix, "Acc_real - Acc_" + condition, kZafar, pairs, accuracy_loss));
  add_both_readings(
      "IS" + suffix, "mean of 1[answer_real != answer_" + condition + "]", kZafar, pairs,
      [](const Pair& pair) { return int{!is_same(pair)}; }, metrics);
  if (!has_replies) return;
  std::map<const ProbeAnswer*, bool> claims;
  for (const Pair& pair : pairs) {
    if (!claims.contains(pair.real)) {
      claims[pair.real] = makes_visual_claim(pair.real->answer.reply);
    }
  }
  const PairValue idle_claim = [&](const Pair& pair) {
    return int{claims.at(pair.real) && is_same(pair)};
  };
  add_both_readings("HVRR" + suffix,
                    "mean over all replies of 1[claim and answer_real = answer_" + condition + "]",
                    kZafar, pairs, idle_claim, metrics);
  std::vector<Pair> claimed = pairs;
  std::erase_if(claimed, [&](const Pair& pair) { return !claims.at(pair.real); });
  add_both_readings("HVRR given a claim" + suffix, "the same over the replies that make a claim",
                    kOurs, claimed, idle_claim, metrics);
}

void add_claim_rate(const Answers& answers, std::vector<GroundingMetric>& metrics) {
  std::vector<MetricItem> items;
  for (const auto& [id, probe] : answers.real()) {
    items.push_back(
        {makes_visual_claim(probe->answer.reply) ? 1.0 : 0.0, probe->answer.image_group, 0});
  }
  metrics.push_back(metric_mean("visual claims",
                                cat("mean of 1[claim], claim: ", visual_claim_rule()), kOurs, items,
                                MetricKind::kProportion));
}

void add_image_metrics(const Answers& answers, std::vector<GroundingMetric>& metrics) {
  for (const char* blank : {"grey", "black", "white", "noise"}) {
    const auto pairs = answers.pairs(blank);
    if (pairs.empty()) continue;
    const bool is_theirs = std::string_view(blank) == "grey";
    metrics.push_back(retention(is_theirs ? "blank retention" : cat("retention, ", blank),
                                cat("Acc_", blank, " / Acc_real"), is_theirs ? kZafar : kOurs,
                                pairs, false));
  }
  const auto difference = [&](const char* condition, const char* name, const char* source) {
    const auto pairs = answers.pairs(condition);
    if (pairs.empty()) return;
    metrics.push_back(
        over_pairs(name, cat("Acc_real - Acc_", condition), source, pairs, accuracy_loss));
  };
  const auto loss = [&](const char* condition, const char* name) {
    const auto pairs = answers.pairs(condition);
    if (pairs.empty()) return;
    metrics.push_back(
        retention(name, cat("1 - Acc_", condition, " / Acc_real"), kPerturbation, pairs, true));
  };
  difference("absent", "gain from the picture", kOurs);
  difference("black", "accuracy lost on black", kPerturbation);
  loss("patch-shuffled", "share lost to patch shuffling");
  loss("low-pass", "share lost without fine structure");
  difference("high-pass", "accuracy lost without coarse structure", kPerturbation);
  difference("option-hidden", "accuracy lost when the right option is hidden", "arXiv 2606.16583");
  const auto captions = answers.pairs("caption");
  if (!captions.empty()) {
    metrics.push_back(over_pairs("gain from a caption", "Acc_caption - Acc_real", kOurs, captions,
                                 [](const Pair& pair) { return -accuracy_loss(pair); }));
  }
}

// The letter most of the answers have; of equally common ones the first. Empty: none has one.
std::string majority(const std::vector<const ProbeAnswer*>& answers) {
  std::map<std::string, int> votes;
  std::string best;
  for (const ProbeAnswer* probe : answers) {
    if (!probe->answer.letter.empty()) ++votes[probe->answer.letter];
  }
  for (const ProbeAnswer* probe : answers) {
    const std::string& letter = probe->answer.letter;
    if (!letter.empty() && (best.empty() || votes[letter] > votes[best])) best = letter;
  }
  return best;
}

void add_rotation_metrics(const Answers& answers, std::vector<GroundingMetric>& metrics) {
  std::map<const ProbeAnswer*, std::vector<const ProbeAnswer*>> by_question;
  std::vector<const ProbeAnswer*> order;
  for (const Pair& pair : answers.pairs("rotation")) {
    auto& all = by_question[pair.real];
    if (all.empty()) {
      all.push_back(pair.real);
      order.push_back(pair.real);
    }
    all.push_back(pair.other);
  }
  if (order.empty()) return;
  std::vector<MetricItem> consistent;
  std::vector<MetricItem> right;
  for (const ProbeAnswer* real : order) {
    const auto& all = by_question.at(real);
    const bool same = !real->answer.letter.empty() &&
                      std::all_of(all.begin(), all.end(), [&](const ProbeAnswer* one) {
                        return one->answer.letter == real->answer.letter;
                      });
    consistent.push_back({same ? 1.0 : 0.0, real->answer.image_group, 0});
    right.push_back({majority(all) == real->answer.gold ? 1.0 : 0.0, real->answer.image_group, 0});
  }
  metrics.push_back(metric_mean("rotation consistency",
                                "mean of 1[the same option is chosen in every rotation]", kOurs,
                                consistent, MetricKind::kProportion));
  metrics.push_back(metric_mean("majority of rotations",
                                "accuracy of the option chosen most often over all rotations",
                                kOurs, right, MetricKind::kProportion));
}

double best_letter_accuracy(const Answers& answers) {
  std::map<std::string, int64_t> gold;
  for (const auto& [id, probe] : answers.real()) ++gold[probe->answer.gold];
  int64_t most = 0;
  for (const auto& [letter, count] : gold) most = std::max(most, count);
  return static_cast<double>(most) / static_cast<double>(answers.real().size());
}

}  // namespace

double total_variation(const std::map<char, double>& log_probability,
                       const std::map<char, double>& other) {
  const auto softmax = [](std::map<char, double> values) {
    double most = -std::numeric_limits<double>::infinity();
    for (const auto& [letter, value] : values) most = std::max(most, value);
    double total = 0;
    for (auto& [letter, value] : values) total += value = std::exp(value - most);
    for (auto& [letter, value] : values) value /= total;
    return values;
  };
  const std::map<char, double> first = softmax(log_probability);
  const std::map<char, double> second = softmax(other);
  double difference = 0;
  for (const auto& [letter, share] : first) difference += std::abs(share - second.at(letter));
  return difference / 2;
}

record::GroundingResult measure_grounding(std::span<const record::ProbeAnswer> probes,
                                          const std::string& reply) {
  const Answers answers(probes);
  if (answers.real().empty()) {
    throw InputError("grounding.jsonl", "no question could be put with its own image",
                     "each line's \"error\" says why");
  }
  record::GroundingResult result;
  result.reply = reply;
  result.questions = static_cast<int64_t>(answers.real().size());
  result.best_letter_accuracy = best_letter_accuracy(answers);
  result.conditions = rows_of(probes, answers);
  const bool has_replies = reply == "reasoning";
  add_shuffle_metrics(answers, "shuffled", "", has_replies, result.metrics);
  add_shuffle_metrics(answers, "shuffled-modality", " within modality", has_replies,
                      result.metrics);
  if (has_replies) add_claim_rate(answers, result.metrics);
  add_image_metrics(answers, result.metrics);
  add_rotation_metrics(answers, result.metrics);
  return result;
}

}  // namespace lmc::grounding
