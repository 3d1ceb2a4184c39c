#include "base/energy_meter.h"

#include <filesystem>
#include <fstream>

namespace lmc {

namespace {

namespace fs = std::filesystem;

std::optional<int64_t> read_number(const std::string& path) {
  std::ifstream in(path);
  int64_t number = 0;
  if (in >> number && number >= 0) return number;
  return std::nullopt;
}

}  // namespace

EnergyMeter::EnergyMeter(const std::string& folder) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    // "intel-rapl:0" is a package (AMD's processors have that name too), "intel-rapl:0:1" a part of it.
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("intel-rapl:") || name.find(':') != name.rfind(':')) continue;
    const std::string path = entry.path().string() + "/energy_uj";
    const std::optional<int64_t> now = read_number(path);
    const std::optional<int64_t> most = read_number(entry.path().string() + "/max_energy_range_uj");
    if (now && most) counters_.push_back({path, *now, *most});
  }
}

std::optional<double> EnergyMeter::joules() {
  if (counters_.empty()) return std::nullopt;
  int64_t microjoules = 0;
  for (Counter& counter : counters_) {
    const std::optional<int64_t> now = read_number(counter.path);
    if (!now) return std::nullopt;
    microjoules += *now - counter.microjoules;
    if (*now < counter.microjoules) microjoules += counter.runs_over_at;
    counter.microjoules = *now;
  }
  return static_cast<double>(microjoules) * 1e-6;
}

}  // namespace lmc
