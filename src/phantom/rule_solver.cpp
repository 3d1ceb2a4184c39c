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

std::string number(int value) {
  static const std::array<std::string, 8> kNames = {"zero", "one",  "two", "three",
                                                    "four", "five", "six", "seven"};
  return kNames.at(static_cast<size_t>(value));
}

// In how many zones of a lung the thing is that `text` names.
int zones_with(std::string_view text, const Lung& lung) {
  const bool any = contains(text, "not clear");
  const bool opacity = any || contains(text, "opacity");
  const bool nodules = any || contains(text, "nodule");
  if (!opacity && !nodules) fail(text, "thing to count");
  int zones = 0;
  for (const ZoneContent& zone : lung.zones) {
    if ((opacity && zone.opacity) || (nodules && zone.nodules > 0)) ++zones;
  }
  return zones;
}

bool shows(std::string_view thing, const Findings& findings, Side side) {
  if (contains(thing, "heart")) return findings.wide_heart;
  if (contains(thing, "effusion")) return findings.lung(side).effusion;
  return zones_with(thing, findings.lung(side)) > 0;
}

std::string side_word(bool left, bool right, std::string_view none) {
  if (left && right) return "both";
  if (left) return "left";
  return right ? "right" : std::string(none);
}

std::string solve_points(const std::string& question, const Findings& findings) {
  const size_t end_of_rule = question.find('.');
  const size_t bonus_at = question.find(" one if ");
  if (bonus_at == std::string::npos || bonus_at > end_of_rule) fail(question, "bonus");
  const std::string counted = question.substr(0, bonus_at);
  const std::string bonus = question.substr(bonus_at, end_of_rule - bonus_at);
  const Side side = contains(bonus, "heart") ? Side::kLeft : side_in(bonus);
  int points = shows(bonus, findings, side) ? 1 : 0;
  for (const Lung& lung : findings.lungs) points += zones_with(counted, lung);
  return number(points);
}

std::string solve_comparison(const std::string& question, const Findings& findings) {
  const int left = zones_with(question, findings.lung(Side::kLeft));
  const int right = zones_with(question, findings.lung(Side::kRight));
  if (left == right) return left == 0 ? "none" : "equal";
  return left > right ? "left" : "right";
}

// The list between "in this order: " and its end.
std::string solve_priority(const std::string& question, const Findings& findings) {
  constexpr std::string_view kMark = "in this order: ";
  const size_t mark = question.find(kMark);
  if (mark == std::string::npos) fail(question, "order");
  const Side side = side_in(question.substr(0, mark));
  const size_t end = question.find_first_of(".?", mark);
  for (size_t at = mark + kMark.size(); at < end;) {
    const size_t stop = std::min(question.find(", ", at), end);
    const std::string sign = question.substr(at, stop - at);
    if (shows(sign, findings, side)) return sign == "wide heart" ? "heart" : sign;
    at = stop + 2;
  }
  return "none";
}

std::string solve_sides(const std::string& question, const Findings& findings) {
  const size_t both = question.find(" and the ");
  if (both == std::string::npos) fail(question, "two findings to compare");
  std::vector<std::string> sides;
  for (const std::string& thing : {question.substr(0, both), question.substr(both)}) {
    sides.push_back(side_word(shows(thing, findings, Side::kLeft),
                              shows(thing, findings, Side::kRight), "nowhere"));
    if (sides.back() == "both") fail(thing, "single side");
  }
  const int present = (sides[0] != "nowhere") + (sides[1] != "nowhere");
  if (present < 2) return present == 0 ? "neither" : "single";
  return sides[0] == sides[1] ? "same" : "opposite";
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
  if (!found) return "none";
  static const std::array<std::string, 3> kNames = {"upper", "middle", "lower"};
  return kNames[static_cast<size_t>(*found)];
}

std::string solve_content(const std::string& question, const Findings& findings) {
  const ZoneContent& zone = findings.lung(side_in(question)).at(zone_in(question));
  if (contains(question, "How many")) return number(zone.nodules);
  if (zone.opacity) return "opacity";
  return zone.nodules == 0 ? "clear" : zone.nodules == 1 ? "nodule" : "nodules";
}

std::string solve_single(const std::string& question, const Findings& findings) {
  if (contains(question, "eart")) {
    const bool effusion = findings.lung(side_in(question)).effusion;
    if (findings.wide_heart) return effusion ? "both" : "heart";
    return effusion ? "effusion" : "neither";
  }
  if (contains(question, "hich zone of the")) return solve_zone(question, findings);
  if (contains(question, " zones ")) {
    return number(zones_with(question, findings.lung(side_in(question))));
  }
  if (contains(question, " zone")) return solve_content(question, findings);
  return side_word(shows(question, findings, Side::kLeft), shows(question, findings, Side::kRight),
                   "neither");
}

}  // namespace

std::string solve(const std::string& question, const Findings& findings) {
  if (contains(question, "oint")) return solve_points(question, findings);
  if (contains(question, "in this order")) return solve_priority(question, findings);
  if (contains(question, "has more")) return solve_comparison(question, findings);
  if (contains(question, " and the ")) return solve_sides(question, findings);
  return solve_single(question, findings);
}

}  // namespace lmc::phantom
