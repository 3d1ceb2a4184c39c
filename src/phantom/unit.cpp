#include "phantom/unit.h"

#include "base/check.h"  // cat

namespace lmc::phantom {

const std::vector<Unit>& units() {
  static const std::vector<Unit> kUnits = {
      {"zone with an opacity", "zones with an opacity", &Lung::opacities},
      {"zone with nodules", "zones with nodules", &Lung::nodular_zones},
      {"zone that is not clear", "zones that are not clear", &Lung::abnormal_zones},
  };
  return kUnits;
}

int count_in(const Findings& findings, Side side, const Unit& unit) {
  return (findings.lung(side).*unit.count)();
}

std::string counted_lung(const Findings& findings, Side side, const Unit& unit) {
  return cat(lung_sentence(findings, side), ", makes ", number_word(count_in(findings, side, unit)),
             ".");
}

}  // namespace lmc::phantom
