#include "train/process_group.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "train/launch.h"
#include "train/process_group_engines.h"

namespace lmc::train {

namespace {

// One process alone: the calls of a group of one do not reach the engine.
class Alone : public ProcessGroup {
 public:
  Alone() : ProcessGroup("none", torch::kCPU) {}

 private:
  void engine_all_reduce(const torch::Tensor&) override {}
  void engine_broadcast(const torch::Tensor&, int) override {}
  void engine_barrier() override {}
};

Collectives choose_engine(const Launch& launch) {
  if (launch.size == 1) return Collectives::kNone;
  if (launch.launcher == Launcher::kTorchrun) return Collectives::kNccl;
  // srun starts for either; a place to meet is what NCCL needs and MPI does not.
  const bool is_for_nccl = launch.launcher == Launcher::kSlurm && !launch.address.empty();
  return is_for_nccl && have_nccl() ? Collectives::kNccl : Collectives::kMpi;
}

// Memory of its own: what MPI was left with must not be the stack of a caller that has returned.
torch::Tensor copy_of(std::span<const double> values) {
  torch::Tensor tensor = at::empty({static_cast<int64_t>(values.size())}, torch::kFloat64);
  std::copy(values.begin(), values.end(), tensor.data_ptr<double>());
  return tensor;
}

void copy_back(const torch::Tensor& tensor, std::span<double> values) {
  std::copy_n(tensor.data_ptr<double>(), values.size(), values.begin());
}

}  // namespace

void ProcessGroup::call(const std::function<void()>& engine) {
  is_broken_ = true;  // until it is done
  engine();
  is_broken_ = false;
}

void ProcessGroup::call_on(torch::Tensor values,
                           const std::function<void(const torch::Tensor&)>& engine) {
  const at::NoGradGuard no_grad;
  const torch::Tensor local = values.detach().to(device_);
  call([&] { engine(local); });
  if (!local.is_alias_of(values)) values.detach().copy_(local);
}

void ProcessGroup::all_reduce(torch::Tensor values) {
  LMC_CHECK(values.is_contiguous() && (values.scalar_type() == torch::kFloat32 ||
                                       values.scalar_type() == torch::kFloat64),
            "all_reduce of ", values.toString());
  if (size() == 1) return;
  call_on(values, [&](const torch::Tensor& local) { engine_all_reduce(local); });
}

void ProcessGroup::all_reduce(std::span<double> values) {
  if (size() == 1) return;
  const torch::Tensor tensor = copy_of(values);
  all_reduce(tensor);
  copy_back(tensor, values);
}

void ProcessGroup::broadcast(torch::Tensor values, int root) {
  LMC_CHECK(values.is_contiguous() && root >= 0 && root < size(), "broadcast of ",
            values.toString(), " by ", root);
  if (size() == 1) return;
  call_on(values, [&](const torch::Tensor& local) { engine_broadcast(local, root); });
}

void ProcessGroup::broadcast(std::span<double> values, int root) {
  if (size() == 1) return;
  const torch::Tensor tensor = copy_of(values);
  broadcast(tensor, root);
  copy_back(tensor, values);
}

void ProcessGroup::barrier() {
  if (size() > 1) call([&] { engine_barrier(); });
}

std::unique_ptr<ProcessGroup> make_process_group(Collectives engine, std::chrono::seconds timeout) {
  // What started the process is not looked at where it does not matter.
  if (engine == Collectives::kNone) return std::make_unique<Alone>();
  const Launch launch = read_launch();
  const Collectives chosen = engine == Collectives::kAuto ? choose_engine(launch) : engine;
  if (chosen == Collectives::kMpi) return mpi_process_group(launch, timeout);
  if (chosen == Collectives::kNccl) return nccl_process_group(launch, timeout);
  return std::make_unique<Alone>();
}

int local_rank() { return read_launch().local_rank; }

}  // namespace lmc::train
