// Intermediate results by name, for tests and measurements.
#pragma once

#include <functional>
#include <span>
#include <string>

namespace lmc::runtime {

// Receives a stage's rows ("vision.block.3", "language.layer.0") as soon as they are there.
using Tap = std::function<void(const std::string& name, std::span<const float> rows)>;

}  // namespace lmc::runtime
