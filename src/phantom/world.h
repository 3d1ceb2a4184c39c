// The synthetic world: what a small chest image can show, and the words for it.
//
// Two lungs of three zones; a zone is clear, holds an opacity, or holds one to three nodules. Each
// lung's base may hold an effusion; the heart is normal or wide. At most six findings an image.
// Sides are the patient's, as in radiology: the left lung is on the right of the image.
// It resembles radiographs so that the pipeline meets images and words of a familiar shape; it
// says nothing about medicine.
// Threads: pure functions; a Random belongs to one thread.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>

#include "base/random.h"  // Random

namespace lmc::phantom {

enum class Side { kLeft, kRight };
enum class Zone { kUpper, kMiddle, kLower };

inline constexpr std::array<Side, 2> kSides = {Side::kLeft, Side::kRight};
inline constexpr std::array<Zone, 3> kZones = {Zone::kUpper, Zone::kMiddle, Zone::kLower};
inline constexpr int kMaxNodules = 3;
inline constexpr int kMaxFindings = 6;

// What one zone holds: never an opacity and nodules together.
struct ZoneContent {
  bool opacity = false;
  int nodules = 0;

  bool clear() const { return !opacity && nodules == 0; }
  bool operator==(const ZoneContent&) const = default;
};

struct Lung {
  std::array<ZoneContent, 3> zones;  // upper, middle, lower
  bool effusion = false;

  const ZoneContent& at(Zone zone) const { return zones[static_cast<size_t>(zone)]; }
  ZoneContent& at(Zone zone) { return zones[static_cast<size_t>(zone)]; }
  int opacities() const;       // zones with an opacity
  int nodular_zones() const;   // zones with nodules
  int abnormal_zones() const;  // zones that are not clear
  bool operator==(const Lung&) const = default;
};

struct Findings {
  std::array<Lung, 2> lungs;  // left, right
  bool wide_heart = false;

  const Lung& lung(Side side) const { return lungs[static_cast<size_t>(side)]; }
  Lung& lung(Side side) { return lungs[static_cast<size_t>(side)]; }
  int count() const;  // involved zones, effusions and a wide heart
  bool operator==(const Findings&) const = default;
};

// Draws findings from the world's prior.
Findings sample_findings(Random& random);

std::string word(Side side);  // "left"
std::string word(Zone zone);  // "upper"
std::string word(
    const ZoneContent& content);  // "clear", "opacity", "one nodule", "two nodules", ...

std::string number_word(int number);  // "zero", "one", ... "seven"

// The sentences of which captions and reasoning are made.
std::string lung_sentence(const Findings& findings, Side side);
std::string base_sentence(const Findings& findings, Side side);
std::string heart_sentence(const Findings& findings);

// Every finding in a fixed order: both lungs, both bases, the heart.
std::string caption(const Findings& findings);

// Names of the places that can hold a finding: "left upper zone", "left base", "heart".
std::string place(Side side, Zone zone);
std::string base_place(Side side);
inline constexpr const char* kHeartPlace = "heart";

// The places whose sentence stands in a text about these findings; a lung's speaks of its zones.
std::set<std::string> places_in(std::string_view text, const Findings& findings);

}  // namespace lmc::phantom
