// The engines behind make_collectives. Each waits until all ranks have come.
#pragma once

#include <chrono>
#include <memory>

#include "train/collectives.h"
#include "train/collectives_launch.h"

namespace lmc::train {

// One process alone.
std::unique_ptr<Collectives> collectives_of_one();

// Sockets between all pairs of ranks; MASTER_ADDR and MASTER_PORT say where they meet.
std::unique_ptr<Collectives> tcp_collectives(const Launch& launch, std::chrono::seconds timeout);

// Whether the module that links MPI was built and lies beside the program.
bool have_mpi();
std::unique_ptr<Collectives> mpi_collectives(const Launch& launch, std::chrono::seconds timeout);

// Whether NCCL was compiled in and a GPU is there. Sums and broadcasts of GPU tensors by NCCL, all
// else by sockets.
bool have_nccl();
std::unique_ptr<Collectives> nccl_collectives(const Launch& launch, std::chrono::seconds timeout);

}  // namespace lmc::train
