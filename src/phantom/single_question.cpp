#include <map>

#include "base/check.h"        // cat, LMC_CHECK
#include "phantom/draft.h"     // Draft, finish
#include "phantom/question.h"  // make_single
#include "phantom/unit.h"      // Unit

namespace lmc::phantom {

namespace {

Side pick_side(Random& random) { return random.pick(std::vector<Side>{Side::kLeft, Side::kRight}); }

Zone pick_zone(Random& random) {
  return random.pick(std::vector<Zone>(kZones.begin(), kZones.end()));
}

Draft draft_content(Random& random) {
  const Side side = pick_side(random);
  const Zone zone = pick_zone(random);
  Draft draft;
  draft.text = random.chance(0.5)
                   ? cat("What does the ", word(side), " ", word(zone), " zone show?")
                   : cat("What is seen in the ", word(side), " ", word(zone), " zone?");
  draft.outcomes = {"clear", "opacity", "nodule", "nodules"};
  draft.outcome_of = [=](const Findings& findings) {
    const ZoneContent& content = findings.lung(side).at(zone);
    return content.opacity ? 1 : content.nodules == 0 ? 0 : content.nodules == 1 ? 2 : 3;
  };
  draft.steps_of = [=](const Findings& findings) {
    return cat(lung_sentence(findings, side), ".");
  };
  return draft;
}

Draft draft_nodule_count(Random& random) {
  const Side side = pick_side(random);
  const Zone zone = pick_zone(random);
  Draft draft;
  draft.text = random.chance(0.5)
                   ? cat("How many nodules does the ", word(side), " ", word(zone), " zone show?")
                   : cat("How many nodules are in the ", word(side), " ", word(zone), " zone?");
  draft.outcomes = {"zero", "one", "two", "three"};
  draft.outcome_of = [=](const Findings& findings) { return findings.lung(side).at(zone).nodules; };
  draft.steps_of = [=](const Findings& findings) {
    return cat(lung_sentence(findings, side), ".");
  };
  return draft;
}

Draft draft_zone_count(Random& random) {
  const Side side = pick_side(random);
  const Unit unit = random.pick(units());
  Draft draft;
  draft.text = random.chance(0.5)
                   ? cat("How many ", unit.many, " does the ", word(side), " lung have?")
                   : cat("Count the ", unit.many, " in the ", word(side), " lung.");
  draft.outcomes = {"zero", "one", "two", "three"};
  draft.outcome_of = [=](const Findings& findings) { return count_in(findings, side, unit); };
  draft.steps_of = [=](const Findings& findings) { return counted_lung(findings, side, unit); };
  return draft;
}

// The one zone of a lung in which something is seen, or none.
Draft draft_zone_of(Random& random, const std::string& what,
                    bool (*shows)(const ZoneContent& content)) {
  const Side side = pick_side(random);
  Draft draft;
  draft.text = random.chance(0.5)
                   ? cat("Which zone of the ", word(side), " lung shows ", what, "?")
                   : cat("In which zone of the ", word(side), " lung is ", what, "?");
  draft.outcomes = {"upper", "middle", "lower", "none"};
  draft.outcome_of = [=](const Findings& findings) -> std::optional<int> {
    int found = 3;
    for (const Zone zone : kZones) {
      if (!shows(findings.lung(side).at(zone))) continue;
      if (found != 3) return std::nullopt;
      found = static_cast<int>(zone);
    }
    return found;
  };
  draft.steps_of = [=](const Findings& findings) {
    return cat(lung_sentence(findings, side), ".");
  };
  return draft;
}

Draft draft_opacity_zone(Random& random) {
  return draft_zone_of(random, "an opacity", [](const ZoneContent& zone) { return zone.opacity; });
}

Draft draft_nodule_zone(Random& random) {
  return draft_zone_of(random, "a nodule",
                       [](const ZoneContent& zone) { return zone.nodules > 0; });
}

int side_outcome(bool left, bool right) { return left ? (right ? 2 : 0) : (right ? 1 : 3); }

Draft draft_opacity_side(Random& random) {
  Draft draft;
  draft.text = random.chance(0.5) ? "Which lung shows an opacity?" : "On which side is an opacity?";
  draft.outcomes = {"left", "right", "both", "neither"};
  draft.outcome_of = [](const Findings& findings) {
    return side_outcome(findings.lung(Side::kLeft).opacities() > 0,
                        findings.lung(Side::kRight).opacities() > 0);
  };
  draft.steps_of = [](const Findings& findings) {
    return cat(lung_sentence(findings, Side::kLeft), ". ", lung_sentence(findings, Side::kRight),
               ".");
  };
  return draft;
}

Draft draft_effusion_side(Random& random) {
  Draft draft;
  draft.text =
      random.chance(0.5) ? "Which base shows an effusion?" : "On which side is an effusion?";
  draft.outcomes = {"left", "right", "both", "neither"};
  draft.outcome_of = [](const Findings& findings) {
    return side_outcome(findings.lung(Side::kLeft).effusion, findings.lung(Side::kRight).effusion);
  };
  draft.steps_of = [](const Findings& findings) {
    return cat(base_sentence(findings, Side::kLeft), ". ", base_sentence(findings, Side::kRight),
               ".");
  };
  return draft;
}

Draft draft_heart_and_base(Random& random) {
  const Side side = pick_side(random);
  Draft draft;
  draft.text =
      random.chance(0.5)
          ? cat("Which is present: a wide heart, an effusion at the ", word(side), " base?")
          : cat("Is the heart wide, or is there an effusion at the ", word(side), " base?");
  draft.outcomes = {"both", "heart", "effusion", "neither"};
  draft.outcome_of = [=](const Findings& findings) {
    return (findings.wide_heart ? 0 : 2) + (findings.lung(side).effusion ? 0 : 1);
  };
  draft.steps_of = [=](const Findings& findings) {
    return cat(heart_sentence(findings), ". ", base_sentence(findings, side), ".");
  };
  return draft;
}

const std::vector<std::pair<std::string, Draft (*)(Random&)>> kKinds = {
    {"zone_content", draft_content},        {"nodule_count", draft_nodule_count},
    {"zone_count", draft_zone_count},       {"opacity_zone", draft_opacity_zone},
    {"nodule_zone", draft_nodule_zone},     {"opacity_side", draft_opacity_side},
    {"effusion_side", draft_effusion_side}, {"heart_and_base", draft_heart_and_base}};

}  // namespace

const std::vector<std::string>& single_kinds() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& [name, draft] : kKinds) names.push_back(name);
    return names;
  }();
  return kNames;
}

Question make_single(std::string_view kind, Target target, Random& random) {
  for (const auto& [name, make_draft] : kKinds) {
    if (name != kind) continue;
    Draft draft = make_draft(random);
    draft.kind = name;
    return finish(draft, target, random);
  }
  throw InternalError(cat("no single-finding question is called ", kind));
}

}  // namespace lmc::phantom
