// The panels of the tier "avx512-vnni" on any machine with AVX2.
#if defined(__x86_64__)

#include "runtime/emulated_registers.h"

// Not the library's own.
#define kAvx512VnniInt8Panel kEmulatedAvx512VnniInt8Panel
#define kAvx512VnniInt4Panel kEmulatedAvx512VnniInt4Panel
#include "runtime/kernels/avx512_vnni.cpp"

namespace lmc::runtime {
namespace {

TEST(Avx512VnniEmulated, PanelsAreThoseOfTheScalarTierToTheBit) {
  if (find_tier("avx2") == nullptr) GTEST_SKIP() << "this machine lacks AVX2";
  expect_scalar_panels(kEmulatedAvx512VnniInt8Panel, kEmulatedAvx512VnniInt4Panel);
}

}  // namespace
}  // namespace lmc::runtime

#endif
