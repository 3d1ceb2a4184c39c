// Integer panels for AMX (Sapphire Rapids and later) beside AVX-512 with VNNI. Compiled with AVX-512.
//
// The instructions on tiles are written out, each with what it touches: GCC 12's headers do not say that
// a configuration of 64 bytes and the memory of a tile are read, and stores to them are dropped.
#include "runtime/kernels/amx_panels.h"

namespace lmc::runtime {

namespace {

// Registers: tmm0 sums, tmm1 rows, tmm2 weights.
struct HardwareTiles {
  static void configure() {
    // Palette 1; of every tile the bytes a row (from byte 16, two each) and the rows (from byte 48).
    alignas(64) uint8_t configuration[64] = {1};
    for (int tile = 0; tile < 3; ++tile) {
      configuration[16 + 2 * tile] = 64;
      configuration[48 + tile] = 16;
    }
    const auto& all = reinterpret_cast<const uint8_t(&)[64]>(configuration);
    asm volatile("ldtilecfg %0" ::"m"(all) : "memory");
  }
  static void release() { asm volatile("tilerelease" ::: "memory"); }

  static void load_weights(const int8_t* tile) {
    asm volatile("tileloadd (%0,%1,1), %%tmm2" ::"r"(tile), "r"(kTileInputs) : "memory");
  }
  static void load_rows(const int8_t* rows, int64_t stride) {
    asm volatile("tileloadd (%0,%1,1), %%tmm1" ::"r"(rows), "r"(stride) : "memory");
  }
  // The sums of 16 rows by 16 outputs, anew.
  static void multiply() {
    asm volatile("tilezero %%tmm0\n\ttdpbssd %%tmm2, %%tmm1, %%tmm0" ::: "memory");
  }
  static void store_sums(int32_t* sums_RO) {
    asm volatile("tilestored %%tmm0, (%0,%1,1)" ::"r"(sums_RO), "r"(kTileInputs) : "memory");
  }
};

}  // namespace

void amx_int8_panel(const int8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                    float* out_RO) {
  panel_by_tiles<HardwareTiles, false>(reinterpret_cast<const uint8_t*>(panel), scales, x, group,
                                       out_RO, [&](const ByteRows& others, float* out) {
                                         avx512_vnni_int8_panel(panel, scales, others, group, out);
                                       });
}

void amx_int4_panel(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                    float* out_RO) {
  panel_by_tiles<HardwareTiles, true>(panel, scales, x, group, out_RO,
                                      [&](const ByteRows& others, float* out) {
                                        avx512_vnni_int4_panel(panel, scales, others, group, out);
                                      });
}

}  // namespace lmc::runtime
