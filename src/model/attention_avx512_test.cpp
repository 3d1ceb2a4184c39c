// Against libtorch's attention in f64.
#include "model/attention_avx512.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <array>
#include <cmath>

namespace lmc::model {
namespace {

struct Shape {
  int64_t heads, groups, width;
  std::vector<int64_t> segments;
};

torch::Tensor reference(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                        const torch::Tensor& v_NGK, const std::vector<int64_t>& segments,
                        bool causal) {
  std::vector<torch::Tensor> parts;
  int64_t from = 0;
  for (const int64_t length : segments) {
    const auto part = [&](const torch::Tensor& x) {
      return x.narrow(0, from, length).transpose(0, 1).unsqueeze(0);
    };
    const auto out = at::scaled_dot_product_attention(part(q_NAK), part(k_NGK), part(v_NGK), {}, 0,
                                                      causal, std::nullopt, true);
    parts.push_back(out.squeeze(0).transpose(0, 1).reshape({length, -1}));
    from += length;
  }
  return at::cat(parts);
}

using Results = std::array<torch::Tensor, 4>;  // the result, and the gradients by q, k and v

template <class Attention>
Results run(const Attention& attention, const std::array<torch::Tensor, 3>& qkv,
            const torch::Tensor& gradient, torch::Dtype dtype) {
  std::vector<torch::Tensor> inputs;
  for (const torch::Tensor& x : qkv) inputs.push_back(x.to(dtype).requires_grad_(true));
  const auto out = attention(inputs[0], inputs[1], inputs[2]);
  const auto made = torch::autograd::grad({out}, inputs, {gradient.to(dtype)});
  return {out.detach(), made[0], made[1], made[2]};
}

TEST(Avx512Attention, EqualsTheReference) {
  if (!has_avx512_attention(at::zeros({1}))) GTEST_SKIP() << "no AVX-512 here";
  for (const Shape& shape :
       {Shape{4, 2, 32, {1, 2, 31, 32, 33, 64, 5}}, Shape{6, 2, 24, {100}},
        Shape{3, 3, 72, {17, 200}}, Shape{8, 1, 128, {97, 3}}, Shape{2, 1, 8, {70, 70}}}) {
    int64_t tokens = 0;
    for (const int64_t length : shape.segments) tokens += length;
    const auto values = [&](int64_t heads) { return at::randn({tokens, heads, shape.width}); };
    // bf16 values, so that both dtypes see the same.
    const auto rounded = [](const torch::Tensor& x) { return x.to(torch::kBFloat16); };
    const std::array qkv{rounded(3 * values(shape.heads)), rounded(values(shape.groups)),
                         rounded(values(shape.groups))};
    const auto gradient = rounded(values(shape.heads).reshape({tokens, -1}));
    for (const bool causal : {true, false}) {
      const auto expected =
          run([&](const auto& q, const auto& k,
                  const auto& v) { return reference(q, k, v, shape.segments, causal); },
              qkv, gradient, torch::kFloat64);
      for (const auto dtype : {torch::kFloat32, torch::kBFloat16}) {
        const auto found =
            run([&](const auto& q, const auto& k,
                    const auto& v) { return avx512_attention(q, k, v, shape.segments, causal); },
                qkv, gradient, dtype);
        // f32: sums of up to 200 products, each rounded by 2^-24, and scores up to 40, whose
        // rounding exp passes on. bf16: the same arithmetic, then one rounding of the result.
        const double allowed = dtype == torch::kFloat32 ? 200 * 0x1p-24 : 0x1p-8;
        for (size_t i = 0; i < found.size(); ++i) {
          const auto far = (found[i].to(torch::kFloat64) - expected[i]).abs().max().item<double>();
          EXPECT_LE(far, allowed * expected[i].abs().max().item<double>())
              << "tensor " << i << ", width " << shape.width << (causal ? ", causal" : "");
        }
      }
    }
  }
}

TEST(Avx512Attention, TellsScoresApartByTheirLargest) {
  if (!has_avx512_attention(at::zeros({1}))) GTEST_SKIP() << "no AVX-512 here";
  // Scores of some 1e4, where exp of the plain score overflows, and one key that takes all.
  auto k = at::randn({40, 1, 16}), q = k * 4000;
  const auto v = at::randn({40, 1, 16});
  const auto out = avx512_attention(q, k, v, std::vector<int64_t>{40}, false);
  const auto expected =
      reference(q.to(torch::kFloat64), k.to(torch::kFloat64), v.to(torch::kFloat64), {40}, false);
  EXPECT_LE((out - expected).abs().max().item<double>(), 1e-4);
}

TEST(Avx512Attention, PassesNanOn) {
  if (!has_avx512_attention(at::zeros({1}))) GTEST_SKIP() << "no AVX-512 here";
  auto q = at::randn({20, 1, 16});
  q[7][0][3] = NAN;
  const auto out = avx512_attention(q, q, at::randn({20, 1, 16}), std::vector<int64_t>{20}, true);
  for (int64_t row = 0; row < 20; ++row) {
    EXPECT_EQ(std::isnan(out[row][0].item<float>()), row >= 7) << row;
  }
}

}  // namespace
}  // namespace lmc::model
