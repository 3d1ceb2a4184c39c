// MPI_Allreduce and its like in their non-blocking form, which a rank can leave.
#include "train/process_group_engines.h"

#ifndef LMC_HAVE_MPI

namespace lmc::train {

std::unique_ptr<ProcessGroup> mpi_process_group(const Launch&, std::chrono::seconds) {
  throw InputError("--collectives", "this program was built without MPI",
                   "install libopenmpi-dev and build again");
}

}  // namespace lmc::train

#else

#include <mpi.h>

#include <algorithm>
#include <exception>

namespace lmc::train {

namespace {

// MPI counts with int.
constexpr int64_t kMaxAtOnce = int64_t{1} << 30;

std::string text_of(int error) {
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(error, text, &length);
  return {text, static_cast<size_t>(length)};
}

class MpiGroup : public ProcessGroup {
 public:
  MpiGroup(const Launch& launch, std::chrono::seconds timeout)
      : ProcessGroup("mpi", torch::kCPU),
        limits_(wait_limits(timeout)),
        exceptions_at_start_(std::uncaught_exceptions()) {
    int was_started = 0, was_stopped = 0;
    MPI_Initialized(&was_started);
    MPI_Finalized(&was_stopped);
    if (was_stopped != 0) throw InputError("MPI", "was stopped before and cannot be started twice");
    int threads = MPI_THREAD_SERIALIZED;
    if (was_started == 0) MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &threads);
    if (threads < MPI_THREAD_FUNNELED) throw InputError("MPI", "this one allows no threads");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    int rank = 0, size = 1;
    check(MPI_Comm_rank(MPI_COMM_WORLD, &rank));
    check(MPI_Comm_size(MPI_COMM_WORLD, &size));
    if (size != launch.size) {
      MPI_Finalize();
      throw InputError("MPI",
                       cat("sees ", size, size == 1 ? " process" : " processes",
                           ", but the environment speaks of ", launch.size),
                       "start with this MPI's mpirun, or srun --mpi=pmix");
    }
    set_ranks(rank, size);
  }

  // Stopping MPI waits for all ranks. After a failure they may never come: a process that ends
  // without makes mpirun end the others.
  ~MpiGroup() override {
    if (!is_broken() && std::uncaught_exceptions() == exceptions_at_start_) MPI_Finalize();
  }

 private:
  void engine_all_reduce(const torch::Tensor& values) override {
    const MPI_Datatype type = values.scalar_type() == torch::kFloat64 ? MPI_DOUBLE : MPI_FLOAT;
    const auto item = static_cast<int64_t>(values.element_size());
    in_pieces(values, values.numel(), item, [&](void* data, int count, MPI_Request* request) {
      return MPI_Iallreduce(MPI_IN_PLACE, data, count, type, MPI_SUM, MPI_COMM_WORLD, request);
    });
  }

  void engine_broadcast(const torch::Tensor& values, int root) override {
    in_pieces(values, static_cast<int64_t>(values.nbytes()), 1,
              [&](void* data, int count, MPI_Request* request) {
                return MPI_Ibcast(data, count, MPI_BYTE, root, MPI_COMM_WORLD, request);
              });
  }

  void engine_barrier() override {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Ibarrier(MPI_COMM_WORLD, &request));
    wait_for(request);
  }

  template <class Begin>
  void in_pieces(const torch::Tensor& values, int64_t count, int64_t item, const Begin& begin) {
    in_flight_ = values;
    auto* data = static_cast<char*>(values.data_ptr());
    for (int64_t at = 0; at < count; at += kMaxAtOnce) {
      MPI_Request request = MPI_REQUEST_NULL;
      check(begin(data + at * item, static_cast<int>(std::min(count - at, kMaxAtOnce)), &request));
      wait_for(request);
    }
    in_flight_.reset();
  }

  void wait_for(MPI_Request& request) const {
    wait_until(
        [&] {
          int is_done = 0;
          check(MPI_Test(&request, &is_done, MPI_STATUS_IGNORE));
          return is_done != 0;
        },
        limits_);
  }

  static void check(int error) {
    if (error == MPI_SUCCESS) return;
    throw RankGone("MPI", text_of(error), "the same command continues from the checkpoint");
  }

  WaitLimits limits_;
  int exceptions_at_start_;
  // Kept after a call that was left, for another rank may still write to it.
  torch::Tensor in_flight_;
};

}  // namespace

std::unique_ptr<ProcessGroup> mpi_process_group(const Launch& launch,
                                                std::chrono::seconds timeout) {
  return std::make_unique<MpiGroup>(launch, timeout);
}

}  // namespace lmc::train

#endif
