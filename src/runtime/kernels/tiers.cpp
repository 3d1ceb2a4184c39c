#include "runtime/kernels/tiers.h"

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "base/check.h"  // InputError
#include "runtime/kernels/integer_panels.h"

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
#elif defined(__aarch64__)
bool has_dotprod() { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }

// Whose panels leave single rows to the dot product.
bool has_i8mm() { return has_dotprod() && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0; }
#endif

// A tier that differs from another in its panels of integers alone.
[[maybe_unused]] Kernels with_panels(Kernels kernels, const char* name, Int8Panel* int8_panel,
                                     Int4Panel* int4_panel) {
  kernels.name = name;
  kernels.takes_shorts = false;
  kernels.panel_int8 = int8_panel;
  kernels.panel_int4 = int4_panel;
  return kernels;
}

// Slowest first.
const std::vector<Tier>& all_tiers() {
  static const std::vector<Tier> tiers = {
    {kScalarKernels, [] { return true; }},
#if defined(__x86_64__)
    {kAvx2Kernels, has_avx2},
    {with_panels(kAvx2Kernels, "avx-vnni", avx_vnni_int8_panel, avx_vnni_int4_panel), has_avx_vnni},
    {with_panels(kAvx2Kernels, "avx512-vnni", avx512_vnni_int8_panel, avx512_vnni_int4_panel),
     has_avx512_vnni},
    {with_panels(kAvx2Kernels, "amx", amx_int8_panel, amx_int4_panel), has_amx},
#elif defined(__aarch64__)
    {kNeonKernels, [] { return true; }},
    {with_panels(kNeonKernels, "neon-dotprod", neon_dotprod_int8_panel, neon_dotprod_int4_panel),
     has_dotprod},
    {with_panels(kNeonKernels, "neon-i8mm", neon_i8mm_int8_panel, neon_i8mm_int4_panel), has_i8mm},
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
