#include <map>

#include "base/check.h"        // cat, InternalError
#include "phantom/draft.h"     // Draft, finish
#include "phantom/question.h"  // make_composite

namespace lmc::phantom {

namespace {

// The plans a rule can lead to: any word can be the right answer of any question.
const std::vector<std::string> kPlans = {"watch",   "scan",    "drain",     "refer",
                                         "treat",   "admit",   "biopsy",    "repeat",
                                         "consult", "operate", "discharge", "isolate"};

std::array<std::string, kNumOptions> deal_plans(Random& random) {
  std::vector<std::string> plans = kPlans;
  random.shuffle(plans);
  return {plans[0], plans[1], plans[2], plans[3]};
}

std::string closing(Random& random) {
  return random.pick(std::vector<std::string>{"Which plan fits?", "What is the plan?"});
}

// "<condition>: <plan>; <condition>: <plan>; ..."
std::string clauses(const std::vector<std::string>& conditions,
                    const std::vector<std::string>& plans) {
  std::string text;
  for (size_t i = 0; i < conditions.size(); ++i) {
    text += cat(i == 0 ? "" : "; ", conditions[i], ": ", plans[i]);
  }
  return text + ".";
}

// The four outcomes of a rule whose clauses may stand in any order.
std::string shuffled_clauses(const std::array<std::string, kNumOptions>& conditions,
                             const std::array<std::string, kNumOptions>& plans, Random& random) {
  std::vector<size_t> order = {0, 1, 2, 3};
  random.shuffle(order);
  std::vector<std::string> conditions_in_order, plans_in_order;
  for (const size_t i : order) {
    conditions_in_order.push_back(conditions[i]);
    plans_in_order.push_back(plans[i]);
  }
  return clauses(conditions_in_order, plans_in_order);
}

// The words before the conclusion of a chain of reasoning.
std::string therefore(Random& random) {
  return random.pick(std::vector<std::string>{" That is ", " So it is "});
}

// What is counted in a lung.
struct Unit {
  std::string one;
  std::string many;
  int (Lung::*count)() const;
};

const std::vector<Unit> kUnits = {
    {"zone with an opacity", "zones with an opacity", &Lung::opacities},
    {"zone with nodules", "zones with nodules", &Lung::nodular_zones},
    {"zone that is not clear", "zones that are not clear", &Lung::abnormal_zones},
};

int count_in(const Findings& findings, Side side, const Unit& unit) {
  return (findings.lung(side).*unit.count)();
}

// Something that holds or not, with the sentence that shows it.
struct Condition {
  std::string text;
  std::function<bool(const Findings&)> holds;
  std::function<std::string(const Findings&)> evidence;
};

Condition heart_condition() {
  return {"the heart is wide", [](const Findings& findings) { return findings.wide_heart; },
          heart_sentence};
}

Condition effusion_condition(Side side) {
  return {cat("effusion on the ", word(side)),
          [=](const Findings& findings) { return findings.lung(side).effusion; },
          [=](const Findings& findings) { return base_sentence(findings, side); }};
}

Condition lung_condition(Side side, const std::string& what, int (Lung::*count)() const) {
  return {cat(what, " in the ", word(side), " lung"),
          [=](const Findings& findings) { return (findings.lung(side).*count)() > 0; },
          [=](const Findings& findings) { return lung_sentence(findings, side); }};
}

std::vector<Condition> all_conditions() {
  std::vector<Condition> conditions = {heart_condition()};
  for (const Side side : kSides) {
    conditions.push_back(effusion_condition(side));
    conditions.push_back(lung_condition(side, "opacity", &Lung::opacities));
    conditions.push_back(lung_condition(side, "nodules", &Lung::nodular_zones));
  }
  return conditions;
}

std::string counted_lung(const Findings& findings, Side side, const Unit& unit) {
  return cat(lung_sentence(findings, side), ", makes ", count_in(findings, side, unit), ".");
}

// Points = units in both lungs, plus one for a condition; a plan for each of four scores.
Draft draft_points(Random& random) {
  const Unit unit = random.pick(kUnits);
  const Condition bonus = random.pick(std::vector<Condition>{
      heart_condition(), effusion_condition(Side::kLeft), effusion_condition(Side::kRight)});
  const std::string bonus_text =
      bonus.text.rfind("effusion", 0) == 0 ? "there is an " + bonus.text : bonus.text;
  const int lowest = static_cast<int>(random.integer(0, 1));
  const auto plans = deal_plans(random);
  std::vector<std::string> scores;
  for (int i = 0; i < kNumOptions; ++i) scores.push_back(std::to_string(lowest + i));

  Draft draft;
  draft.text =
      random.chance(0.5)
          ? cat("Points: one for each ", unit.one, ", plus one if ", bonus_text, ".")
          : cat("Count one point for each ", unit.one, " and add one if ", bonus_text, ".");
  draft.text +=
      cat(" Plan by points: ", clauses(scores, {plans.begin(), plans.end()}), " ", closing(random));
  draft.outcomes = plans;
  const auto total = [=](const Findings& findings) {
    return count_in(findings, Side::kLeft, unit) + count_in(findings, Side::kRight, unit) +
           (bonus.holds(findings) ? 1 : 0);
  };
  draft.outcome_of = [=](const Findings& findings) -> std::optional<int> {
    const int outcome = total(findings) - lowest;
    if (outcome < 0 || outcome >= kNumOptions) return std::nullopt;
    return outcome;
  };
  const std::string sum = random.chance(0.5) ? " Sum " : " Together ";
  draft.steps_of = [=](const Findings& findings) {
    const int points = total(findings);
    return cat(counted_lung(findings, Side::kLeft, unit), " ",
               counted_lung(findings, Side::kRight, unit), sum,
               points - (bonus.holds(findings) ? 1 : 0), ". ", bonus.evidence(findings),
               ", points ", points);
  };
  return draft;
}

// Which lung has more of something.
Draft draft_comparison(Random& random) {
  const Unit unit = random.pick(kUnits);
  const auto plans = deal_plans(random);
  const std::array<std::string, kNumOptions> conditions = {"more on the left", "more on the right",
                                                           "equal", "none at all"};
  Draft draft;
  draft.text = random.chance(0.5) ? cat("Compare the lungs by the number of ", unit.many, ".")
                                  : cat("Count the ", unit.many, " in each lung and compare.");
  draft.text += cat(" Plan: ", shuffled_clauses(conditions, plans, random), " ", closing(random));
  draft.outcomes = plans;
  const auto outcome_of = [=](const Findings& findings) {
    const int left = count_in(findings, Side::kLeft, unit);
    const int right = count_in(findings, Side::kRight, unit);
    return left > right ? 0 : left < right ? 1 : left > 0 ? 2 : 3;
  };
  draft.outcome_of = outcome_of;
  const std::string so = therefore(random);
  draft.steps_of = [=](const Findings& findings) {
    const auto outcome = static_cast<size_t>(outcome_of(findings));
    return cat(counted_lung(findings, Side::kLeft, unit), " ",
               counted_lung(findings, Side::kRight, unit), so, conditions[outcome]);
  };
  return draft;
}

// The first of three conditions that holds decides.
Draft draft_priority(Random& random) {
  std::vector<Condition> conditions = all_conditions();
  random.shuffle(conditions);
  conditions.resize(kNumOptions - 1);
  const auto plans = deal_plans(random);
  std::vector<std::string> texts;
  for (const Condition& condition : conditions) texts.push_back(condition.text);
  texts.push_back("otherwise");

  Draft draft;
  draft.text =
      random.chance(0.5) ? "Take the first plan that applies." : "The first match decides.";
  draft.text += cat(" Plan: ", clauses(texts, {plans.begin(), plans.end()}), " ", closing(random));
  draft.outcomes = plans;
  draft.outcome_of = [=](const Findings& findings) {
    int outcome = 0;
    for (const Condition& condition : conditions) {
      if (condition.holds(findings)) break;
      ++outcome;
    }
    return outcome;
  };
  const std::string so = therefore(random);
  draft.steps_of = [=](const Findings& findings) {
    std::string text;
    for (const Condition& condition : conditions) {
      const bool holds = condition.holds(findings);
      text += cat(text.empty() ? "Check " : " Check ", condition.text, ". ",
                  condition.evidence(findings), ", ", holds ? "yes" : "no", ".");
      if (holds) return cat(text, so, condition.text);
    }
    return cat(text, so, "otherwise");
  };
  return draft;
}

// A finding that can be on one side: where it is, and the sentences that show it.
struct Sided {
  std::string name;
  bool (*present)(const Lung& lung);
  std::string (*evidence)(const Findings& findings, Side side);
};

std::optional<Side> only_side(const Findings& findings, const Sided& sided) {
  const bool left = sided.present(findings.lung(Side::kLeft));
  const bool right = sided.present(findings.lung(Side::kRight));
  if (left == right) return std::nullopt;
  return left ? Side::kLeft : Side::kRight;
}

const std::vector<Sided> kSided = {
    {"opacity", [](const Lung& lung) { return lung.opacities() > 0; }, lung_sentence},
    {"nodules", [](const Lung& lung) { return lung.nodular_zones() > 0; }, lung_sentence},
    {"effusion", [](const Lung& lung) { return lung.effusion; }, base_sentence}};

std::string side_reasoning(const Findings& findings, const Sided& sided) {
  return cat(sided.evidence(findings, Side::kLeft), ". ", sided.evidence(findings, Side::kRight),
             ", so ", sided.name, " ", word(*only_side(findings, sided)), ". ");
}

// Two findings on the same side or on opposite sides, with a wide or a normal heart.
Draft draft_sides(Random& random) {
  const bool swapped = random.chance(0.5);
  const Sided lung_finding = kSided[static_cast<size_t>(random.integer(0, 1))];
  const Sided first = swapped ? kSided[2] : lung_finding;
  const Sided second = swapped ? lung_finding : kSided[2];
  const auto plans = deal_plans(random);
  const std::array<std::string, kNumOptions> conditions = {
      "same side, wide heart", "same side, normal heart", "opposite sides, wide heart",
      "opposite sides, normal heart"};
  Draft draft;
  draft.text = random.chance(0.5)
                   ? cat("Compare the sides of the ", first.name, " and the ", second.name, ".")
                   : cat("Note the side of the ", first.name, " and of the ", second.name, ".");
  draft.text += cat(" Plan: ", shuffled_clauses(conditions, plans, random), " ", closing(random));
  draft.outcomes = plans;
  const auto outcome_of = [=](const Findings& findings) -> std::optional<int> {
    const auto side_of_first = only_side(findings, first);
    const auto side_of_second = only_side(findings, second);
    if (!side_of_first || !side_of_second) return std::nullopt;
    return (side_of_first == side_of_second ? 0 : 2) + (findings.wide_heart ? 0 : 1);
  };
  draft.outcome_of = outcome_of;
  const std::string so = therefore(random);
  draft.steps_of = [=](const Findings& findings) {
    const auto outcome = static_cast<size_t>(*outcome_of(findings));
    return cat(side_reasoning(findings, first), side_reasoning(findings, second),
               heart_sentence(findings), ".", so, conditions[outcome]);
  };
  return draft;
}

const std::vector<std::pair<std::string, Draft (*)(Random&)>> kFamilies = {
    {"points", draft_points},
    {"comparison", draft_comparison},
    {"priority", draft_priority},
    {"sides", draft_sides}};

}  // namespace

const std::vector<std::string>& rule_families() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& [name, draft] : kFamilies) names.push_back(name);
    return names;
  }();
  return kNames;
}

Question make_composite(std::string_view family, Target target, Random& random) {
  for (const auto& [name, make_draft] : kFamilies) {
    if (name != family) continue;
    Draft draft = make_draft(random);
    draft.kind = name;
    return finish(draft, target, random);
  }
  throw InternalError(cat("no rule family is called ", family));
}

}  // namespace lmc::phantom
