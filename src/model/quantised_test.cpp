#include "model/quantised.h"

#include <ATen/ops/linspace.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "base/check.h"

namespace lmc::model {
namespace {

torch::Tensor matrix() {
  at::manual_seed(3);
  auto made = at::randn({5, 192}) * at::linspace(0.01, 3, 5).unsqueeze(1);
  made[2].zero_();
  return made;
}

TEST(Quantised, Int8IsWithinHalfAStepOfEachRow) {
  const auto weight = matrix();
  const QuantisedMatrix quantised(weight, QuantKind::kInt8);
  const auto half_step = weight.abs().amax(1, true) / 127 / 2;
  // A hair for the rounding of the quotient itself.
  EXPECT_TRUE(((quantised.dequantise(torch::kFloat32) - weight).abs() <= half_step * 1.0001)
                  .all()
                  .item<bool>());
  EXPECT_EQ(quantised.num_bytes(), 5 * 192 + 5 * 4);
}

TEST(Quantised, Nf4TakesTheNearestOfSixteenPlaces) {
  const auto weight = matrix();
  const QuantisedMatrix quantised(weight, QuantKind::kNf4);
  const auto widened = quantised.dequantise(torch::kFloat32);
  // The places of bitsandbytes, by hand: a block that holds them all comes back as it was.
  const float places[] = {-1.0F,        -0.6961928F,  -0.52507305F, -0.39491749F,
                          -0.28444138F, -0.18477343F, -0.09105004F, 0.0F,
                          0.0795803F,   0.1609302F,   0.2461123F,   0.33791524F,
                          0.44070983F,  0.562617F,    0.72295684F,  1.0F};
  auto exact = at::zeros({1, 64});
  for (int64_t i = 0; i < 64; ++i) exact[0][i] = places[i % 16] * 2.5F;
  EXPECT_TRUE(QuantisedMatrix(exact, QuantKind::kNf4)
                  .dequantise(torch::kFloat32)
                  .allclose(exact, 1e-6, 1e-7));
  for (int64_t row = 0; row < 5; ++row) {
    for (int64_t i = 0; i < 192; ++i) {
      const float largest = weight[row].narrow(0, i / 64 * 64, 64).abs().max().item<float>();
      float nearest = 1e9F;
      for (const float place : places) {
        nearest = std::min(nearest, std::abs(place * largest - weight[row][i].item<float>()));
      }
      EXPECT_NEAR(std::abs((widened[row][i] - weight[row][i]).item<float>()), nearest, 1e-6);
    }
  }
}

TEST(Quantised, BothDtypesHoldTheSameValues) {
  for (const QuantKind kind : {QuantKind::kInt8, QuantKind::kNf4}) {
    const QuantisedMatrix quantised(matrix(), kind);
    EXPECT_TRUE(quantised.dequantise(torch::kFloat32)
                    .to(torch::kBFloat16)
                    .equal(quantised.dequantise(torch::kBFloat16)));
    // Through the path for other devices, by a dtype without a loop of its own.
    EXPECT_TRUE(quantised.dequantise(torch::kFloat64)
                    .to(torch::kFloat32)
                    .equal(quantised.dequantise(torch::kFloat32)));
  }
}

TEST(Quantised, Nf4RefusesAWidthItsBlocksDoNotFill) {
  EXPECT_THROW(QuantisedMatrix(at::randn({4, 96}), QuantKind::kNf4), InputError);
}

}  // namespace
}  // namespace lmc::model
