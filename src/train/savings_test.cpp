// What saves time or memory changes nothing else: gradients with and without each saving.
//
// Samples, weights and images: those of the golden curves (training_test.cpp).
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/check.h"  // InputError
#include "model/lora.h"
#include "train/adamw.h"
#include "train/golden_samples.h"
#include "train/micro_batches.h"

namespace lmc::train {
namespace {

using model::Recompute;
using model::Storage;

// Gradients are sums of a few hundred f32 terms; another order of the sum moves them by about
// sqrt(terms) * 2^-24 each, near 1e-6 of the largest.
constexpr double kRounding = 1e-5;

struct Gradients {
  double loss = 0;
  std::vector<Parameter> parameters;  // value: the gradient
};

struct Setting {
  bool full = false;
  double dropout = 0;
  std::vector<std::string> targets = {"q_proj",    "v_proj", "down_proj",
                                      "gate_proj", "qkv",    "linear_fc1"};
};

std::unique_ptr<model::Qwen3Vl> load(const Setting& setting, torch::Dtype dtype = torch::kFloat32) {
  auto model = load_golden_model(model::Storage::kComputeDtype, dtype);
  if (setting.full) return model;
  spec::LoraConfig lora;
  lora.rank = 4;
  lora.alpha = 6;
  lora.dropout = setting.dropout;
  lora.target_modules = setting.targets;
  model::attach_lora(*model, lora, 0);
  // B starts at zero, which would hide every gradient of A.
  for (const auto& [path, pair] : model::lora_pairs(*model)) pair->b_OR.fill_(0.01);
  return model;
}

Gradients gradients(model::Qwen3Vl& model, const std::vector<TrainingInput>& samples,
                    const MicroBatchOptions& options, bool full) {
  Gradients made;
  const auto parameters = full ? all_parameters(model) : lora_parameters(model);
  made.loss = accumulate_gradients(model, samples, options, total_weight(samples), 7).mean();
  for (const Parameter& parameter : parameters) {
    made.parameters.push_back({parameter.name, parameter.value.grad().clone()});
  }
  return made;
}

Gradients gradients(const Setting& setting, const std::vector<TrainingInput>& samples,
                    const MicroBatchOptions& options) {
  return gradients(*load(setting), samples, options, setting.full);
}

void expect_equal(const Gradients& expected, const Gradients& found, double tolerance) {
  EXPECT_NEAR(found.loss, expected.loss, tolerance * expected.loss);
  ASSERT_EQ(found.parameters.size(), expected.parameters.size());
  double largest = 0;
  for (const Parameter& parameter : expected.parameters) {
    largest = std::max(largest, parameter.value.norm().item<double>());
  }
  ASSERT_GT(largest, 0);
  for (size_t i = 0; i < expected.parameters.size(); ++i) {
    const auto& a = expected.parameters[i].value;
    const auto& b = found.parameters[i].value;
    if (tolerance == 0) {
      EXPECT_TRUE(a.equal(b)) << expected.parameters[i].name;
    } else {
      EXPECT_LE((a - b).norm().item<double>(),
                tolerance * (a.norm().item<double>() + 1e-2 * largest))
          << expected.parameters[i].name;
    }
  }
}

class Savings : public ::testing::TestWithParam<bool> {
 protected:
  Setting setting_{.full = GetParam()};
  std::vector<TrainingInput> samples_ = golden_samples();
};

TEST_P(Savings, PackedEqualsEachSampleAlone) {
  const auto alone = gradients(setting_, samples_, {.packed = false});
  for (const int64_t tokens : {30, 60, 1000}) {
    expect_equal(alone, gradients(setting_, samples_, {.tokens_per_micro_batch = tokens}),
                 kRounding);
  }
}

TEST_P(Savings, ChunkedLossEqualsPlainAutograd) {
  const auto plain = gradients(setting_, samples_, {.loss = {.rows_per_chunk = 0}});
  for (const int64_t rows : {1, 5, 256}) {
    expect_equal(plain, gradients(setting_, samples_, {.loss = {.rows_per_chunk = rows}}),
                 kRounding);
  }
}

TEST_P(Savings, RecomputedEqualsSavedToTheBit) {
  setting_.dropout = 0.2;
  const auto kept = gradients(setting_, samples_, {.tokens_per_micro_batch = 60});
  for (const Recompute recompute : {Recompute::kFeedForward, Recompute::kLayers}) {
    expect_equal(
        kept, gradients(setting_, samples_, {.tokens_per_micro_batch = 60, .recompute = recompute}),
        0);
  }
}

TEST_P(Savings, MicroBatchesSideBySideEqualOneAfterTheOther) {
  const auto alone = gradients(setting_, samples_, {.tokens_per_micro_batch = 40});
  for (const size_t count : {1, 2, 3}) {
    MicroBatchWorkers workers(count, 1);
    const MicroBatchOptions options{.tokens_per_micro_batch = 40, .workers = &workers};
    expect_equal(alone, gradients(setting_, samples_, options), kRounding);
    expect_equal(gradients(setting_, samples_, options), gradients(setting_, samples_, options), 0);
  }
  // The same cut by one worker and by two, with dropout, to the bit.
  setting_.dropout = 0.2;
  MicroBatchWorkers one(1, 1), two(2, 1);
  expect_equal(gradients(setting_, samples_, {.packed = false, .workers = &one}),
               gradients(setting_, samples_, {.packed = false, .workers = &two}), 0);
}

TEST_P(Savings, OneMicroBatchOverASharedImageEqualsSeveral) {
  // The same question twice, with its image once as one object and once as two.
  std::vector<TrainingInput> shared(2, samples_.at(0));
  ASSERT_FALSE(shared[0].input.images.empty());
  auto apart = shared;
  for (auto& image : apart[1].input.images) {
    image = std::make_shared<image::PatchGrid>(*image);
  }
  expect_equal(gradients(setting_, apart, {}), gradients(setting_, shared, {}), kRounding);
}

// A sample of the same image whose reply parts from the other's after `kept` tokens.
TrainingInput branch_of(const TrainingInput& sample, size_t kept, int32_t shift) {
  TrainingInput branch = sample;
  for (size_t i = kept; i < branch.input.ids.size(); ++i) {
    branch.input.ids[i] = (branch.input.ids[i] + shift) % 50;
  }
  return branch;
}

TEST_P(Savings, SharedPrefixesEqualWholeRows) {
  // The longest with an image, three times with other ends, one of them within the second's; and
  // the others as they are.
  size_t longest = 0;
  for (size_t i = 0; i < samples_.size(); ++i) {
    const bool longer = samples_[i].input.ids.size() > samples_[longest].input.ids.size();
    if (longer && !samples_[i].input.images.empty()) longest = i;
  }
  const TrainingInput stem = samples_[longest];
  const size_t length = stem.input.ids.size();
  ASSERT_GE(length, 23U);
  samples_.push_back(branch_of(stem, length - 3, 7));
  samples_.push_back(branch_of(samples_.back(), length - 1, 9));
  samples_.push_back(branch_of(stem, length - 6, 11));
  samples_.push_back(stem);
  const auto whole = gradients(setting_, samples_, {.shares_prefixes = false});
  for (const int64_t tokens : {60, 90, 1000}) {
    for (const Recompute recompute : {Recompute::kNothing, Recompute::kLayers}) {
      expect_equal(
          whole,
          gradients(setting_, samples_, {.tokens_per_micro_batch = tokens, .recompute = recompute}),
          kRounding);
    }
  }
  const auto model = load(setting_);
  const auto image_token = static_cast<int32_t>(model->config().image_token_id);
  int64_t tokens = 0;
  for (const TrainingInput& sample : samples_) tokens += std::ssize(sample.input.ids);
  const auto micro_batches =
      pack_micro_batches(samples_, {.tokens_per_micro_batch = 1000}, image_token);
  ASSERT_EQ(micro_batches.size(), 1U);
  // Each of the four leaves out what it has in common with one before; at least one token is own.
  EXPECT_EQ(micro_batches[0].tokens, tokens - static_cast<int64_t>((length - 3) + (length - 1) +
                                                                   (length - 6) + (length - 1)));
  const StepLoss loss = measure_loss(*model, samples_, {.tokens_per_micro_batch = 1000});
  EXPECT_EQ(loss.tokens, tokens);
  EXPECT_EQ(loss.computed_tokens, micro_batches[0].tokens);
}

TEST(SharedTokens, SamplesOfAnImageStayInAMicroBatchThatHoldsThem) {
  const auto model = load({});
  const auto image_token = static_cast<int32_t>(model->config().image_token_id);
  const auto all = golden_samples();
  std::vector<TrainingInput> samples;
  for (const TrainingInput& sample : all) {
    if (sample.input.images.empty() || sample.input.ids.size() < 18) continue;
    const size_t length = sample.input.ids.size();
    for (int32_t k = 0; k < 3; ++k) samples.push_back(branch_of(sample, length - 1, k));
  }
  ASSERT_GE(samples.size(), 6U);
  int64_t tokens = 0;  // of the longest and its two branches of one token each
  for (const TrainingInput& sample : samples) {
    tokens = std::max(tokens, std::ssize(sample.input.ids) + 2);
  }
  for (const int64_t room : {tokens, tokens + 15, 2 * tokens + 5}) {
    std::map<const image::PatchGrid*, std::set<size_t>> micro_batches_of;
    const auto micro_batches =
        pack_micro_batches(samples, {.tokens_per_micro_batch = room}, image_token);
    for (size_t i = 0; i < micro_batches.size(); ++i) {
      EXPECT_LE(micro_batches[i].tokens, room);
      for (const size_t index : micro_batches[i].samples) {
        micro_batches_of[samples[index].input.images[0].get()].insert(i);
      }
    }
    for (const auto& [image, in] : micro_batches_of) EXPECT_EQ(in.size(), 1U) << room;
  }
  // Where none can, they are cut as they come, and each once.
  size_t count = 0;
  for (const MicroBatch& micro_batch :
       pack_micro_batches(samples, {.tokens_per_micro_batch = 10}, image_token)) {
    EXPECT_EQ(micro_batch.samples.size(), 1U);
    ++count;
  }
  EXPECT_EQ(count, samples.size());
}

TEST(SharedTokens, NeedTheSameImagesAndAllOfThem) {
  const auto samples = golden_samples();
  const auto model = load({});
  const auto image_token = static_cast<int32_t>(model->config().image_token_id);
  for (const TrainingInput& sample : samples) {
    if (sample.input.images.empty()) continue;
    const prompt::ModelInput& input = sample.input;
    const auto length = std::ssize(input.ids);
    EXPECT_EQ(model::shared_tokens(input, input, image_token), length < 17 ? 0 : length - 1);
    prompt::ModelInput other = input;
    other.images[0] = std::make_shared<image::PatchGrid>(*input.images[0]);
    EXPECT_EQ(model::shared_tokens(input, other, image_token), 0) << "another picture";
    other = input;
    other.positions[1].back() += 1;
    other.positions[2][length - 3] += 1;
    EXPECT_EQ(model::shared_tokens(input, other, image_token), length < 19 ? 0 : length - 3);
    other = input;
    other.ids.back() = image_token;
    EXPECT_EQ(model::shared_tokens(input, other, image_token), 0) << "an image behind";
  }
}

INSTANTIATE_TEST_SUITE_P(Trained, Savings, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "all_weights" : "lora"; });

TEST(FrozenTower, FeaturesMadeOnceEqualThoseOfTheMicroBatch) {
  const Setting setting{.targets = {"q_proj", "down_proj"}};
  const auto samples = golden_samples();
  const auto model = load(setting);
  const auto within = gradients(*model, samples, {}, false);
  EXPECT_FALSE(trains_vision(*model));
  EXPECT_TRUE(trains_vision(*load({})));
  for (const Parameter& parameter : lora_parameters(*model)) parameter.value.mutable_grad().reset();
  int64_t calls = 0;
  MicroBatchOptions options;
  options.features = [&](const std::shared_ptr<const image::PatchGrid>& image) {
    ++calls;
    return model->features_of(*image);
  };
  expect_equal(within, gradients(*model, samples, options, false), kRounding);
  EXPECT_GT(calls, 0);
}

TEST(FrozenTower, LayersBelowTheFirstAdapterAreNotDifferentiated) {
  const auto model = load({.targets = {"model.language_model.layers.1.mlp.down_proj"}});
  lora_parameters(*model);
  const auto samples = golden_samples();
  const std::vector<const prompt::ModelInput*> rows{&samples[0].input};
  std::map<std::string, bool> has_graph;
  model->hidden_NH(model::Batch::from_inputs(rows, torch::kCPU), nullptr,
                   [&](const std::string& name, const torch::Tensor& value) {
                     has_graph[name] = value.requires_grad();
                   });
  EXPECT_FALSE(has_graph.at("vision.merger"));
  EXPECT_FALSE(has_graph.at("language.layer.0"));
  EXPECT_TRUE(has_graph.at("language.layer.1"));
}

// Nothing of a training micro-batch, finished or broken off, is left in the model: what is measured
// after it is measured whole.
TEST(Dropout, IsOfTheTrainingPassAlone) {
  const auto samples = golden_samples();
  const auto whole = load({});
  const auto dropping = load({.dropout = 0.5});
  const double expected = measure_loss(*whole, samples, {}).mean();
  EXPECT_EQ(measure_loss(*dropping, samples, {}).mean(), expected);
  lora_parameters(*dropping);
  EXPECT_NE(accumulate_gradients(*dropping, samples, {}, total_weight(samples), 7).mean(),
            expected);
  EXPECT_EQ(measure_loss(*dropping, samples, {}).mean(), expected);
  MicroBatchOptions broken;
  broken.features = [](const auto&) -> model::VisionFeatures { throw InputError("x", "y"); };
  EXPECT_THROW(accumulate_gradients(*dropping, samples, broken, 1, 7), InputError);
  EXPECT_EQ(measure_loss(*dropping, samples, {}).mean(), expected);
}

TEST(Dropout, MasksFollowFromSeedAndPass) {
  const auto samples = golden_samples();
  const auto loss = [&](uint64_t seed) {
    const auto model = load({.dropout = 0.5});
    lora_parameters(*model);
    return accumulate_gradients(*model, samples, {.packed = false}, total_weight(samples), seed)
        .mean();
  };
  EXPECT_EQ(loss(7), loss(7));
  EXPECT_NE(loss(7), loss(8));
  // Micro-batches of one step have masks of their own: the same sample twice has two losses.
  const auto model = load({.dropout = 0.5});
  lora_parameters(*model);
  const std::vector<TrainingInput> twice(2, samples[0]);
  const double both =
      accumulate_gradients(*model, twice, {.packed = false}, total_weight(twice), 7).sum;
  const double first = accumulate_gradients(*model, std::span(twice).first(1), {.packed = false},
                                            total_weight(twice), 7)
                           .sum;
  EXPECT_NE(both, 2 * first);
}

// The forward pass in bf16 is allowed 0.05 (parity_test.cpp), the backward pass rounds as often and
// independently: sqrt(2) times as much, of the whole gradient, which stays in f32.
TEST(LowPrecisionCompute, GradientsStayWithinItsRounding) {
  const auto samples = golden_samples();
  const auto wide = gradients(*load({}), samples, {}, false);
  const auto narrow = gradients(*load({}, torch::kBFloat16), samples, {}, false);
  EXPECT_NEAR(narrow.loss, wide.loss, 0.01 * wide.loss);
  double error = 0, whole = 0;
  for (size_t i = 0; i < wide.parameters.size(); ++i) {
    const auto& a = wide.parameters[i].value;
    const auto& b = narrow.parameters[i].value;
    EXPECT_EQ(b.scalar_type(), torch::kFloat32);
    error += (a - b).square().sum().item<double>();
    whole += a.square().sum().item<double>();
  }
  EXPECT_LE(std::sqrt(error / whole), 0.07);
}

// Rounds every linear layer's weight to what int8 or nf4 can hold, in f32 storage.
void round_weights(model::Qwen3Vl& model, model::QuantKind kind) {
  for (const auto& [path, linear] : model.linears()) {
    linear->weight_OI = model::QuantisedMatrix(linear->weight_OI, kind).dequantise(torch::kFloat32);
  }
}

TEST(QuantisedBase, EqualsItsDequantisedTwinToTheBit) {
  const auto samples = golden_samples();
  const auto twin = load({});
  round_weights(*twin, model::QuantKind::kInt8);
  const auto expected = gradients(*twin, samples, {}, false);
  const auto quantised = load_golden_model(Storage::kInt8);
  spec::LoraConfig lora{.rank = 4, .alpha = 6, .target_modules = Setting{}.targets};
  model::attach_lora(*quantised, lora, 0);
  for (const auto& [path, pair] : model::lora_pairs(*quantised)) pair->b_OR.fill_(0.01);
  expect_equal(expected, gradients(*quantised, samples, {}, false), 0);
}

}  // namespace
}  // namespace lmc::train
