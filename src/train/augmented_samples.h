// The samples as each epoch draws them: options in the epoch's order, explanations in
// turn. Source of the aim: PMC-VQA's gold letters are uneven (a constant "B" is right for 32 % of
// test_clean), which a student learns instead of looking.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "train/samples.h"        // Draw, Sample
#include "train/train_options.h"  // TrainOptions

namespace lmc::train {

// Threads: draw() from several at once.
class AugmentedSamples {
 public:
  // `samples` must outlive it.
  AugmentedSamples(const std::vector<Sample>& samples, const TrainOptions& options);

  // Depends on the samples, the seed and the draw alone.
  Sample draw(const Draw& draw);

  // Samples whose options keep their order, since an option, the question or an explanation names
  // others by letter or place in a way that cannot be followed. 0 unless options move.
  int64_t kept_in_order() const { return kept_in_order_; }

 private:
  char gold_letter(const Draw& draw);

  const std::vector<Sample>& samples_;
  uint64_t seed_;
  bool balanced_;
  std::vector<std::string> movable_;  // of each sample, the letters that move; empty: options stay
  int64_t kept_in_order_ = 0;
  std::mutex mutex_;                            // of the next
  std::map<int64_t, std::vector<char>> golds_;  // by epoch; of each sample, when balanced
};

}  // namespace lmc::train
