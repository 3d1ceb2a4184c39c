// The panels of the tier "amx" on any machine with AVX2: registers of 512 bits and tiles are put
// together from what it has. What runs on the machine itself with its own instructions is in
// kernels_test.cpp.
#if defined(__x86_64__)

#include "runtime/emulated_registers.h"

#include "runtime/kernels/amx_panels.h"

namespace lmc::runtime {
namespace {

// Tiles of 16 rows of 64 bytes, as they are configured.
// Source: Intel's manual, volume 2, TILELOADD and TDPBSSD.
struct EmulatedTiles {
  static inline std::array<std::array<int8_t, 64>, 16> weights, rows;
  static inline std::array<std::array<int32_t, 16>, 16> sums_RO;
  static inline bool is_configured = false;

  static void configure() { is_configured = true; }
  static void release() { is_configured = false; }
  static void load(std::array<std::array<int8_t, 64>, 16>& tile, const int8_t* from,
                   int64_t stride) {
    ASSERT_TRUE(is_configured);
    for (size_t r = 0; r < 16; ++r) {
      std::memcpy(tile[r].data(), from + static_cast<int64_t>(r) * stride, 64);
    }
  }
  static void load_weights(const int8_t* tile) { load(weights, tile, 64); }
  static void load_rows(const int8_t* from, int64_t stride) { load(rows, from, stride); }
  static void multiply() {
    for (size_t r = 0; r < 16; ++r) {
      for (size_t o = 0; o < 16; ++o) {
        sums_RO[r][o] = 0;
        for (size_t k = 0; k < 64; ++k) sums_RO[r][o] += rows[r][k] * weights[k / 4][4 * o + k % 4];
      }
    }
  }
  static void store_sums(int32_t* to_RO) { std::memcpy(to_RO, sums_RO.data(), sizeof sums_RO); }
};

// What fills no block of rows is another tier's.
void int8_panel(const int8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                float* out_RO) {
  panel_by_tiles<EmulatedTiles, false>(reinterpret_cast<const uint8_t*>(panel), scales, x, group,
                                       out_RO, [&](const ByteRows& others, float* out) {
                                         kScalarKernels.panel_int8(panel, scales, others, group,
                                                                   out);
                                       });
}

void int4_panel(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                float* out_RO) {
  panel_by_tiles<EmulatedTiles, true>(
      panel, scales, x, group, out_RO, [&](const ByteRows& others, float* out) {
        kScalarKernels.panel_int4(panel, scales, others, group, out);
      });
}

TEST(AmxEmulated, PanelsAreThoseOfTheScalarTierToTheBit) {
  if (find_tier("avx2") == nullptr) GTEST_SKIP() << "this machine lacks AVX2";
  expect_scalar_panels(int8_panel, int4_panel);
  EXPECT_FALSE(EmulatedTiles::is_configured) << "tiles are given back";
}

}  // namespace
}  // namespace lmc::runtime

#endif
