// What questions count in a lung.
#pragma once

#include <string>
#include <vector>

#include "phantom/world.h"  // Findings

namespace lmc::phantom {

struct Unit {
  std::string one;   // "zone with an opacity"
  std::string many;  // "zones with an opacity"
  int (Lung::*count)() const;
};

const std::vector<Unit>& units();

int count_in(const Findings& findings, Side side, const Unit& unit);

// "Left lung: ..., makes two."
std::string counted_lung(const Findings& findings, Side side, const Unit& unit);

}  // namespace lmc::phantom
