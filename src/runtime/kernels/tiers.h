// Which tiers this program has, and which of them this machine can run.
#pragma once

#include <string>
#include <vector>

#include "runtime/kernels/kernels.h"  // Kernels

namespace lmc::runtime {

// The names of all tiers of this build, slowest first: "scalar", "avx2", "avx-vnni", ... or "scalar",
// "neon", "neon-dotprod", ...
std::vector<std::string> tier_names();

// Null: this machine lacks the instructions.
const Kernels* find_tier(const std::string& name);

// "auto": the fastest that this machine can run.
// Errors: InputError for a name that is unknown or that this machine cannot run.
const Kernels& choose_tier(const std::string& name);

// One for each file of kernels; constants, as nothing of such a file may run before its tier is chosen.
extern const Kernels kScalarKernels;
#if defined(__x86_64__)
extern const Kernels kAvx2Kernels;
#elif defined(__aarch64__)
extern const Kernels kNeonKernels;
#endif

}  // namespace lmc::runtime
