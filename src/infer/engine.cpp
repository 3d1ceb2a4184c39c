#include "infer/engine.h"

#include <bit>

#include "base/check.h"  // InputError

namespace lmc::infer {

namespace {

// By their bits, as that compares many at once.
bool all_finite(std::span<const float> values) {
  constexpr uint32_t kExponent = 0x7f800000;
  uint32_t num_others = 0;
  for (const float value : values) {
    num_others += (std::bit_cast<uint32_t>(value) & kExponent) == kExponent ? 1 : 0;
  }
  return num_others == 0;
}

}  // namespace

Logits::Logits(std::vector<float> values_RV, int64_t vocab_size, std::vector<size_t> first_rows)
    : values_RV_(std::move(values_RV)),
      vocab_size_(static_cast<size_t>(vocab_size)),
      first_rows_(std::move(first_rows)) {
  if (all_finite(values_RV_)) return;
  throw InputError("the model", "its logits are not finite numbers",
                   "weights or an adapter that are damaged, or too large for the arithmetic: "
                   "--dtype float32 reaches further");
}

}  // namespace lmc::infer
