// One training run on several processes: what each computes, and what they must agree on.
//
// Every rank holds the whole model, takes its share of each step's samples and adds its gradients
// to those of the others; then all make the same optimiser step on the same bits. Rank 0 alone
// reads and writes the run's folder and talks to the user. Threads and errors: process_group.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "train/adamw.h"          // AdamW
#include "train/checkpoints.h"    // RunState
#include "train/micro_batches.h"  // StepLoss
#include "train/process_group.h"  // ProcessGroup
#include "train/samples.h"        // Draw

namespace lmc::train {

class Ranks {
 public:
  explicit Ranks(ProcessGroup& group) : group_(group) {}

  bool is_first() const { return group_.rank() == 0; }
  int size() const { return group_.size(); }

  // Whether ranks are gone: no call below will succeed.
  bool is_broken() const { return group_.is_broken(); }

  // Those of a step's samples that are this rank's.
  std::vector<Draw> share_of(const std::vector<Draw>& draws) const;

  // Errors, on all ranks: InputError naming the first rank that has another text than rank 0.
  void agree_on(const std::string& what, const std::string& mine);

  // Rank 0's number.
  int64_t broadcast(int64_t number);

  // Rank 0's trained values, moments and state, for all.
  void broadcast(RunState& state, AdamW& optimiser);

  void all_reduce(std::span<double> numbers) { group_.all_reduce(numbers); }
  StepLoss all_reduce(const StepLoss& mine);
  void all_reduce_gradients(AdamW& optimiser);
  bool any(bool holds_here);
  void barrier() { group_.barrier(); }

 private:
  ProcessGroup& group_;
};

}  // namespace lmc::train
