// The panels of the tier "avx-vnni" on any machine with AVX2.
#if defined(__x86_64__)

#include "runtime/emulated_registers.h"

// Not the library's own.
#define kAvxVnniInt8Panel kEmulatedAvxVnniInt8Panel
#define kAvxVnniInt4Panel kEmulatedAvxVnniInt4Panel
#include "runtime/kernels/avx_vnni.cpp"

namespace lmc::runtime {
namespace {

TEST(AvxVnniEmulated, PanelsAreThoseOfTheScalarTierToTheBit) {
  if (find_tier("avx2") == nullptr) GTEST_SKIP() << "this machine lacks AVX2";
  expect_scalar_panels(kEmulatedAvxVnniInt8Panel, kEmulatedAvxVnniInt4Panel);
}

}  // namespace
}  // namespace lmc::runtime

#endif
