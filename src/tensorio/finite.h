// NaN and infinity in stored tensors: one such weight makes every number behind it one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "tensorio/dtype.h"        // Dtype
#include "tensorio/safetensors.h"  // TensorView

namespace lmc::tensorio {

// Index of the first element that is NaN or infinite; integers have none. Runs at the speed of
// memory, on all cores.
std::optional<int64_t> first_not_finite(std::span<const std::byte> bytes, Dtype dtype);

// Errors: InputError, `where` (file and tensor) first, saying what is found at which index.
void check_finite(const TensorView& view, const std::string& where);

}  // namespace lmc::tensorio
