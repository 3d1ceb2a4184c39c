// What the processor consumed, where the system tells (Linux on x86: RAPL, which counts the package,
// cores and caches, not the whole machine).
//
// Source: Linux, Documentation/power/powercap/powercap.rst. The files are the superuser's to read.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lmc {

class EnergyMeter {
 public:
  explicit EnergyMeter(const std::string& folder = "/sys/class/powercap");

  // Since the meter was made, or since this was last called; nothing: the system does not tell. A
  // counter runs over after some minutes at full load, so a longer time must be asked about in parts.
  std::optional<double> joules();

 private:
  // A package.
  struct Counter {
    std::string path;
    int64_t microjoules = 0;
    int64_t runs_over_at = 0;
  };
  std::vector<Counter> counters_;
};

}  // namespace lmc
