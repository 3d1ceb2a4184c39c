// Where the tests of the model and its training run: on the CPU, or on the device that the
// environment's LMC_TEST_DEVICE names ("cuda").
#pragma once

#include <torch/types.h>

#include <cstdlib>

namespace lmc::model {

inline torch::Device test_device() {
  const char* const name = std::getenv("LMC_TEST_DEVICE");
  return name == nullptr ? torch::Device(torch::kCPU) : torch::Device(name);
}

// The factor on a tolerance that is derived for sums in f32. A GPU's attention takes each f32
// factor as a sum of narrower ones, which leaves two bits less.
inline double device_slack() { return test_device().is_cpu() ? 1 : 4; }

}  // namespace lmc::model
