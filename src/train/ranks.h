// One training run on several processes: what each computes, and what they must agree on.
//
// Every rank holds the whole model, takes its share of each step's samples and adds its gradients
// to those of the others; then all make the same optimiser step on the same bits. Rank 0 alone
// reads and writes the run's folder and talks to the user. Threads and errors: collectives.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/adamw.h"          // AdamW
#include "train/checkpoints.h"    // RunState
#include "train/collectives.h"    // Collectives
#include "train/samples.h"        // Draw
#include "train/training_pass.h"  // StepLoss

namespace lmc::train {

class Ranks {
 public:
  explicit Ranks(Collectives& collectives) : collectives_(collectives) {}

  bool is_first() const { return collectives_.rank() == 0; }
  int size() const { return collectives_.size(); }

  // Those of a step's samples that are this rank's.
  std::vector<Draw> share_of(const std::vector<Draw>& draws) const;

  // Errors: InputError naming the first rank that says another thing.
  void agree_on(const std::string& what, const std::string& mine);

  // What rank 0 says.
  std::string from_first(const std::string& message);

  // Rank 0's trained values, moments and state, for all.
  void take_over(RunState& state, AdamW& optimiser);

  double sum(double value) { return sum_of_ranks(collectives_, value); }
  void sum_gradients(AdamW& optimiser);
  StepLoss sum(const StepLoss& mine);
  bool any(bool holds_here) { return any_rank(collectives_, holds_here); }
  void wait_for_all() { collectives_.barrier(); }

 private:
  Collectives& collectives_;
};

}  // namespace lmc::train
