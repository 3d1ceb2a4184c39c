#include "tensorio/dtype_choice.h"

namespace lmc::tensorio {

std::optional<Dtype> chosen_dtype(DtypeChoice choice) {
  switch (choice) {
    case DtypeChoice::kAuto:
      return std::nullopt;
    case DtypeChoice::kFloat32:
      return Dtype::kF32;
    case DtypeChoice::kBFloat16:
      return Dtype::kBF16;
    case DtypeChoice::kFloat16:
      return Dtype::kF16;
  }
  return std::nullopt;
}

}  // namespace lmc::tensorio
