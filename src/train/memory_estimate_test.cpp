// The estimate against what a micro-batch is seen to keep, and the choice that it decides.
#include "train/memory_estimate.h"

#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "base/heap.h"
#include "model/lora.h"
#include "train/adamw.h"
#include "train/golden_samples.h"

namespace lmc::train {
namespace {

using model::Recompute;

constexpr int64_t kTokens = 320;  // no row is filled in

class MemoryEstimateTest : public ::testing::Test {
 protected:
  MemoryEstimateTest() {
    spec::LoraConfig lora;
    lora.target_modules = {"q_proj",    "k_proj",  "v_proj",   "o_proj",
                           "gate_proj", "up_proj", "down_proj"};
    model::attach_lora(*model_, lora, 0);
    for (const Parameter& parameter : lora_parameters(*model_)) trained_ += parameter.value.numel();
  }

  // A row of text alone.
  static prompt::ModelInput row() {
    prompt::ModelInput made;
    for (int32_t i = 0; i < kTokens; ++i) {
      made.ids.push_back(20 + i % 400);
      for (auto& axis : made.positions) axis.push_back(i);
    }
    return made;
  }

  std::unique_ptr<model::Qwen3Vl> model_ =
      model::Qwen3Vl::load(LMC_SOURCE_DIR "/assets/phantom/student", {});
  int64_t trained_ = 0;
  MicroBatchShape shape_{.tokens = kTokens, .row_tokens = kTokens, .target_rows = 100};
};

// The heap holds all blocks below a megabyte, so that what the graph keeps can be read off it.
// Beside the tensors that are counted it has their heads and a few small ones (cosines, factors of
// norms): a twentieth at 320 tokens of a width of 128.
TEST_F(MemoryEstimateTest, ActivationsAreWhatTheGraphKeeps) {
  const prompt::ModelInput input = row();
  const std::vector<const prompt::ModelInput*> rows = {&input};
  for (const Recompute recompute :
       {Recompute::kNothing, Recompute::kFeedForward, Recompute::kLayers}) {
    const auto micro_batch = [&] {
      auto batch = model::Batch::from_inputs(rows, torch::kCPU);
      batch.mode.recompute = recompute;
      return model_->hidden_NH(batch);
    };
    micro_batch();  // what libraries keep from the first time on
    const int64_t before = heap_in_use();
    const auto hidden_NH = micro_batch();
    const auto kept = static_cast<double>(heap_in_use() - before);
    ASSERT_TRUE(hidden_NH.requires_grad());
    const MicroBatchOptions options{.recompute = recompute};
    const auto estimated =
        static_cast<double>(estimate_memory(*model_, trained_, shape_, options).activations);
    EXPECT_NEAR(kept / estimated, 1, 0.1) << "recompute " << static_cast<int>(recompute);
  }
}

TEST_F(MemoryEstimateTest, TheLeastRecomputationThatFitsIsChosen) {
  const auto needs = [&](Recompute recompute) {
    return estimate_memory(*model_, trained_, shape_, {.recompute = recompute}).total();
  };
  const auto chosen = [&](int64_t bytes) {
    return cheapest_recompute(*model_, trained_, shape_, {}, bytes);
  };
  const int64_t all = needs(Recompute::kNothing), half = needs(Recompute::kFeedForward);
  ASSERT_GT(all, half);
  ASSERT_GT(half, needs(Recompute::kLayers));
  EXPECT_EQ(chosen(all), Recompute::kNothing);
  EXPECT_EQ(chosen(all - 1), Recompute::kFeedForward);
  EXPECT_EQ(chosen(half), Recompute::kFeedForward);
  EXPECT_EQ(chosen(half - 1), Recompute::kLayers);
  EXPECT_EQ(chosen(0), Recompute::kLayers);
}

TEST_F(MemoryEstimateTest, WorkersEachHaveAMicroBatch) {
  MicroBatchWorkers workers(2, 1);
  const MemoryEstimate one = estimate_memory(*model_, trained_, shape_, {});
  const MemoryEstimate two = estimate_memory(*model_, trained_, shape_, {.workers = &workers});
  EXPECT_EQ(two.activations, 2 * one.activations);
  EXPECT_EQ(two.loss, 2 * one.loss);
  EXPECT_EQ(two.trained, one.trained + 2 * 4 * trained_) << "gradients handed over";
  EXPECT_EQ(two.weights, one.weights);
}

// Both are there at different times.
TEST_F(MemoryEstimateTest, LossAndLayersCountOnce) {
  MemoryEstimate estimate;
  estimate.loss = 5;
  estimate.layer_backward = 3;
  estimate.program = 100;
  EXPECT_EQ(estimate.total(), 105);
}

// Weights lie in the mapped file or are copies; neither is the program's.
TEST_F(MemoryEstimateTest, WeightsAreNotTheProgram) {
  const std::string folder = LMC_SOURCE_DIR "/assets/phantom/student";
  const int64_t mapped = held_by_program(*model_, trained_, folder);
  EXPECT_GT(mapped, int64_t{10} << 20);
  const auto stored = model::Qwen3Vl::load(folder, {.storage = model::Storage::kCheckpoint});
  EXPECT_NEAR(static_cast<double>(held_by_program(*stored, 0, folder)), static_cast<double>(mapped),
              16e6);
}

}  // namespace
}  // namespace lmc::train
