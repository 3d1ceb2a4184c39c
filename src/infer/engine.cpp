#include "infer/engine.h"

#include <cstddef>
#include <iterator>

#include "base/check.h"          // InputError
#include "base/full_exponent.h"  // first_full_exponent

namespace lmc::infer {

Logits::Logits(std::vector<float> values_RV, int64_t vocab_size, std::vector<size_t> first_rows)
    : values_RV_(std::move(values_RV)),
      vocab_size_(static_cast<size_t>(vocab_size)),
      first_rows_(std::move(first_rows)) {
  const auto* bytes = reinterpret_cast<const std::byte*>(values_RV_.data());
  if (!first_full_exponent(bytes, std::ssize(values_RV_), kFloatExponent)) return;
  throw InputError("the model", "its logits are not finite numbers",
                   "weights or an adapter that are damaged, or too large for the arithmetic: "
                   "--dtype float32 reaches further");
}

}  // namespace lmc::infer
