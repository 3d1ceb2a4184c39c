// The processes ("ranks") of one training run, and what they compute together.
//
// Every rank makes the same calls in the same order with values of the same size. MPI or NCCL adds:
// all ranks get the same bits, and so does every run of as many ranks on the same machine with the
// same library. Otherwise sums are equal to rounding, for the order of the additions differs.
//
// Threads: one at a time. Errors, thrown on each rank that notices; the group is of no more use
// then (is_broken), and the run goes on from its last checkpoint when it is started again:
//   RankGone     the library reports that a rank is gone, or one was awaited for `timeout`.
//   Interrupted  a stop was asked for while the others did not come.
#pragma once

#include <torch/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/check.h"           // InputError
#include "train/train_options.h"  // Collectives

namespace lmc::train {

class RankGone : public InputError {
 public:
  using InputError::InputError;
};

class ProcessGroup {
 public:
  virtual ~ProcessGroup() = default;
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }
  const std::string& name() const { return name_; }  // none, mpi or nccl

  // Replaces `values` (contiguous, f32 or f64, on any device) by the sum over all ranks.
  void all_reduce(torch::Tensor values);
  void all_reduce(std::span<double> values);

  // Replaces `values` (contiguous, of any type, on any device) by those of rank `root`.
  void broadcast(torch::Tensor values, int root);
  void broadcast(std::span<double> values, int root);

  // Returns when every rank has called it.
  void barrier();

  // Whether a call ended early: another rank is gone, or was not waited for.
  bool is_broken() const { return is_broken_; }

 protected:
  // An engine works on tensors of `device`; others are copied there and back.
  ProcessGroup(std::string name, torch::Device device) : name_(std::move(name)), device_(device) {}

  void set_ranks(int rank, int size) {
    rank_ = rank;
    size_ = size;
  }
  torch::Device device() const { return device_; }

  virtual void engine_all_reduce(const torch::Tensor& values) = 0;
  virtual void engine_broadcast(const torch::Tensor& values, int root) = 0;
  virtual void engine_barrier() = 0;

 private:
  void call(const std::function<void()>& engine);
  void call_on(torch::Tensor values, const std::function<void(const torch::Tensor&)>& engine);

  std::string name_;
  torch::Device device_;
  int rank_ = 0, size_ = 1;
  bool is_broken_ = false;
};

// kAuto looks at what started the process (see launch.h): alone, none; by torchrun, nccl; by mpirun
// or srun, mpi. Waits until all ranks have come.
// Errors: InputError when the environment is incomplete or the engine is not there.
std::unique_ptr<ProcessGroup> make_process_group(
    Collectives engine, std::chrono::seconds timeout = std::chrono::minutes(10));

// Which of this machine's devices is for this process, as the launcher counts them; 0 when alone.
int local_rank();

}  // namespace lmc::train
