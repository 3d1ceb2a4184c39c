// ncclAllReduce and its like on a communicator that does not block, which a rank can leave.
#include "train/process_group_engines.h"

#ifndef LMC_HAVE_NCCL

namespace lmc::train {

bool have_nccl() { return false; }

std::unique_ptr<ProcessGroup> nccl_process_group(const Launch&, std::chrono::seconds) {
  throw InputError("--collectives", "this program was built without NCCL",
                   "start it with mpirun for mpi, or build against a CUDA libtorch with nccl.h");
}

}  // namespace lmc::train

#else

#include <ATen/ops/zeros.h>
#include <cuda_runtime_api.h>
#include <nccl.h>
#include <torch/cuda.h>

#include <exception>
#include <utility>

#include "train/rendezvous.h"

namespace lmc::train {

namespace {

// Torch's own work runs in the default stream; in the same one ours comes after it.
constexpr cudaStream_t kStream = nullptr;

void check_cuda(cudaError_t error) {
  if (error != cudaSuccess) throw InputError("CUDA", cudaGetErrorString(error));
}

ncclDataType_t type_of(const torch::Tensor& values) {
  return values.scalar_type() == torch::kFloat64 ? ncclFloat64 : ncclFloat32;
}

class NcclGroup : public ProcessGroup {
 public:
  NcclGroup(const Launch& launch, std::chrono::seconds timeout)
      : ProcessGroup("nccl", {torch::kCUDA, static_cast<c10::DeviceIndex>(launch.local_rank)}),
        limits_(wait_limits(timeout)),
        exceptions_at_start_(std::uncaught_exceptions()) {
    if (launch.local_rank >= static_cast<int>(torch::cuda::device_count())) {
      throw InputError("LOCAL_RANK",
                       cat("process ", launch.local_rank, " of this machine has no GPU: there are ",
                           torch::cuda::device_count()),
                       "start one process for each GPU");
    }
    check_cuda(cudaSetDevice(launch.local_rank));
    set_ranks(launch.rank, launch.size);
    ncclUniqueId id = {};
    if (rank() == 0) check(ncclGetUniqueId(&id));
    // The store stays until the communicator is there, and with it all ranks.
    Rendezvous rendezvous(launch, timeout);
    rendezvous.share_of_first({reinterpret_cast<std::byte*>(&id), sizeof id});
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    settle(ncclCommInitRankConfig(&communicator_, size(), id, rank(), &config));
  }

  // A graceful end waits for the others, who may be gone after a failure.
  ~NcclGroup() override {
    if (!is_broken() && std::uncaught_exceptions() == exceptions_at_start_) {
      try {
        settle(ncclCommFinalize(communicator_));
        ncclCommDestroy(std::exchange(communicator_, nullptr));
      } catch (const std::exception&) {
        // Ended all the same: what there was to compute has been computed.
      }
    }
    if (communicator_ != nullptr) ncclCommAbort(communicator_);
  }

 private:
  void engine_all_reduce(const torch::Tensor& values) override {
    run([&] {
      return ncclAllReduce(values.data_ptr(), values.data_ptr(),
                           static_cast<size_t>(values.numel()), type_of(values), ncclSum,
                           communicator_, kStream);
    });
  }

  void engine_broadcast(const torch::Tensor& values, int root) override {
    run([&] {
      return ncclBroadcast(values.data_ptr(), values.data_ptr(), values.nbytes(), ncclUint8, root,
                           communicator_, kStream);
    });
  }

  // NCCL has none of its own; a sum returns when every rank has brought its part.
  void engine_barrier() override {
    engine_all_reduce(at::zeros({1}, torch::TensorOptions().device(device())));
  }

  template <class Begin>
  void run(const Begin& begin) {
    check_cuda(cudaDeviceSynchronize());  // whatever made the values, in whichever stream
    settle(begin());
    wait_until(
        [&] {
          check_communicator();
          const cudaError_t error = cudaStreamQuery(kStream);
          if (error != cudaErrorNotReady) check_cuda(error);
          return error == cudaSuccess;
        },
        limits_);
  }

  // What was asked of a communicator that does not block is under way, or has failed, only when
  // its state says so.
  void settle(ncclResult_t result) {
    check(result);
    wait_until([&] { return check_communicator() != ncclInProgress; }, limits_);
  }

  ncclResult_t check_communicator() {
    ncclResult_t state = ncclSuccess;
    check(ncclCommGetAsyncError(communicator_, &state));
    check(state);
    return state;
  }

  static void check(ncclResult_t result) {
    if (result == ncclSuccess || result == ncclInProgress) return;
    throw RankGone("NCCL", ncclGetErrorString(result),
                   "the same command continues from the checkpoint");
  }

  WaitLimits limits_;
  int exceptions_at_start_;
  ncclComm_t communicator_ = nullptr;
};

}  // namespace

bool have_nccl() { return torch::cuda::is_available(); }

std::unique_ptr<ProcessGroup> nccl_process_group(const Launch& launch,
                                                 std::chrono::seconds timeout) {
  if (!have_nccl()) {
    throw InputError("--collectives", "nccl needs a GPU, and none is there",
                     "start with mpirun for mpi");
  }
  return std::make_unique<NcclGroup>(launch, timeout);
}

}  // namespace lmc::train

#endif
