// Everything the model computes, stage by stage, against transformers and peft.
//
// Goldens: tests/golden/model/<case>/, made by tools/golden/model_parity.py in f32.
// Tolerance: the stages are chains of f32 sums of up to a few hundred terms in another order; each
// adds a relative error near sqrt(terms) * 2^-24 (about 1e-6), so 1e-5 relative RMS leaves room for
// the chain and none for a wrong term.
// Device: LMC_TEST_DEVICE (test_device.h).
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/log_softmax.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/check.h"
#include "model/gradient_relevance.h"
#include "model/kv_cache.h"
#include "model/lora.h"
#include "model/qwen3_vl.h"
#include "model/test_device.h"
#include "model/torch_engine.h"
#include "model/weights.h"
#include "tensorio/safetensors.h"

namespace lmc::model {
namespace {

const double kTolerance = 1e-5 * device_slack();

torch::Tensor read(const tensorio::SafetensorsFile& file, const std::string& name) {
  const auto& view = file.tensors().at(name);
  const auto dtype =
      view.info.dtype == tensorio::Dtype::kI64 ? torch::kInt64 : torch_dtype(view.info.dtype, name);
  return at::from_blob(const_cast<std::byte*>(view.bytes.data()), view.info.shape, dtype)
      .clone()
      .to(test_device());
}

double relative_rms(const torch::Tensor& expected, const torch::Tensor& found) {
  const auto a = expected.to(torch::kCPU, torch::kFloat64).reshape({-1});
  const auto b = found.detach().to(torch::kCPU, torch::kFloat64).reshape({-1});
  const double scale = a.square().mean().item<double>();
  const double error = (a - b).square().mean().item<double>();
  // A tap behind the last layer reaches no reply token: its gradient is zero, and must be.
  return std::sqrt(scale == 0 ? error : error / scale);
}

class Parity : public ::testing::TestWithParam<std::string> {
 protected:
  std::string folder_ = std::string(LMC_SOURCE_DIR "/tests/golden/model/") + GetParam();
  tensorio::SafetensorsFile golden_{folder_ + "/golden.safetensors"};

  std::unique_ptr<Qwen3Vl> load(torch::Dtype dtype = torch::kFloat32) {
    return Qwen3Vl::load(folder_, {dtype, test_device()});
  }

  Batch batch() const {
    Batch made;
    made.ids_N = read(golden_, "input_ids").reshape({-1});
    made.positions_3N = read(golden_, "position_ids").reshape({3, -1});
    made.segment_lengths = {made.ids_N.size(0)};
    made.pixel_values_PF = read(golden_, "pixel_values");
    const auto grids = read(golden_, "image_grid_thw");
    for (int64_t i = 0; i < grids.size(0); ++i) {
      made.grids.emplace_back(grids[i][1].item<int64_t>(), grids[i][2].item<int64_t>());
    }
    return made;
  }

  // The same prompt as an engine takes it; with `num_tokens` only its beginning, pictures and all.
  prompt::ModelInput input(int64_t num_tokens) const {
    const Batch whole = batch();
    prompt::ModelInput made;
    for (int64_t i = 0; i < num_tokens; ++i) {
      made.ids.push_back(whole.ids_N[i].item<int32_t>());
      for (size_t axis = 0; axis < 3; ++axis) {
        made.positions[axis].push_back(
            whole.positions_3N[static_cast<int64_t>(axis)][i].item<int32_t>());
      }
    }
    made.next_position = whole.positions_3N.narrow(1, 0, num_tokens).max().item<int32_t>() + 1;
    int64_t from = 0;
    for (const auto& [down, across] : whole.grids) {
      auto grid = std::make_shared<image::PatchGrid>();
      grid->grid_h = down;
      grid->grid_w = across;
      grid->values_per_patch = whole.pixel_values_PF.size(1);
      const auto patches =
          whole.pixel_values_PF.narrow(0, from, down * across).to(torch::kCPU).contiguous();
      grid->pixel_values_PF.assign(patches.data_ptr<float>(),
                                   patches.data_ptr<float>() + patches.numel());
      from += down * across;
      made.images.push_back(std::move(grid));
    }
    return made;
  }
};

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

TEST_P(Parity, PrefillAndDecodeEqualOnePass) {
  const auto whole = batch();
  const int64_t length = whole.ids_N.size(0);
  const int64_t prefix = length - 4;
  TorchEngine engine(load());
  const std::vector<prompt::ModelInput> rows = {input(prefix)};
  const auto session = engine.prefill(rows);
  const auto expected = read(golden_, "logits").squeeze(0);
  for (int64_t place = prefix - 1; place < length; ++place) {
    const auto found = session->logits(0);
    const auto tensor = at::from_blob(const_cast<float*>(found.data()),
                                      {static_cast<int64_t>(found.size())}, torch::kFloat32);
    EXPECT_LE(relative_rms(expected[place], tensor), kTolerance) << "token " << place;
    if (place + 1 < length) {
      const std::vector<int32_t> next = {whole.ids_N[place + 1].item<int32_t>()};
      session->step(next);
    }
  }
}

TEST_P(Parity, RowsOfABatchEqualTheRowsAlone) {
  TorchEngine engine(load());
  const int64_t length = batch().ids_N.size(0);
  // A text-only row, a long and a shorter one with pictures; then rows repeated and dropped.
  prompt::ModelInput text;
  text.ids = {3, 4, 5};
  for (auto& axis : text.positions) axis = {0, 1, 2};
  text.next_position = 3;
  const std::vector<prompt::ModelInput> rows = {text, input(length), input(length - 2)};
  const auto batched = engine.prefill(rows);
  const std::vector<int64_t> chosen = {2, 0, 2};
  const auto selected = batched->select(chosen);
  const std::vector<std::vector<int32_t>> steps = {{7, 8, 9}, {10, 11, 12}};
  for (const auto& step : steps) selected->step(step);
  for (size_t i = 0; i < chosen.size(); ++i) {
    const std::vector<prompt::ModelInput> alone = {rows[static_cast<size_t>(chosen[i])]};
    const auto single = engine.prefill(alone);
    for (const auto& step : steps) single->step(std::vector<int32_t>{step[i]});
    const auto tensor = [](std::span<const float> x) {
      return at::from_blob(const_cast<float*>(x.data()), {static_cast<int64_t>(x.size())},
                           torch::kFloat32);
    };
    EXPECT_LE(
        relative_rms(tensor(single->logits(0)), tensor(selected->logits(static_cast<int64_t>(i)))),
        kTolerance);
  }
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
  prompt::ModelInput row = input(15);  // ends with four tokens of text behind the first picture
  row.images.resize(1);
  const infer::Relevance relevance = GradientRelevance(*model).picture_relevance(row, kText);
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
  EXPECT_GT(largest, 1e-3) << "the text depends on the picture";
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
