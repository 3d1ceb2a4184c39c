// The kernel against libtorch's attention, on pages that are filled in pieces.
#include "model/paged_attention.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace lmc::model {
namespace {

spec::TextConfig config_of(int64_t kv_heads, int64_t width) {
  spec::TextConfig config;
  config.num_layers = 2;
  config.num_kv_heads = kv_heads;
  config.head_dim = width;
  return config;
}

struct Case {
  int64_t heads, kv_heads, width;
  torch::Dtype dtype;
};

class PagedAttention : public ::testing::TestWithParam<Case> {};

// Both compute each output as a weighted mean of values of about 1. In f32 they differ by some
// hundred roundings of 2^-24; in bfloat16 by the rounding of the result, 2^-9, on either side.
TEST_P(PagedAttention, EqualsTheReference) {
  const c10::NoGradGuard no_grad;
  const Case& shape = GetParam();
  const auto tolerance = shape.dtype == torch::kFloat32 ? 1e-5 : 2.0 / 256;
  KvPages pages(config_of(shape.kv_heads, shape.width), shape.dtype, torch::kCPU);
  const int64_t tokens = 150;
  const auto q = at::randn({tokens, shape.heads, shape.width}).to(shape.dtype);
  const auto k = at::randn({tokens, shape.kv_heads, shape.width}).to(shape.dtype);
  const auto v = at::randn({tokens, shape.kv_heads, shape.width}).to(shape.dtype);
  const auto batched = [](const torch::Tensor& x_NHK) {
    return x_NHK.to(torch::kFloat32).transpose(0, 1).unsqueeze(0);
  };
  const auto expected = at::scaled_dot_product_attention(batched(q), batched(k), batched(v), {},
                                                         0.0, true, std::nullopt, true)
                            .squeeze(0)
                            .transpose(0, 1)
                            .reshape({tokens, -1});
  std::vector<PageId> list;
  for (int64_t i = 0; i * kPageTokens < tokens; ++i) list.push_back(pages.take());
  std::vector<torch::Tensor> parts;
  int64_t before = 0;
  for (const int64_t count : {1, 63, 1, 40, 44, 1}) {
    const PagedBatch batch{&pages, {{0, count, before, list}}};
    const auto part = [&](const torch::Tensor& x) { return x.narrow(0, before, count); };
    parts.push_back(paged_attention(part(q), part(k), part(v), 1, batch));
    before += count;
  }
  ASSERT_EQ(before, tokens);
  const auto found = at::cat(parts).to(torch::kFloat32);
  EXPECT_LE((found - expected).abs().max().item<double>(), tolerance);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, PagedAttention,
    ::testing::Values(Case{6, 2, 32, torch::kFloat32}, Case{16, 8, 128, torch::kFloat32},
                      Case{2, 2, 8, torch::kFloat32}, Case{4, 1, 72, torch::kFloat32},
                      Case{3, 3, 12, torch::kFloat32}, Case{6, 2, 64, torch::kBFloat16}));

TEST(PagedAttentionOfOddNumbers, PassesNanOn) {
  KvPages pages(config_of(1, 8), torch::kFloat32, torch::kCPU);
  const auto q = at::randn({3, 1, 8}), k = at::randn({3, 1, 8});
  auto v = at::randn({3, 1, 8});
  k[1].fill_(std::numeric_limits<float>::quiet_NaN());
  const PagedBatch batch{&pages, {{0, 3, 0, {pages.take()}}}};
  const auto out = paged_attention(q, k, v, 0, batch);
  EXPECT_FALSE(std::isnan(out[0][0].item<float>()));
  EXPECT_TRUE(std::isnan(out[1][0].item<float>()));
  EXPECT_TRUE(std::isnan(out[2][0].item<float>()));
}

TEST(KvPagesOfSequences, ArePutBackAndTakenAgain) {
  KvPages pages(config_of(1, 8), torch::kFloat32, torch::kCPU);
  const PageId first = pages.take();
  pages.share(first);
  pages.release(first);
  EXPECT_EQ(pages.pages_in_use(), 1);
  pages.release(first);
  EXPECT_EQ(pages.pages_in_use(), 0);
  EXPECT_EQ(pages.take(), first);
  EXPECT_EQ(pages.bytes_per_token(), 2 * 2 * 8 * 4);
}

}  // namespace
}  // namespace lmc::model
