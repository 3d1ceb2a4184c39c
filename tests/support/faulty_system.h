// The program under a system that fails (faulty_system.cpp).
#pragma once

#include <string>
#include <vector>

#include "support/process.h"      // Process, Variables
#include "support/run_program.h"  // ProgramResult

namespace lmc::tests {

// The library works in builds without sanitizers, whose runtimes want to be loaded first.
inline constexpr bool kHaveFaultySystem = LMC_HAVE_FAULTY_SYSTEM;

inline ProgramResult run_under(Variables faults, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), LMC_PROGRAM);
  faults["LD_PRELOAD"] = LMC_FAULTY_SYSTEM;
  Process process(std::move(arguments), faults);
  const int exit_code = process.wait();
  return {exit_code, process.out(), process.err()};
}

// Opening to read a path that has `part` in it fails with `reason`, `count` times from the time
// number `first` on.
inline Variables failing_open(int reason, int first, int count, const std::string& part) {
  return {{"LMC_FAULT", std::to_string(reason) + " " + std::to_string(first) + " " +
                            std::to_string(count) + " " + part}};
}

}  // namespace lmc::tests
