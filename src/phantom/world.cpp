#include "phantom/world.h"

#include <algorithm>

#include "base/check.h"  // cat, LMC_CHECK

namespace lmc::phantom {

namespace {

constexpr double kOpacityProbability = 0.28;
constexpr double kNodulesProbability = 0.28;
constexpr double kEffusionProbability = 0.4;
constexpr double kWideHeartProbability = 0.5;

ZoneContent sample_zone(Random& random) {
  ZoneContent content;
  const double draw = random.uniform();
  if (draw < kOpacityProbability) {
    content.opacity = true;
  } else if (draw < kOpacityProbability + kNodulesProbability) {
    content.nodules = static_cast<int>(random.integer(1, kMaxNodules));
  }
  return content;
}

template <class Predicate>
int count_zones(const Lung& lung, Predicate predicate) {
  return static_cast<int>(std::count_if(lung.zones.begin(), lung.zones.end(), predicate));
}

}  // namespace

int Lung::opacities() const {
  return count_zones(*this, [](const ZoneContent& zone) { return zone.opacity; });
}

int Lung::nodular_zones() const {
  return count_zones(*this, [](const ZoneContent& zone) { return zone.nodules > 0; });
}

int Lung::abnormal_zones() const {
  return count_zones(*this, [](const ZoneContent& zone) { return !zone.clear(); });
}

int Findings::count() const {
  int found = wide_heart ? 1 : 0;
  for (const Lung& lung : lungs) found += lung.abnormal_zones() + (lung.effusion ? 1 : 0);
  return found;
}

Findings sample_findings(Random& random) {
  while (true) {
    Findings findings;
    for (Lung& lung : findings.lungs) {
      for (ZoneContent& zone : lung.zones) zone = sample_zone(random);
      lung.effusion = random.chance(kEffusionProbability);
    }
    findings.wide_heart = random.chance(kWideHeartProbability);
    if (findings.count() <= kMaxFindings) return findings;
  }
}

std::string word(Side side) { return side == Side::kLeft ? "left" : "right"; }

std::string word(Zone zone) {
  switch (zone) {
    case Zone::kUpper:
      return "upper";
    case Zone::kMiddle:
      return "middle";
    case Zone::kLower:
      return "lower";
  }
  throw InternalError("a zone is upper, middle or lower");
}

std::string word(const ZoneContent& content) {
  LMC_CHECK(content.nodules >= 0 && content.nodules <= kMaxNodules, "nodules ", content.nodules);
  static const std::array<std::string, 4> kCounts = {"clear", "one nodule", "two nodules",
                                                     "three nodules"};
  return content.opacity ? "opacity" : kCounts[static_cast<size_t>(content.nodules)];
}

std::string number_word(int number) {
  static const std::array<std::string, 8> kNumbers = {"zero", "one",  "two", "three",
                                                      "four", "five", "six", "seven"};
  LMC_CHECK(number >= 0 && number < 8, "number ", number);
  return kNumbers[static_cast<size_t>(number)];
}

std::string lung_sentence(const Findings& findings, Side side) {
  std::string text = side == Side::kLeft ? "Left lung:" : "Right lung:";
  for (const Zone zone : kZones) {
    text +=
        cat(zone == Zone::kUpper ? " " : ", ", word(zone), " ", word(findings.lung(side).at(zone)));
  }
  return text;
}

std::string base_sentence(const Findings& findings, Side side) {
  return cat(side == Side::kLeft ? "Left" : "Right",
             " base: ", findings.lung(side).effusion ? "effusion" : "clear");
}

std::string heart_sentence(const Findings& findings) {
  return findings.wide_heart ? "The heart is wide" : "The heart is normal";
}

std::string caption(const Findings& findings) {
  return cat(lung_sentence(findings, Side::kLeft), ". ", lung_sentence(findings, Side::kRight),
             ". ", base_sentence(findings, Side::kLeft), ". ",
             base_sentence(findings, Side::kRight), ". ", heart_sentence(findings), ".");
}

std::string place(Side side, Zone zone) { return cat(word(side), " ", word(zone), " zone"); }

std::string base_place(Side side) { return word(side) + " base"; }

std::set<std::string> places_in(std::string_view text, const Findings& findings) {
  const auto has = [&](const std::string& sentence) { return text.find(sentence) != text.npos; };
  std::set<std::string> places;
  for (const Side side : kSides) {
    if (has(base_sentence(findings, side))) places.insert(base_place(side));
    if (!has(lung_sentence(findings, side))) continue;
    for (const Zone zone : kZones) places.insert(place(side, zone));
  }
  if (has(heart_sentence(findings))) places.insert(kHeartPlace);
  return places;
}

}  // namespace lmc::phantom
