// Against products in f64.
#include "model/gemm.h"

#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

namespace lmc::model {
namespace {

TEST(Gemm, EqualTheReferenceForAnyNumberOfRows) {
  for (const int64_t rows : {1, 2, 15, 64, 100}) {
    for (const auto& [in, out] : {std::pair{7, 5}, std::pair{48, 130}, std::pair{256, 16}}) {
      const auto x = at::randn({rows, in}), weight = at::randn({out, in}), bias = at::randn({out});
      const auto wide = [](const torch::Tensor& t) { return t.to(torch::kFloat64); };
      const auto forward = at::linear(wide(x), wide(weight), wide(bias));
      const auto backward = forward.mm(wide(weight));
      // f32: sums of up to 256 products of values near 1, each rounded by 2^-24 of the sum so far.
      // bf16: inputs and result rounded by 2^-9 each.
      for (const auto& [dtype, allowed] :
           {std::pair{torch::kFloat32, 256 * 0x1p-24}, std::pair{torch::kBFloat16, 3 * 0x1p-8}}) {
        const auto found = gemm_transposed(x.to(dtype), weight.to(dtype), bias.to(dtype));
        EXPECT_EQ(found.scalar_type(), dtype);
        EXPECT_EQ(found.sizes(), forward.sizes());
        EXPECT_LE((wide(found) - forward).abs().max().item<double>(),
                  allowed * forward.abs().max().item<double>());
        const auto back = gemm(forward.to(dtype), weight.to(dtype));
        EXPECT_LE((wide(back) - backward).abs().max().item<double>(),
                  allowed * backward.abs().max().item<double>());
      }
    }
  }
}

TEST(Gemm, TakeTransposedAndStridedInputs) {
  const auto x = at::randn({40, 96}).t().narrow(0, 8, 64), weight = at::randn({40, 24}).t();
  const auto expected = at::linear(x.contiguous(), weight.contiguous());
  EXPECT_LE((gemm_transposed(x, weight) - expected).abs().max().item<double>(),
            40 * 0x1p-24 * expected.abs().max().item<double>());
}

}  // namespace
}  // namespace lmc::model
