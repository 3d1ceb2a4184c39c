// GPU tensors by NCCL, messages and signs of life by sockets. NCCL's own all-reduce would add in an
// order of its choice; sending slices to their owners costs the same bytes.
#include "train/collectives_engines.h"

#ifndef LMC_HAVE_NCCL

namespace lmc::train {

bool have_nccl() { return false; }

std::unique_ptr<Collectives> nccl_collectives(const Launch&, std::chrono::seconds) {
  throw InputError("collectives", "this program was built without NCCL",
                   "build against a CUDA libtorch with nccl.h at hand, or use tcp or mpi");
}

}  // namespace lmc::train

#else

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <cuda_runtime_api.h>
#include <nccl.h>
#include <torch/cuda.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

#include "train/collectives_links.h"

namespace lmc::train {

namespace {

using Clock = std::chrono::steady_clock;

// Torch's own work runs in the default stream; in the same one ours comes after it.
constexpr cudaStream_t kStream = nullptr;

void check_cuda(cudaError_t error) {
  if (error != cudaSuccess) throw InputError("CUDA", cudaGetErrorString(error));
}

class NcclCollectives : public Collectives {
 public:
  NcclCollectives(const Launch& launch, std::chrono::seconds timeout)
      : timeout_(timeout), links_(tcp_links(launch, timeout)), control_(collectives_over(links_)) {
    device_ = torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(launch.local_rank));
    if (launch.local_rank >= static_cast<int>(torch::cuda::device_count())) {
      throw InputError("LOCAL_RANK",
                       cat("process ", launch.local_rank, " of this machine has no ",
                           "GPU: there are ", torch::cuda::device_count()),
                       "start one process for each GPU");
    }
    check_cuda(cudaSetDevice(launch.local_rank));
    ncclUniqueId id = {};
    if (rank() == 0) check(ncclGetUniqueId(&id));
    const std::string of_first =
        control_->all_gather({reinterpret_cast<const char*>(&id), sizeof id}).front();
    LMC_CHECK(of_first.size() == sizeof id, of_first.size());
    std::memcpy(&id, of_first.data(), sizeof id);
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;  // so that a rank that is gone can be seen meanwhile
    settle(ncclCommInitRankConfig(&communicator_, size(), id, rank(), &config));
  }

  // A graceful end would wait for the others, who may be gone.
  ~NcclCollectives() override {
    if (communicator_ != nullptr) ncclCommAbort(communicator_);
  }

  int rank() const override { return links_->rank(); }
  int size() const override { return links_->size(); }
  std::string name() const override { return "nccl"; }

  void sum(torch::Tensor& values) override {
    if (!values.is_cuda()) return control_->sum(values);
    LMC_CHECK(
        values.is_contiguous() && values.device() == device_ &&
            (values.scalar_type() == torch::kFloat32 || values.scalar_type() == torch::kFloat64),
        "sum of ", values.toString());
    const at::NoGradGuard no_grad;
    agree(cat("a sum of ", values.nbytes(), " bytes"));
    const torch::Tensor flat = values.detach().view({-1});
    const int64_t in_slice = (flat.numel() + size() - 1) / size();
    const auto slice = [&](int owner) {
      const int64_t begin = std::min(flat.numel(), owner * in_slice);
      return flat.narrow(0, begin, std::min(in_slice, flat.numel() - begin));
    };
    torch::Tensor mine = slice(rank());
    torch::Tensor received = at::empty({size(), mine.numel()}, flat.options());
    in_group([&](int peer) {
      send(slice(peer), peer);
      receive(received.select(0, peer), peer);
    });
    received.select(0, rank()).copy_(mine);
    torch::Tensor so_far = received.select(0, 0);
    for (int peer = 1; peer < size(); ++peer) so_far.add_(received.select(0, peer));
    mine.copy_(so_far);
    in_group([&](int peer) {
      send(mine, peer);
      receive(slice(peer), peer);
    });
    control_->barrier();
  }

