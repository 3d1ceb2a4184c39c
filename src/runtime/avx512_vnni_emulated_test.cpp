// The panels of the tier "avx512-vnni" on any machine with AVX2.
#if defined(__x86_64__)

#include "runtime/emulated_registers.h"

// Not the library's own.
#define avx512_vnni_int8_panel emulated_avx512_vnni_int8_panel
#define avx512_vnni_int4_panel emulated_avx512_vnni_int4_panel
#include "runtime/kernels/avx512_vnni.cpp"

namespace lmc::runtime {
namespace {

TEST(Avx512VnniEmulated, PanelsAreThoseOfTheScalarTierToTheBit) {
  if (find_tier("avx2") == nullptr) GTEST_SKIP() << "this machine lacks AVX2";
  expect_scalar_panels(emulated_avx512_vnni_int8_panel, emulated_avx512_vnni_int4_panel);
}

}  // namespace
}  // namespace lmc::runtime

#endif
