#include "runtime/kernels/tiers.h"

#include "base/check.h"  // InputError

namespace lmc::runtime {

namespace {

struct Tier {
  const Kernels* kernels;
  bool (*is_there)();
};

#if defined(__x86_64__)
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c");
}
#endif

// Slowest first.
const Tier kTiers[] = {
    {&kScalarKernels, [] { return true; }},
#if defined(__x86_64__)
    {&kAvx2Kernels, has_avx2},
#endif
};

}  // namespace

std::vector<std::string> tier_names() {
  std::vector<std::string> names;
  for (const Tier& tier : kTiers) names.emplace_back(tier.kernels->name);
  return names;
}

const Kernels* find_tier(const std::string& name) {
  for (const Tier& tier : kTiers) {
    if (name == tier.kernels->name && tier.is_there()) return tier.kernels;
  }
  return nullptr;
}

const Kernels& choose_tier(const std::string& name) {
  const Kernels* chosen = nullptr;
  std::string names = "auto";
  for (const Tier& tier : kTiers) {
    names += cat(", ", tier.kernels->name);
    if (name == "auto" && tier.is_there()) chosen = tier.kernels;
    if (name != tier.kernels->name) continue;
    if (!tier.is_there()) {
      throw InputError(cat("--tier ", name), "this processor lacks its instructions",
                       "leave --tier out");
    }
    chosen = tier.kernels;
  }
  if (chosen == nullptr) throw InputError("--tier", cat("unknown tier \"", name, "\""), names);
  return *chosen;
}

}  // namespace lmc::runtime
