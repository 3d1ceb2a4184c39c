// The micro-batches that are planned for against those that a run's steps are cut into.
#include "train/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "base/random.h"

namespace lmc::train {
namespace {

constexpr int32_t kImageToken = 0;  // in no sample

// No two of them begin alike.
std::vector<TrainingInput> samples_of(size_t count, double mean, double deviation) {
  Random random(7);
  std::vector<TrainingInput> samples(count);
  int32_t next = 1;
  for (TrainingInput& sample : samples) {
    const auto length = static_cast<int64_t>(mean + deviation * random.normal());
    for (int32_t i = 0; i < std::max<int64_t>(20, length); ++i) {
      sample.input.ids.push_back(next++);
      for (auto& axis : sample.input.positions) axis.push_back(i);
    }
    sample.input.images = {std::make_shared<image::PatchGrid>()};  // an image of its own
    sample.weights.assign(sample.input.ids.size(), 1);
  }
  return samples;
}

struct Drawn {
  std::vector<TrainingInput> samples;
  int64_t batch, steps;
  MicroBatchOptions options;

  std::vector<TrainingInput> step(int64_t number, int64_t drawn_at_once) const {
    std::vector<std::vector<size_t>> groups(samples.size());
    for (size_t i = 0; i < samples.size(); ++i) groups[i] = {i};
    BatchSampler order(groups, drawn_at_once, 3);
    std::vector<TrainingInput> drawn;
    for (const Draw& draw : order.batch_of_step(number, (number + 1) * drawn_at_once)) {
      drawn.push_back(samples[draw.sample]);
    }
    return drawn;
  }

  int64_t largest_that_comes() const {
    int64_t largest = 0;
    for (int64_t number = 0; number < steps; ++number) {
      const auto drawn = step(number, batch);
      largest = std::max(largest, pack_micro_batches(drawn, options, kImageToken).front().tokens);
    }
    return largest;
  }

  // As a run has them: from 64 samples, or as many as there are.
  PassBounds bounds() const {
    const auto looked_at = step(0, std::min<int64_t>(64, std::ssize(samples)));
    return pass_bounds(shape_of(looked_at, batch, 0, options, kImageToken),
                       {.steps = steps, .draws = steps * batch}, batch, samples.size(), options);
  }

  int64_t largest_planned() const { return bounds().largest.tokens; }
};

// The third step holds the end of one epoch and the beginning of the next: samples
// that are there twice leave so few tokens that they fit into one micro-batch, of twice the others'
// size.
TEST(PassBounds, OfStepsThatJustFitIntoOne) {
  Drawn run{samples_of(160, 140, 6), 64, 3, {.tokens_per_micro_batch = 8192}};
  const int64_t comes = run.largest_that_comes();
  ASSERT_GT(comes, 7500);
  EXPECT_LE(comes, run.largest_planned());
  EXPECT_EQ(run.largest_planned(), 8192);
  run.steps = 2;
  EXPECT_LT(run.largest_that_comes(), 5000);
  EXPECT_LT(run.largest_planned(), 5000);
}

// Whatever the room in a micro-batch: no micro-batch that comes is larger than planned, but for
// what does not come out even, at most a sample, and the plan is no more than a full micro-batch.
TEST(PassBounds, HoldsWhatComes) {
  MicroBatchWorkers workers(2, 1);
  for (const double deviation : {0.0, 10.0, 60.0}) {
    const auto samples = samples_of(50, 200, deviation);
    for (const int64_t tokens : {800, 1000, 1500, 1700, 2500, 3000, 4000}) {
      for (MicroBatchWorkers* side_by_side : {static_cast<MicroBatchWorkers*>(nullptr), &workers}) {
        const Drawn run{
            samples, 12, 40, {.tokens_per_micro_batch = tokens, .workers = side_by_side}};
        const int64_t planned = run.largest_planned();
        const int64_t sample = std::llround(200 + 3 * deviation);
        EXPECT_LE(run.largest_that_comes(), planned + sample) << tokens << " " << deviation;
        EXPECT_LE(planned, tokens) << tokens << " " << deviation;
      }
    }
  }
}

// The plan looks at 64 samples; a step of more is longer than they are.
TEST(PassBounds, OfAStepThatIsLargerThanWhatWasLookedAt) {
  const auto samples = samples_of(64, 100, 0);
  const MicroBatchOptions options{.tokens_per_micro_batch = 100'000};
  const SampleShape shape = shape_of(samples, 200, 0, options, kImageToken);
  EXPECT_EQ(shape.micro_batch.tokens, 6400);
  const PassBounds bounds = pass_bounds(shape, {.steps = 1, .draws = 200}, 200, 1000, options);
  EXPECT_EQ(bounds.largest.tokens, 20'000);
  EXPECT_EQ(bounds.fewest_tokens, 20'000 - 100);
}

}  // namespace
}  // namespace lmc::train
