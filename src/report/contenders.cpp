#include "report/contenders.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/check.h"        // InputError, cat
#include "record/run_files.h"  // manifest_path

namespace lmc::report {

namespace {

namespace fs = std::filesystem;
using record::Comparison;

// The target of the training that made the run's adapter, or its whole model.
std::string target_of(const std::optional<record::Manifest>& run,
                      const std::vector<NamedManifest>& manifests) {
  if (!run) return {};
  for (const char* key : {"adapter", "model"}) {
    const std::string folder = record::text_option(*run, key);
    if (folder.empty()) continue;
    const fs::path path = fs::weakly_canonical(record::manifest_path(folder));
    for (const NamedManifest& one : manifests) {
      if (!one.manifest || one.path.empty() || fs::weakly_canonical(one.path) != path) continue;
      const std::string target = record::text_option(*one.manifest, "target");
      if (!target.empty()) return target;
    }
  }
  return {};
}

Verdict verdict_of(double difference, bool is_shown) {
  if (!is_shown || difference == 0) return Verdict::kNotShown;
  return difference > 0 ? Verdict::kAhead : Verdict::kBehind;
}

bool leaves_out_zero(const std::array<double, 2>& interval) {
  return interval[0] > 0 || interval[1] < 0;
}

std::array<double, 2> mirrored(const std::array<double, 2>& interval) {
  return {-interval[1], -interval[0]};
}

std::optional<Standing> standing_of_arms(const Comparison& comparison, const std::string& first,
                                         const std::string& second) {
  for (const record::ArmComparison& pair : comparison.arm_pairs) {
    const bool is_turned = pair.first == second && pair.second == first;
    if (!is_turned && (pair.first != first || pair.second != second)) continue;
    Standing standing;
    standing.difference = is_turned ? -pair.difference : pair.difference;
    standing.questions = pair.questions;
    standing.interval_95 = pair.question_interval_95;
    standing.seed_interval_95 = pair.seed_interval_95;
    for (auto* interval : {&standing.interval_95, &standing.seed_interval_95}) {
      if (is_turned && *interval) *interval = mirrored(**interval);
    }
    const bool is_shown =
        standing.interval_95 && leaves_out_zero(*standing.interval_95) &&
        (!standing.seed_interval_95 || leaves_out_zero(*standing.seed_interval_95));
    standing.verdict = verdict_of(standing.difference, is_shown);
    return standing;
  }
  return std::nullopt;
}

std::optional<Standing> standing_of_runs(const Comparison& comparison, const std::string& first,
                                         const std::string& second) {
  for (const record::PairComparison& pair : comparison.pairs) {
    const bool is_turned = pair.first == second && pair.second == first;
    if (!is_turned && (pair.first != first || pair.second != second)) continue;
    Standing standing;
    standing.questions = pair.total();
    standing.only_first_right = is_turned ? pair.only_second_right : pair.only_first_right;
    standing.only_second_right = is_turned ? pair.only_first_right : pair.only_second_right;
    standing.difference =
        static_cast<double>(*standing.only_first_right - *standing.only_second_right) /
        static_cast<double>(pair.total());
    standing.interval_95 = pair.difference_interval_95;
    if (is_turned && standing.interval_95) standing.interval_95 = mirrored(*standing.interval_95);
    standing.mcnemar_p = pair.p_value;
    standing.holm_p = pair.holm_p;
    standing.equivalence_p = pair.equivalence_p;
    const bool is_shown = pair.holm_p < kSignificance &&
                          (!standing.interval_95 || leaves_out_zero(*standing.interval_95));
    standing.verdict = verdict_of(standing.difference, is_shown);
    return standing;
  }
  return std::nullopt;
}

bool answered_the_same(const Comparison& comparison, const Contender& one, const Contender& other) {
  const auto standing = standing_of(comparison, one, other);
  return standing && standing->questions == one.questions && standing->questions == other.questions;
}

// `set` is in the order of the runs.
size_t reference_in(const std::vector<Contender>& set, const std::string& name) {
  for (size_t i = 0; i < set.size(); ++i) {
    if (!name.empty() && set[i].name == name) return i;
  }
  for (size_t i = 0; i < set.size(); ++i) {
    if (set[i].target == "answer") return i;
  }
  return 0;
}

// `set` is best first.
size_t subject_in(const std::vector<Contender>& set) {
  for (size_t i = 0; i < set.size(); ++i) {
    if (!set[i].target.empty()) return i;
  }
  return 0;
}

bool has_name(const std::vector<Contender>& set, const std::string& name) {
  return std::any_of(set.begin(), set.end(),
                     [&](const Contender& one) { return one.name == name; });
}

}  // namespace

std::vector<Contender> contenders_of(const Comparison& comparison,
                                     const std::vector<NamedManifest>& manifests) {
  std::map<std::string, const record::SeedArm*> arm_of_run;
  for (const record::SeedArm& arm : comparison.seed_arms) {
    for (const std::string& run : arm.runs) arm_of_run[run] = &arm;
  }
  std::vector<Contender> contenders;
  std::map<std::string, size_t> places;  // of arms
  for (size_t run = 0; run < comparison.runs.size(); ++run) {
    const record::Result& result = comparison.runs[run];
    const auto arm = arm_of_run.find(result.name);
    if (arm != arm_of_run.end() && places.contains(arm->second->name)) {
      contenders[places[arm->second->name]].runs.push_back(run);
      continue;
    }
    Contender one{result.name,
                  {run},
                  result.overall.accuracy,
                  result.overall.interval_95,
                  result.overall.total,
                  run < manifests.size() ? target_of(manifests[run].manifest, manifests) : ""};
    if (arm != arm_of_run.end()) {
      one.seeds = arm->second;
      one.name = one.seeds->name;
      one.accuracy = one.seeds->mean;
      one.interval_95 = one.seeds->question_interval_95;
      one.questions = one.seeds->questions;
      places[one.name] = contenders.size();
    }
    contenders.push_back(std::move(one));
  }
  return contenders;
}

std::optional<Standing> standing_of(const Comparison& comparison, const Contender& first,
                                    const Contender& second) {
  if (first.seeds != nullptr || second.seeds != nullptr) {
    return standing_of_arms(comparison, first.name, second.name);
  }
  return standing_of_runs(comparison, first.name, second.name);
}

std::vector<QuestionSet> question_sets(const Comparison& comparison,
                                       const std::vector<NamedManifest>& manifests,
                                       const std::string& reference) {
  std::vector<std::vector<Contender>> sets;
  for (Contender& one : contenders_of(comparison, manifests)) {
    const auto same = std::find_if(sets.begin(), sets.end(), [&](const auto& set) {
      return answered_the_same(comparison, set.front(), one);
    });
    if (same == sets.end()) {
      sets.push_back({std::move(one)});
    } else {
      same->push_back(std::move(one));
    }
  }
  if (!reference.empty() && std::none_of(sets.begin(), sets.end(), [&](const auto& set) {
        return has_name(set, reference);
      })) {
    throw InputError("--reference", cat("no run or arm is called \"", reference, "\""),
                     "the names that the page shows");
  }
  std::stable_sort(sets.begin(), sets.end(), [&](const auto& one, const auto& other) {
    const bool has_one = has_name(one, reference);
    const bool has_other = has_name(other, reference);
    return has_one != has_other ? has_one : one.size() > other.size();
  });
  std::vector<QuestionSet> found;
  for (std::vector<Contender>& set : sets) {
    const std::string name = set[reference_in(set, reference)].name;
    std::stable_sort(set.begin(), set.end(), [](const Contender& one, const Contender& other) {
      return one.accuracy > other.accuracy;
    });
    const size_t subject = subject_in(set);
    found.push_back({std::move(set), 0, subject});
    found.back().reference = reference_in(found.back().contenders, name);
  }
  return found;
}

}  // namespace lmc::report
