// What the processes ("ranks") of one training run say to each other: sums, copies, short messages.
//
// Every rank makes the same calls in the same order with tensors of the same size. A sum is taken
// in rank order, ((r0 + r1) + r2) + ..., by one rank for each element and copied to the others: it
// is the same bits on every rank, in every run and with every engine.
//
// Threads: one at a time.
// Errors: always thrown on the rank that notices:
//   RankGone     a rank died, was cut off, or showed no sign of life for `timeout`. The object
//                is of no more use; the run ends, and goes on from its last checkpoint when started
//                again.
//   InputError   the environment is incomplete, or the ranks do different things.
//   Interrupted  a stop was asked for while a start waited, or while MPI was taking the run down.
#pragma once

#include <torch/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"  // InputError

namespace lmc::train {

class RankGone : public InputError {
 public:
  using InputError::InputError;
};

class Collectives {
 public:
  virtual ~Collectives() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual std::string name() const = 0;  // none, tcp, mpi or nccl

  // Replaces `values` (contiguous, f32 or f64, any device) by the sum over all ranks.
  virtual void sum(torch::Tensor& values) = 0;

  // Replaces `values` (contiguous, any type) by those of rank `root`.
  virtual void broadcast(torch::Tensor& values, int root) = 0;

  // Every rank's message, in rank order; each at most kLongestMessage bytes.
  virtual std::vector<std::string> all_gather(std::string_view message) = 0;

  // Returns when every rank has called it.
  virtual void barrier() = 0;
};

constexpr size_t kLongestMessage = size_t{64} << 20;

// `engine` is auto, none, tcp, mpi or nccl. auto looks at what started the process (see
// collectives_launch.h): alone, none; by mpirun, mpi; else nccl where a GPU is, or tcp.
// Waits until all ranks have come.
std::unique_ptr<Collectives> make_collectives(
    const std::string& engine, std::chrono::seconds timeout = std::chrono::minutes(10));

// Which of this machine's devices is for this process, as the launcher counts them; 0 when alone.
int local_rank();

// Whether it holds on any rank: a stop that was asked for, a loss that is not finite.
bool any_rank(Collectives& collectives, bool holds_here);

// The sum in rank order.
double sum_of_ranks(Collectives& collectives, double value);

}  // namespace lmc::train
