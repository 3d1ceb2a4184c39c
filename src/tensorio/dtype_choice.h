// The floating-point types that options name.
#pragma once

#include <optional>

#include "base/enum_names.h"  // Named
#include "tensorio/dtype.h"   // Dtype

namespace lmc::tensorio {

enum class DtypeChoice { kAuto, kFloat32, kBFloat16, kFloat16 };
constexpr auto names_of(DtypeChoice) {
  return std::to_array<Named<DtypeChoice>>({{DtypeChoice::kAuto, "auto"},
                                            {DtypeChoice::kFloat32, "float32"},
                                            {DtypeChoice::kBFloat16, "bfloat16"},
                                            {DtypeChoice::kFloat16, "float16"}});
}

// Nothing for kAuto.
std::optional<Dtype> chosen_dtype(DtypeChoice choice);

}  // namespace lmc::tensorio
