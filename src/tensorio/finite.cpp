#include "tensorio/finite.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>

#include "base/check.h"          // InputError, cat
#include "base/full_exponent.h"  // first_full_exponent
#include "base/parallel.h"       // parallel_for

namespace lmc::tensorio {

namespace {

// A number is NaN or infinite when all bits of its exponent are set.
struct Exponent {
  int64_t bytes = 0;  // of an element; 0: it has no exponent
  uint64_t mask = 0;
  uint64_t fraction = 0;  // with the exponent full: NaN unless all of these are zero
};

Exponent exponent_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::kF16:
      return {2, 0x7C00, 0x03FF};
    case Dtype::kBF16:
      return {2, 0x7F80, 0x007F};
    case Dtype::kF32:
      return {4, kFloatExponent, 0x007FFFFF};
    case Dtype::kF64:
      return {8, 0x7FF0000000000000, 0x000FFFFFFFFFFFFF};
    default:
      return {};
  }
}

std::optional<int64_t> first_full(const std::byte* data, int64_t count, const Exponent& exponent) {
  switch (exponent.bytes) {
    case 2:
      return first_full_exponent(data, count, static_cast<uint16_t>(exponent.mask));
    case 4:
      return first_full_exponent(data, count, static_cast<uint32_t>(exponent.mask));
    default:
      return first_full_exponent(data, count, exponent.mask);
  }
}

}  // namespace

std::optional<int64_t> first_not_finite(std::span<const std::byte> bytes, Dtype dtype) {
  const Exponent exponent = exponent_of(dtype);
  if (exponent.bytes == 0) return std::nullopt;
  constexpr int64_t kPiece = 1 << 20;  // elements; small tensors need no second thread
  const int64_t count = static_cast<int64_t>(bytes.size()) / exponent.bytes;
  constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  std::atomic<int64_t> first{kNone};
  parallel_for(static_cast<size_t>((count + kPiece - 1) / kPiece), [&](size_t piece) {
    const int64_t from = static_cast<int64_t>(piece) * kPiece;
    if (from > first.load()) return;
    const auto found =
        first_full(bytes.data() + from * exponent.bytes, std::min(kPiece, count - from), exponent);
    if (!found) return;
    int64_t least = first.load();
    while (from + *found < least && !first.compare_exchange_weak(least, from + *found)) {
    }
  });
  return first == kNone ? std::nullopt : std::optional(first.load());
}

void check_finite(const TensorView& view, const std::string& where) {
  const auto at = first_not_finite(view.bytes, view.info.dtype);
  if (!at) return;
  const Exponent exponent = exponent_of(view.info.dtype);
  uint64_t bits = 0;
  std::memcpy(&bits, view.bytes.data() + *at * exponent.bytes, static_cast<size_t>(exponent.bytes));
  throw InputError(where,
                   cat("holds ", (bits & exponent.fraction) != 0 ? "NaN" : "infinity", " (element ",
                       *at, " of ", view.info.num_elements(), ")"),
                   "the training that wrote it went wrong, or the file is damaged");
}

}  // namespace lmc::tensorio
