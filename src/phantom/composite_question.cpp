#include "base/check.h"        // cat, InternalError
#include "phantom/draft.h"     // Draft, finish
#include "phantom/question.h"  // make_composite
#include "phantom/unit.h"      // Unit

namespace lmc::phantom {

namespace {

// Points = units in both lungs, plus one for a condition.
struct Bonus {
  std::string text;  // "the heart is wide"
  std::function<bool(const Findings&)> holds;
  std::function<std::string(const Findings&)> evidence;
};

std::vector<Bonus> all_bonuses() {
  std::vector<Bonus> bonuses = {{"the heart is wide",
                                 [](const Findings& findings) { return findings.wide_heart; },
                                 heart_sentence}};
  for (const Side side : kSides) {
    bonuses.push_back({cat("there is an effusion on the ", word(side)),
                       [=](const Findings& findings) { return findings.lung(side).effusion; },
                       [=](const Findings& findings) { return base_sentence(findings, side); }});
  }
  return bonuses;
}

Draft draft_points(Random& random) {
  const Unit unit = random.pick(units());
  const Bonus bonus = random.pick(all_bonuses());
  const int lowest = static_cast<int>(random.integer(0, 1));
  Draft draft;
  draft.text =
      random.chance(0.5)
          ? cat("Points: one for each ", unit.one, ", plus one if ", bonus.text, ".")
          : cat("Count one point for each ", unit.one, " and add one if ", bonus.text, ".");
  draft.text += random.chance(0.5) ? " How many points?" : " What is the sum of the points?";
  for (int i = 0; i < kNumOptions; ++i) {
    draft.outcomes[static_cast<size_t>(i)] = number_word(lowest + i);
  }
  const auto zones = [=](const Findings& findings) {
    return count_in(findings, Side::kLeft, unit) + count_in(findings, Side::kRight, unit);
  };
  draft.outcome_of = [=](const Findings& findings) -> std::optional<int> {
    const int outcome = zones(findings) + (bonus.holds(findings) ? 1 : 0) - lowest;
    if (outcome < 0 || outcome >= kNumOptions) return std::nullopt;
    return outcome;
  };
  draft.steps_of = [=](const Findings& findings) {
    return cat(counted_lung(findings, Side::kLeft, unit), " ",
               counted_lung(findings, Side::kRight, unit), " Together ",
               number_word(zones(findings)), ". ", bonus.evidence(findings), ".");
  };
  return draft;
}

// Which lung has more of something.
Draft draft_comparison(Random& random) {
  const Unit unit = random.pick(units());
  Draft draft;
  draft.text = random.chance(0.5)
                   ? cat("Which lung has more ", unit.many, ": left, right, equal, or none at all?")
                   : cat("Count the ", unit.many, " in each lung. Which has more?");
  draft.outcomes = {"left", "right", "equal", "none"};
  draft.outcome_of = [=](const Findings& findings) {
    const int left = count_in(findings, Side::kLeft, unit);
    const int right = count_in(findings, Side::kRight, unit);
    return left > right ? 0 : left < right ? 1 : left > 0 ? 2 : 3;
  };
  draft.steps_of = [=](const Findings& findings) {
    return cat(counted_lung(findings, Side::kLeft, unit), " ",
               counted_lung(findings, Side::kRight, unit));
  };
  return draft;
}

// Something one side of the chest may show, with the sentence that tells.
struct Sign {
  std::string name;
  bool (*present)(const Findings& findings, Side side);
  std::string (*evidence)(const Findings& findings, Side side);
};

const std::vector<Sign> kSigns = {
    {"opacity", [](const Findings& f, Side side) { return f.lung(side).opacities() > 0; },
     lung_sentence},
    {"nodules", [](const Findings& f, Side side) { return f.lung(side).nodular_zones() > 0; },
     lung_sentence},
    {"effusion", [](const Findings& f, Side side) { return f.lung(side).effusion; }, base_sentence},
    {"heart", [](const Findings& f, Side) { return f.wide_heart; },
     [](const Findings& f, Side) { return heart_sentence(f); }}};

std::string as_condition(const Sign& sign) {
  return sign.name == "heart" ? "wide heart" : sign.name;
}

// The first of three signs that is there.
Draft draft_priority(Random& random) {
  const Side side = random.chance(0.5) ? Side::kLeft : Side::kRight;
  std::vector<Sign> signs = kSigns;
  random.shuffle(signs);
  signs.resize(kNumOptions - 1);
  const std::string order =
      cat(as_condition(signs[0]), ", ", as_condition(signs[1]), ", ", as_condition(signs[2]));
  Draft draft;
  draft.text = random.chance(0.5) ? cat("Look at the ", word(side),
                                        " side. Which comes first in this order: ", order, "?")
                                  : cat("Check the ", word(side), " side in this order: ", order,
                                        ". Which is the first that is present?");
  for (size_t i = 0; i < signs.size(); ++i) draft.outcomes[i] = signs[i].name;
  draft.outcomes.back() = "none";
  draft.outcome_of = [=](const Findings& findings) {
    int outcome = 0;
    for (const Sign& sign : signs) {
      if (sign.present(findings, side)) break;
      ++outcome;
    }
    return outcome;
  };
  draft.steps_of = [=](const Findings& findings) {
    std::string text;
    for (const Sign& sign : signs) {
      const bool present = sign.present(findings, side);
      text += cat(text.empty() ? "" : " ", "Check ", as_condition(sign), ". ",
                  sign.evidence(findings, side), ", ", present ? "yes" : "no", ".");
      if (present) break;
    }
    return text;
  };
  return draft;
}

// Whether two signs, each on one side at most, are on the same side.
Draft draft_sides(Random& random) {
  Sign first = kSigns[static_cast<size_t>(random.integer(0, 1))];
  Sign second = kSigns[2];
  if (random.chance(0.5)) std::swap(first, second);
  Draft draft;
  draft.text = random.chance(0.5) ? cat("Compare the sides of the ", first.name, " and the ",
                                        second.name, ". Are they the same?")
                                  : cat("Are the ", first.name, " and the ", second.name,
                                        " on the same side or on opposite sides?");
  draft.outcomes = {"same", "opposite", "single", "neither"};
  // 0 or 1 with the sign on that side alone, -1 without it, nothing with it on both sides.
  const auto side_of = [](const Findings& findings, const Sign& sign) -> std::optional<int> {
    const bool left = sign.present(findings, Side::kLeft);
    const bool right = sign.present(findings, Side::kRight);
    if (left && right) return std::nullopt;
    return left ? 0 : right ? 1 : -1;
  };
  draft.outcome_of = [=](const Findings& findings) -> std::optional<int> {
    const auto a = side_of(findings, first);
    const auto b = side_of(findings, second);
    if (!a || !b) return std::nullopt;
    if (*a < 0 && *b < 0) return 3;
    if (*a < 0 || *b < 0) return 2;
    return *a == *b ? 0 : 1;
  };
  draft.steps_of = [=](const Findings& findings) {
    std::string text;
    for (const Sign& sign : {first, second}) {
      const int side = *side_of(findings, sign);
      text += cat(text.empty() ? "" : " ", sign.evidence(findings, Side::kLeft), ". ",
                  sign.evidence(findings, Side::kRight), ", so ", sign.name, " ",
                  side < 0    ? "nowhere"
                  : side == 0 ? "left"
                              : "right",
                  ".");
    }
    return text;
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
