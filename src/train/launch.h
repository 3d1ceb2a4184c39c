// What the environment says of the processes that were started together.
#pragma once

#include <functional>
#include <string>

namespace lmc::train {

enum class Launcher { kNone, kTorchrun, kMpirun, kSlurm };

struct Launch {
  Launcher launcher = Launcher::kNone;
  int rank = 0;
  int size = 1;
  int local_rank = 0;
  std::string address;  // MASTER_ADDR: where rank 0 listens; empty when it is not set
  int port = 0;         // MASTER_PORT
  std::string job;      // keeps two jobs, or two attempts of one, apart
  // torchrun already runs the key-value store at `address`; else rank 0 does.
  bool store_is_running = false;
};

using Environment = std::function<const char*(const char* variable)>;

// Read in this order, for an inner launcher sets its variables beside those of an outer one:
//   torchrun  RANK, WORLD_SIZE, LOCAL_RANK; anything else may set them too
//   mpirun    OMPI_COMM_WORLD_RANK, _SIZE, _LOCAL_RANK (OpenMPI); PMI_RANK, PMI_SIZE (others)
//   srun      SLURM_PROCID, SLURM_STEP_NUM_TASKS or SLURM_NTASKS, SLURM_LOCALID. Only with
//             SLURM_STEP_ID: a batch script has the others too, and is one process.
// Errors: InputError for a rank without a size, numbers that are none, or a rank beyond the size.
Launch read_launch(const Environment& environment);
Launch read_launch();

// Errors: InputError when MASTER_ADDR or MASTER_PORT is missing.
void check_master(const Launch& launch);

}  // namespace lmc::train
