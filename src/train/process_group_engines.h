// The engines behind make_process_group. Each waits until all ranks have come.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "train/launch.h"
#include "train/process_group.h"

namespace lmc::train {

// Errors: InputError where the program was built without MPI, or MPI knows of other ranks than the
// environment.
std::unique_ptr<ProcessGroup> mpi_process_group(const Launch& launch, std::chrono::seconds timeout);

// Whether NCCL was compiled in and a GPU is there.
bool have_nccl();
std::unique_ptr<ProcessGroup> nccl_process_group(const Launch& launch,
                                                 std::chrono::seconds timeout);

// How long a rank waits for the others.
struct WaitLimits {
  std::chrono::milliseconds timeout;
  // Once a stop was asked for. The launcher asks the others when a rank has died.
  std::chrono::milliseconds after_stop;
};

WaitLimits wait_limits(std::chrono::seconds timeout);

// Asks `done` until it says so; it must not block, which is what lets a rank leave a call that
// another one will never join.
// Errors: Interrupted and RankGone, see process_group.h.
void wait_until(const std::function<bool()>& done, const WaitLimits& limits);

}  // namespace lmc::train
