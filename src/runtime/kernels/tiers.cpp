#include "runtime/kernels/tiers.h"

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

#include "base/check.h"  // InputError
#if defined(__x86_64__)
#include "runtime/kernels/integer_panels.h"
#endif

namespace lmc::runtime {

namespace {

struct Tier {
  Kernels kernels;
  bool (*is_there)();
};

#if defined(__x86_64__)
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c");
}

// Compilers differ in the name they know it by.
bool has_avx_vnni() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return has_avx2() && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) == 1 && (eax >> 4 & 1) != 0;
}

bool has_avx512_vnni() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vnni");
}

// Linux gives the registers of tiles, 8 KiB a thread, to those who ask: for all threads at once, and
// for good.
bool may_use_tiles() {
#if defined(__linux__)
  constexpr long kArchReqXcompPerm = 0x1023, kXtileData = 18;
  static const bool may = syscall(SYS_arch_prctl, kArchReqXcompPerm, kXtileData) == 0;
  return may;
#else
  return false;
#endif
}

bool has_amx() {
  constexpr unsigned kTiles = 1U << 24, kInt8Tiles = 1U << 25;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return has_avx512_vnni() && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 1 &&
         (edx & kTiles) != 0 && (edx & kInt8Tiles) != 0 && may_use_tiles();
}

// AVX2's, but for the panels of integers.
Kernels with_panels(const char* name, Int8Panel int8_panel, Int4Panel int4_panel) {
  Kernels kernels = kAvx2Kernels;
  kernels.name = name;
  kernels.takes_shorts = false;
  kernels.panel_int8 = int8_panel;
  kernels.panel_int4 = int4_panel;
  return kernels;
}
#endif

// Slowest first.
const std::vector<Tier>& all_tiers() {
  static const std::vector<Tier> tiers = {
    {kScalarKernels, [] { return true; }},
#if defined(__x86_64__)
    {kAvx2Kernels, has_avx2},
    {with_panels("avx-vnni", kAvxVnniInt8Panel, kAvxVnniInt4Panel), has_avx_vnni},
    {with_panels("avx512-vnni", kAvx512VnniInt8Panel, kAvx512VnniInt4Panel), has_avx512_vnni},
    {with_panels("amx", kAmxInt8Panel, kAmxInt4Panel), has_amx},
#endif
  };
  return tiers;
}

}  // namespace

std::vector<std::string> tier_names() {
  std::vector<std::string> names;
  for (const Tier& tier : all_tiers()) names.emplace_back(tier.kernels.name);
  return names;
}

const Kernels* find_tier(const std::string& name) {
  for (const Tier& tier : all_tiers()) {
    if (name == tier.kernels.name && tier.is_there()) return &tier.kernels;
  }
  return nullptr;
}

const Kernels& choose_tier(const std::string& name) {
  const Kernels* chosen = nullptr;
  std::string names = "auto";
  for (const Tier& tier : all_tiers()) {
    names += cat(", ", tier.kernels.name);
    if (name == "auto" && tier.is_there()) chosen = &tier.kernels;
    if (name != tier.kernels.name) continue;
    if (!tier.is_there()) {
      throw InputError(cat("--tier ", name), "this processor lacks its instructions",
                       "leave --tier out");
    }
    chosen = &tier.kernels;
  }
  if (chosen == nullptr) throw InputError("--tier", cat("unknown tier \"", name, "\""), names);
  return *chosen;
}

}  // namespace lmc::runtime
