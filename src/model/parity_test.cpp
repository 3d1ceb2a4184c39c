// Everything the model computes, stage by stage, against transformers and peft.
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/log_softmax.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/check.h"
#include "model/gradient_relevance.h"
#include "model/lora.h"
#include "model/parity_fixture.h"
#include "model/torch_features.h"
#include "model/weights.h"
#include "tensorio/safetensors.h"

namespace lmc::model {
namespace {

TEST_P(Parity, EveryStageEqualsTransformers) {
  const c10::NoGradGuard no_grad;
  const auto model = load();
  size_t stages = 0;
  const Tap tap = [&](const std::string& name, const torch::Tensor& value) {
    ++stages;
    EXPECT_LE(relative_rms(read(golden_, name), value), kTolerance) << name;
  };
  const auto logits = model->logits(model->hidden_NH(batch(), nullptr, tap));
  const auto& config = model->config();
  EXPECT_EQ(stages, 2U + static_cast<size_t>(config.vision.depth) +
                        config.vision.deepstack_indexes.size() +
                        static_cast<size_t>(config.text.num_layers));
  const auto expected = read(golden_, "logits").squeeze(0);
  EXPECT_LE(relative_rms(expected, logits), kTolerance);
  EXPECT_TRUE(expected.argmax(-1).equal(logits.argmax(-1)));
}

TEST_P(Parity, SegmentsOfAPackedStreamDoNotSeeEachOther) {
  const c10::NoGradGuard no_grad;
  const auto model = load();
  const int64_t length = batch().ids_N.size(0);
  const std::vector<prompt::ModelInput> rows = {input(length), input(length)};
  const auto logits = model->logits(model->hidden_NH(Batch::from_inputs(rows, test_device())));
  const auto expected = read(golden_, "logits").squeeze(0);
  EXPECT_LE(relative_rms(expected, logits.narrow(0, 0, length)), kTolerance);
  EXPECT_LE(relative_rms(expected, logits.narrow(0, length, length)), kTolerance);
}

TEST_P(Parity, AdapterOfPeftGivesItsLogitsLossAndGradients) {
  const auto model = load();
  load_adapter(*model, folder_ + "/adapter");
  for (const auto& [path, pair] : lora_pairs(*model)) {
    pair->a_RI.requires_grad_(true);
    pair->b_OR.requires_grad_(true);
  }
  const auto logits = model->logits(model->hidden_NH(batch()));
  EXPECT_LE(relative_rms(read(golden_, "lora.logits"), logits), kTolerance);
  // The last five tokens are the reply; each is predicted by the one before it.
  const int64_t length = logits.size(0);
  const auto loss =
      at::cross_entropy_loss(logits.narrow(0, length - 6, 5),
                             read(golden_, "input_ids").reshape({-1}).narrow(0, length - 5, 5));
  EXPECT_LE(relative_rms(read(golden_, "lora.loss"), loss), kTolerance);
  loss.backward();
  size_t gradients = 0;
  for (const auto& [path, pair] : lora_pairs(*model)) {
    // Gradients are sums over the whole pass and back: twice the chain of the stages.
    EXPECT_LE(
        relative_rms(read(golden_, "lora.grad." + spec::lora_a_name(path)), pair->a_RI.grad()),
        10 * kTolerance)
        << path;
    EXPECT_LE(
        relative_rms(read(golden_, "lora.grad." + spec::lora_b_name(path)), pair->b_OR.grad()),
        10 * kTolerance)
        << path;
    gradients += 2;
  }
  size_t expected = 0;
  for (const auto& [name, view] : golden_.tensors()) expected += name.starts_with("lora.grad.");
  EXPECT_EQ(gradients, expected);
}

TEST_P(Parity, AdapterSurvivesARoundTrip) {
  const auto model = load();
  const spec::LoraConfig config = load_adapter(*model, folder_ + "/adapter");
  const std::string folder =
      (std::filesystem::temp_directory_path() / cat("lmc_adapter_", GetParam())).string();
  save_adapter(*model, config, folder);
  const auto again = load();
  load_adapter(*again, folder);
  const c10::NoGradGuard no_grad;
  EXPECT_TRUE(model->hidden_NH(batch()).equal(again->hidden_NH(batch())));
  std::filesystem::remove_all(folder);
}

// bf16 keeps 8 bits: each of the d stages of residual sums rounds by up to 2^-9, and the errors add
// like a random walk. With layer and block counts below 8 and a handful of roundings in each, that
// stays under sqrt(8 * 10) * 2^-9, about 0.018, per unit of gain; norms bring the gain back to 1 at
// each layer. The bound is for the whole vector of logits.
TEST_P(Parity, Bf16StaysWithinItsRounding) {
  const c10::NoGradGuard no_grad;
  const auto model = load(torch::kBFloat16);
  const auto logits = model->logits(model->hidden_NH(batch()));
  EXPECT_LE(relative_rms(read(golden_, "logits"), logits.to(torch::kFloat32)), 0.05);
}

// Against differences of log p when a token's features are scaled, by the symmetric formula of
// fourth order. f32 leaves an error near 2^-24 |log p| sqrt(terms) / step, below 1e-4 for |log p|
// of 20, twenty terms and a step of 0.05; the formula one of step^4 / 30 times the fifth
// derivative, 2e-7 of the gradient times how much larger that one is.
TEST_P(Parity, RelevanceIsTheDerivativeByAFactor) {
  const auto model = load();
  constexpr int64_t kText = 4;
  prompt::ModelInput row = input(15);  // ends with four tokens of text behind the first image
  row.images.resize(1);
  // Beside another text, which goes first.
  const infer::TokenRun texts[] = {{12, 2}, {15 - kText, kText}};
  const auto features = std::make_shared<TorchFeatures>();
  features->features = model->features_of(*row.images[0]);
  const infer::Relevance relevance = GradientRelevance(*model).image_relevance(
      infer::RelevanceKind::kGradient, row, features, texts)[1];
  EXPECT_EQ(relevance.rows, 2);
  EXPECT_EQ(relevance.columns, 3);

  const c10::NoGradGuard no_grad;
  const auto log_p = [&](int64_t token, double factor) {
    Batch batch = Batch::from_inputs(std::span(&row, 1), model->device());
    VisionFeatures features = model->features_of(*row.images[0]);
    features.merged_MH = features.merged_MH.clone();
    features.merged_MH[token] *= factor;
    for (torch::Tensor& tap_MH : features.deepstack_MH) {
      tap_MH = tap_MH.clone();
      tap_MH[token] *= factor;
    }
    batch.features = {features};
    const auto logits_TV = model->logits(model->hidden_NH(batch).narrow(0, 15 - kText - 1, kText));
    const auto log_p_TV = at::log_softmax(logits_TV.to(torch::kFloat64), 1);
    return log_p_TV.gather(1, batch.ids_N.narrow(0, 15 - kText, kText).unsqueeze(1))
        .sum()
        .item<double>();
  };
  double largest = 0;
  for (int64_t token = 0; token < 6; ++token) {
    constexpr double kStep = 0.05;
    const double expected = (8 * (log_p(token, 1 + kStep) - log_p(token, 1 - kStep)) -
                             (log_p(token, 1 + 2 * kStep) - log_p(token, 1 - 2 * kStep))) /
                            (12 * kStep);
    largest = std::max(largest, std::abs(expected));
    EXPECT_NEAR(relevance.values[static_cast<size_t>(token)], expected,
                1e-4 + 1e-3 * std::abs(expected))
        << token;
  }
  EXPECT_GT(largest, 1e-3) << "the text depends on the image";
}

// config.json says that the embedding is the head, but another one is stored.
TEST(StoredHead, CountsAsInTransformers) {
  const std::string folder = LMC_SOURCE_DIR "/tests/golden/model/merge_three";
  ASSERT_TRUE(spec::read_model_config(folder).tie_word_embeddings);
  const auto model = Qwen3Vl::load(folder, {torch::kFloat32, torch::kCPU});
  EXPECT_FALSE(model->config().tie_word_embeddings);
  const tensorio::SafetensorsFile file(folder + "/model.safetensors");
  EXPECT_TRUE(model->head_VH().equal(read(file, "lm_head.weight")));
}

INSTANTIATE_TEST_SUITE_P(Cases, Parity,
                         ::testing::Values("wide_query", "untied", "odd_tower", "merge_three"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace lmc::model
