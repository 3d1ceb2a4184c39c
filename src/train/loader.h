// From the samples that a run draws to inputs of the model, read while the step before computes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <ostream>
#include <string>
#include <vector>

#include "prompt/processor.h"         // Processor
#include "train/augmented_samples.h"  // AugmentedSamples
#include "train/image_store.h"        // ImageStore
#include "train/objective.h"          // Objective
#include "train/ranks.h"              // Ranks
#include "train/samples.h"            // Draw, BatchSampler, SampleSet
#include "train/train_options.h"      // TrainOptions
#include "train/training_input.h"     // TrainingInput

namespace lmc::train {

// Inputs of one step.
struct StepInputs {
  std::vector<TrainingInput> samples;
  std::vector<std::string> problems;  // of the draws that could not be used
};

// Threads: const members from several at once.
class Loader {
 public:
  // All arguments must outlive it.
  Loader(const SampleSet& set, const TrainOptions& options, const prompt::Processor& processor,
         ImageStore& images);

  LoadedSample load(const Sample& sample) const;
  // Errors: PassingError when the images are away, or cannot be read for now.
  StepInputs load(const std::vector<Draw>& draws) const;

  // What the first steps will take: at most `count`.
  StepInputs load_first(size_t count) const;

  // The order of the whole run.
  BatchSampler order() const;

  // Prints a few samples as they are learnt.
  void show(std::ostream& out) const;

  const SampleSet& set() const { return set_; }
  const prompt::Processor& processor() const { return processor_; }
  ImageStore& images() const { return images_; }
  // Samples whose options keep their order (augmented_samples.h).
  int64_t kept_in_order() const { return drawn_.kept_in_order(); }

 private:
  const SampleSet& set_;
  const TrainOptions& options_;
  const prompt::Processor& processor_;
  ImageStore& images_;
  std::vector<std::vector<size_t>> groups_;
  mutable AugmentedSamples drawn_;  // keeps what it has worked out
  Objective objective_;
};

// This rank's inputs of one step after the other. While a step computes, the next one's are read.
class StepLoader {
 public:
  // Of the steps from `step` to `steps`, which draw `draws` samples between them from the first on.
  StepLoader(const Loader& loader, const Ranks& ranks, int64_t step, int64_t steps, int64_t draws);

  // Waits for the next step's and begins to read those of the one behind it.
  // Errors: what reading them threw.
  StepInputs next();

 private:
  void load_ahead();

  const Loader& loader_;
  const Ranks& ranks_;
  BatchSampler order_;
  int64_t step_, steps_, draws_;
  std::future<StepInputs> ahead_;  // last: it waits for its thread, which uses the others
};

}  // namespace lmc::train
