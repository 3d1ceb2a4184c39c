// Losses, gradient norms and trained weights, step by step, against transformers and peft.
//
// Goldens: tests/golden/train/, made by tools/golden/training.py in f32.
// Tolerance: one step's loss agrees to 1e-5 (parity_test.cpp). AdamW divides by the root of the
// second moment, so an error of a gradient near zero moves a weight by up to learning rate times
// that relative error; over twenty steps of 5e-3 that stays below 1e-4 of the loss.
// Device: LMC_TEST_DEVICE (model/test_device.h).
#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"
#include "model/lora.h"
#include "train/adamw.h"
#include "train/golden_samples.h"
#include "train/micro_batches.h"

namespace lmc::train {
namespace {

const double kTolerance = 1e-4 * model::device_slack();

// Of two tensors, wherever they lie.
double distance(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.detach().cpu() - b.detach().cpu()).norm().item<double>();
}

constexpr int32_t kImageToken = 0;  // no two samples of the goldens share an image

class Training : public ::testing::Test {
 protected:
  tensorio::SafetensorsFile golden_{kGolden + "train/training.safetensors"};

  static TrainOptions options(double learning_rate, double weight_decay) {
    TrainOptions options;
    options.learning_rate = learning_rate;
    options.weight_decay = weight_decay;
    options.beta2 = 0.95;
    return options;
  }

  // The golden adapter with the values saved under `prefix`; their names tell LoRA from DoRA.
  std::vector<Parameter> adapter_of(model::Qwen3Vl& model, const std::string& prefix) {
    const torch::NoGradGuard no_grad;
    spec::LoraConfig lora;
    lora.rank = 4;
    lora.alpha = 6;
    lora.use_dora = prefix.starts_with("dora");
    lora.target_modules = {"q_proj", "v_proj", "down_proj", "qkv", "linear_fc1"};
    model::attach_lora(model, lora, 0);
    std::vector<Parameter> parameters = lora_parameters(model);
    for (const Parameter& parameter : parameters) {
      parameter.value.detach().copy_(read_golden(golden_, prefix + parameter.name));
    }
    return parameters;
  }

  // The golden script's loop: four samples a step, three steps of warm-up, norm at most 0.5.
  void expect_curve(model::Qwen3Vl& model, AdamW& optimiser, double peak, const std::string& name) {
    const auto all = golden_samples();
    const auto losses = read_golden(golden_, name + ".loss");
    const auto norms = read_golden(golden_, name + ".norm");
    const auto rates = read_golden(golden_, name + ".rate");
    const int64_t steps = losses.size(0);
    for (int64_t step = 0; step < steps; ++step) {
      std::vector<TrainingInput> batch;
      for (int64_t i = 0; i < 4; ++i) {
        batch.push_back(all[static_cast<size_t>(step * 4 + i) % all.size()]);
      }
      const double rate = peak * schedule_factor(Schedule::kCosine, step, 3, steps);
      const StepLoss loss = accumulate_gradients(model, batch, {.tokens_per_micro_batch = 40},
                                                 total_weight(batch), 0);
      const double norm = optimiser.clip_gradients(0.5);
      optimiser.step(rate);
      optimiser.zero_gradients();
      EXPECT_NEAR(rate, rates[step].item<float>(), 1e-9);
      EXPECT_NEAR(loss.mean(), losses[step].item<float>(), kTolerance * losses[step].item<float>())
          << name << " step " << step;
      EXPECT_NEAR(norm, norms[step].item<float>(), 10 * kTolerance * norms[step].item<float>())
          << name << " step " << step;
    }
  }
};

class AdapterTraining : public Training, public ::testing::WithParamInterface<const char*> {};

TEST_P(AdapterTraining, TwentyStepsTrackPeft) {
  const std::string name = GetParam();
  const auto model = load_golden_model();
  AdamW optimiser(adapter_of(*model, name + ".before."), options(5e-3, 0.1));
  expect_curve(*model, optimiser, 5e-3, name);
  for (const Parameter& parameter : optimiser.parameters()) {
    const auto expected = read_golden(golden_, name + ".after." + parameter.name);
    EXPECT_LE(distance(parameter.value, expected), 10 * kTolerance * expected.norm().item<double>())
        << parameter.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, AdapterTraining, ::testing::Values("lora", "dora"),
                         [](const auto& info) { return std::string(info.param); });

// One call of the model's own loss on all samples, padded on the right, as a collator has it: one
// step's tolerance (parity_test.cpp).
TEST_F(Training, PackedSamplesEqualAPaddedBatch) {
  const auto model = load_golden_model();
  const auto parameters = adapter_of(*model, "lora.after.");
  const auto all = golden_samples();
  const StepLoss loss = accumulate_gradients(*model, all, {}, total_weight(all), 0);
  EXPECT_NEAR(loss.mean(), read_golden(golden_, "padded.loss").item<float>(),
              kTolerance / 10 * loss.mean());
  for (const Parameter& parameter : parameters) {
    const auto expected = read_golden(golden_, "padded.gradient." + parameter.name);
    EXPECT_LE(distance(parameter.value.grad(), expected),
              kTolerance * expected.norm().item<double>())
        << parameter.name;
  }
}

TEST_F(Training, FullStepsTrackTransformers) {
  const auto model = load_golden_model();
  AdamW optimiser(all_parameters(*model), options(1e-3, 0.01));
  expect_curve(*model, optimiser, 1e-3, "full");
}

TEST_F(Training, MicroBatchesHoldEachSampleOnceAndAreEven) {
  const auto all = golden_samples();
  MicroBatchWorkers two(2, 1), three(3, 1);
  for (MicroBatchWorkers* workers : {static_cast<MicroBatchWorkers*>(nullptr), &two, &three}) {
    const auto micro_batches = pack_micro_batches(
        all, {.tokens_per_micro_batch = 60, .shares_prefixes = false, .workers = workers},
        kImageToken);
    std::vector<size_t> seen;
    for (const MicroBatch& micro_batch : micro_batches) {
      size_t tokens = 0;
      for (const size_t index : micro_batch.samples) {
        seen.push_back(index);
        tokens += all[index].input.ids.size();
      }
      EXPECT_TRUE(tokens <= 60 || micro_batch.samples.size() == 1) << tokens;
      EXPECT_EQ(micro_batch.tokens, static_cast<int64_t>(tokens));
      EXPECT_LE(micro_batch.tokens, micro_batches.front().tokens);
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, (std::vector<size_t>{0, 1, 2, 3, 4, 5, 6}));
    if (workers == nullptr) continue;
    EXPECT_TRUE(micro_batches.size() % workers->count() == 0 || micro_batches.size() == all.size());
    EXPECT_GT(2 * micro_batches.back().tokens, micro_batches.front().tokens);
  }
}

TEST(Schedule, EqualsTransformers) {
  const Json golden = read_json(kGolden + "train/schedule.json");
  for (const auto& [kind, factors] : golden["factors"].items()) {
    const Schedule schedule =
        kind == "constant_with_warmup" ? Schedule::kConstant : value_named<Schedule>(kind).value();
    for (size_t step = 0; step < factors.size(); ++step) {
      EXPECT_NEAR(
          schedule_factor(schedule, static_cast<int64_t>(step), golden["warmup"], golden["total"]),
          factors[step].get<double>(), 1e-12)
          << kind << " step " << step;
    }
  }
}

}  // namespace
}  // namespace lmc::train
