#include "phantom/rule_solver.h"

#include <optional>
#include <string_view>
#include <vector>

#include "base/check.h"  // InputError, cat

namespace lmc::phantom {

namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

[[noreturn]] void fail(std::string_view question, std::string_view what) {
  throw InputError("phantom question", cat("no ", what, " in \"", question, "\""));
}

// The side a piece of text names; it must name just one.
Side side_in(std::string_view text) {
  const bool left = contains(text, "left");
  if (left == contains(text, "right")) fail(text, "single side");
  return left ? Side::kLeft : Side::kRight;
}

Zone zone_in(std::string_view text) {
  if (contains(text, "upper")) return Zone::kUpper;
  if (contains(text, "middle")) return Zone::kMiddle;
  if (contains(text, "lower")) return Zone::kLower;
  fail(text, "zone");
}

// One row of a rule: "more on the left: scan".
struct Clause {
  std::string condition;
  std::string plan;
};

// The rows between "Plan ...: " and the full stop.
std::vector<Clause> clauses_in(const std::string& question) {
  size_t at = question.find(" Plan");
  if (at == std::string::npos) fail(question, "plan");
  at = question.find(": ", at);
  const size_t end = question.find('.', at);
  if (at == std::string::npos || end == std::string::npos) fail(question, "list of plans");
  std::vector<Clause> clauses;
  for (at += 2; at < end;) {
    const size_t stop = std::min(question.find("; ", at), end);
    const size_t colon = question.rfind(": ", stop);
    if (colon == std::string::npos || colon < at) fail(question, "plan of a condition");
    clauses.push_back(
        {question.substr(at, colon - at), question.substr(colon + 2, stop - colon - 2)});
    at = stop + 2;
  }
  return clauses;
}

std::string plan_of(const std::string& question, std::string_view condition) {
  for (const Clause& clause : clauses_in(question)) {
    if (clause.condition == condition) return clause.plan;
  }
  fail(question, cat("clause for \"", condition, "\""));
}

// How often the thing that `text` names occurs in a lung, zone by zone.
int amount_in(std::string_view text, const Lung& lung) {
  const bool any = contains(text, "not clear");
  const bool opacity = any || contains(text, "opacity");
  const bool nodules = any || contains(text, "nodules");
  if (!opacity && !nodules) fail(text, "thing to count");
  int zones = 0;
  for (const ZoneContent& zone : lung.zones) {
    if ((opacity && zone.opacity) || (nodules && zone.nodules > 0)) ++zones;
  }
  return zones;
}

bool holds(std::string_view condition, const Findings& findings) {
  if (contains(condition, "heart is wide")) return findings.wide_heart;
  const Lung& lung = findings.lung(side_in(condition));
  if (contains(condition, "effusion")) return lung.effusion;
  return amount_in(condition, lung) > 0;
}

std::string solve_points(const std::string& question, const Findings& findings) {
  const size_t end_of_rule = question.find('.');
  const size_t bonus_at = question.find(" one if ");
  if (bonus_at == std::string::npos || bonus_at > end_of_rule) fail(question, "bonus");
  const std::string counted = question.substr(0, bonus_at);
  const std::string bonus = question.substr(bonus_at, end_of_rule - bonus_at);
  int points = holds(bonus, findings) ? 1 : 0;
  for (const Lung& lung : findings.lungs) points += amount_in(counted, lung);
  return plan_of(question, std::to_string(points));
}

std::string solve_comparison(const std::string& question, const Findings& findings) {
  const std::string rule = question.substr(0, question.find('.'));
  const int left = amount_in(rule, findings.lung(Side::kLeft));
  const int right = amount_in(rule, findings.lung(Side::kRight));
  if (left == 0 && right == 0) return plan_of(question, "none at all");
  if (left == right) return plan_of(question, "equal");
  return plan_of(question, left > right ? "more on the left" : "more on the right");
}

std::string solve_priority(const std::string& question, const Findings& findings) {
  for (const Clause& clause : clauses_in(question)) {
    if (clause.condition == "otherwise" || holds(clause.condition, findings)) return clause.plan;
  }
  fail(question, "clause that applies");
}

// The only side on which the named thing is.
Side side_of(std::string_view thing, const Findings& findings) {
  std::optional<Side> found;
  for (const Side side : kSides) {
    const Lung& lung = findings.lung(side);
    const bool here = contains(thing, "effusion") ? lung.effusion : amount_in(thing, lung) > 0;
    if (here && found) fail(thing, "single side");
    if (here) found = side;
  }
  if (!found) fail(thing, "side");
  return *found;
}

std::string solve_sides(const std::string& question, const Findings& findings) {
  const std::string rule = question.substr(0, question.find('.'));
  const size_t both = rule.find(" and ");
  if (both == std::string::npos) fail(question, "two findings to compare");
  const bool same = side_of(rule.substr(0, both), findings) == side_of(rule.substr(both), findings);
  return plan_of(question, cat(same ? "same side" : "opposite sides", ", ",
                               findings.wide_heart ? "wide heart" : "normal heart"));
}

std::string side_word(bool left, bool right) {
  if (left && right) return "both";
  if (left) return "left";
  return right ? "right" : "neither";
}

// "Which zone of the left lung shows an opacity?": the zone, when there is just one.
std::string solve_zone(const std::string& question, const Findings& findings) {
  const Lung& lung = findings.lung(side_in(question));
  std::optional<Zone> found;
  for (const Zone zone : kZones) {
    const ZoneContent& content = lung.at(zone);
    const bool here = contains(question, "opacity") ? content.opacity : content.nodules > 0;
    if (here && found) fail(question, "single zone");
    if (here) found = zone;
  }
  if (!found) return "no zone";
  static const std::array<std::string, 3> kNames = {"upper", "middle", "lower"};
  return kNames[static_cast<size_t>(*found)];
}

std::string solve_content(const std::string& question, const Findings& findings) {
  const ZoneContent& zone = findings.lung(side_in(question)).at(zone_in(question));
  static const std::array<std::string, 4> kNumbers = {"none", "one", "two", "three"};
  const std::string number = kNumbers[static_cast<size_t>(zone.nodules)];
  if (contains(question, "How many")) return number;
  if (zone.opacity) return "opacity";
  return zone.nodules == 0 ? "clear" : number + (zone.nodules == 1 ? " nodule" : " nodules");
}

std::string solve_single(const std::string& question, const Findings& findings) {
  if (contains(question, "the heart and the")) {
    const bool effusion = findings.lung(side_in(question)).effusion;
    return cat(findings.wide_heart ? "wide" : "normal", " heart, ",
               effusion ? "effusion" : "clear base");
  }
  if (contains(question, "hich zone of the")) {
    return solve_zone(question, findings);
  }
  if (contains(question, " zone")) return solve_content(question, findings);
  const Lung& left = findings.lung(Side::kLeft);
  const Lung& right = findings.lung(Side::kRight);
  if (contains(question, "effusion")) return side_word(left.effusion, right.effusion);
  return side_word(amount_in(question, left) > 0, amount_in(question, right) > 0);
}

}  // namespace

std::string solve(const std::string& question, const Findings& findings) {
  if (contains(question, " Plan by points:")) return solve_points(question, findings);
  if (contains(question, "first")) return solve_priority(question, findings);
  if (contains(question, "each lung") || contains(question, "the lungs by")) {
    return solve_comparison(question, findings);
  }
  if (contains(question, " Plan:")) return solve_sides(question, findings);
  return solve_single(question, findings);
}

}  // namespace lmc::phantom