  void broadcast(torch::Tensor& values, int root) override {
    if (!values.is_cuda()) return control_->broadcast(values, root);
    LMC_CHECK(values.is_contiguous() && values.device() == device_ && root >= 0 && root < size(),
              "broadcast of ", values.toString(), " by ", root);
    agree(cat("a broadcast of ", values.nbytes(), " bytes by rank ", root));
    check_cuda(cudaDeviceSynchronize());
    settle(ncclBroadcast(values.data_ptr(), values.data_ptr(), values.nbytes(), ncclUint8, root,
                         communicator_, kStream));
    wait_for_stream();
    control_->barrier();
  }

  std::vector<std::string> all_gather(std::string_view message) override {
    return control_->all_gather(message);
  }

  void barrier() override { control_->barrier(); }

 private:
  // Ranks that have drifted apart would wait for each other for ever.
  void agree(const std::string& what) {
    const std::vector<std::string> all = control_->all_gather(what);
    for (size_t peer = 0; peer < all.size(); ++peer) {
      if (all[peer] == what) continue;
      throw InputError(cat("rank ", peer),
                       cat("does ", all[peer], " while rank ", rank(), " does ", what),
                       "do all ranks run the same version with the same options?");
    }
  }

  template <class Exchange>
  void in_group(const Exchange& exchange_with) {
    check_cuda(cudaDeviceSynchronize());  // whatever made the values, in whichever stream
    check(ncclGroupStart());
    for (int peer = 0; peer < size(); ++peer) {
      if (peer != rank()) exchange_with(peer);
    }
    settle(ncclGroupEnd());
    wait_for_stream();
  }

  void send(const torch::Tensor& values, int peer) {
    if (values.numel() == 0) return;
    check(ncclSend(values.data_ptr(), values.nbytes(), ncclUint8, peer, communicator_, kStream));
  }

  void receive(const torch::Tensor& values, int peer) {
    if (values.numel() == 0) return;
    check(ncclRecv(values.data_ptr(), values.nbytes(), ncclUint8, peer, communicator_, kStream));
  }

  void check(ncclResult_t result) {
    if (result == ncclSuccess || result == ncclInProgress) return;
    fail(ncclGetErrorString(result));
  }

  [[noreturn]] void fail(const std::string& problem) {
    abort();
    links_->check_alive();
    throw RankGone("NCCL", problem, "start the run again to go on from its last checkpoint");
  }

  void abort() {
    if (communicator_ != nullptr) ncclCommAbort(std::exchange(communicator_, nullptr));
  }

  // What was asked of a communicator that does not block is under way, or has failed, only when
  // its state says so.
  void settle(ncclResult_t result) {
    check(result);
    wait_until([&] {
      ncclResult_t state = ncclSuccess;
      check(ncclCommGetAsyncError(communicator_, &state));
      check(state);
      return state != ncclInProgress;
    });
  }

  void wait_for_stream() {
    wait_until([&] {
      ncclResult_t state = ncclSuccess;
      check(ncclCommGetAsyncError(communicator_, &state));
      check(state);
      const cudaError_t error = cudaStreamQuery(kStream);
      if (error == cudaErrorNotReady) return false;
      check_cuda(error);
      return true;
    });
  }

  template <class Done>
  void wait_until(const Done& done) {
    constexpr std::chrono::milliseconds kEagerly{20};
    const auto begin = Clock::now();
    while (!done()) {
      const auto waited = Clock::now() - begin;
      if (waited < kEagerly) continue;
      try {
        links_->check_alive();
      } catch (const RankGone&) {
        abort();
        throw;
      }
      if (waited > timeout_) fail(cat("no sign of life for ", timeout_.count(), " seconds"));
      std::this_thread::sleep_for(kEagerly / 20);
    }
  }

  std::chrono::seconds timeout_;
  std::shared_ptr<Links> links_;
  std::unique_ptr<Collectives> control_;
  torch::Device device_ = torch::kCUDA;
  ncclComm_t communicator_ = nullptr;
};

}  // namespace

bool have_nccl() { return torch::cuda::is_available(); }

std::unique_ptr<Collectives> nccl_collectives(const Launch& launch, std::chrono::seconds timeout) {
  if (!have_nccl()) throw InputError("collectives", "nccl needs a GPU, and none is there");
  return std::make_unique<NcclCollectives>(launch, timeout);
}

}  // namespace lmc::train

#endif
