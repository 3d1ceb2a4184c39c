#include "train/launch.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/check.h"  // InputError, cat

namespace lmc::train {

namespace {

constexpr int kMaxRanks = 4096;
constexpr int kHighestPort = 65535;

std::string text_of(const Environment& environment, const char* variable) {
  const char* text = environment(variable);
  return text == nullptr ? "" : text;
}

bool is_set(const Environment& environment, const char* variable) {
  return !text_of(environment, variable).empty();
}

int number_of(const Environment& environment, const char* variable, int lowest, int highest) {
  const std::string text = text_of(environment, variable);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < lowest ||
      number > highest) {
    throw InputError(variable, cat("expected a number from ", lowest, " to ", highest, ", found \"",
                                   text, "\""));
  }
  return number;
}

int number_or(const Environment& environment, const char* variable, int otherwise) {
  return is_set(environment, variable) ? number_of(environment, variable, 0, kMaxRanks) : otherwise;
}

void read_ranks(const Environment& environment, Launch& launch, Launcher launcher, const char* rank,
                const char* size, const char* local_rank) {
  launch.launcher = launcher;
  for (const char* variable : {rank, size}) {
    if (is_set(environment, variable)) continue;
    throw InputError(variable, cat("is not set, but ", variable == rank ? size : rank, " is"),
                     "start all ranks with torchrun, mpirun or srun, or set both");
  }
  launch.size = number_of(environment, size, 1, kMaxRanks);
  launch.rank = number_of(environment, rank, 0, kMaxRanks);
  if (launch.rank >= launch.size) {
    throw InputError(rank,
                     cat("rank ", launch.rank, " of a run of ", launch.size,
                         (launch.size == 1 ? " process" : " processes"), " (", size, ")"),
                     "ranks count from 0");
  }
  launch.local_rank = number_or(environment, local_rank, 0);
}

}  // namespace

Launch read_launch(const Environment& environment) {
  const auto has = [&](const char* variable) { return is_set(environment, variable); };
  Launch launch;
  if (has("RANK") || has("WORLD_SIZE")) {
    read_ranks(environment, launch, Launcher::kTorchrun, "RANK", "WORLD_SIZE", "LOCAL_RANK");
  } else if (has("OMPI_COMM_WORLD_SIZE")) {
    read_ranks(environment, launch, Launcher::kMpirun, "OMPI_COMM_WORLD_RANK",
               "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK");
  } else if (has("PMI_SIZE") && !has("SLURM_STEP_ID")) {
    read_ranks(environment, launch, Launcher::kMpirun, "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID");
  } else if (has("SLURM_STEP_ID") && has("SLURM_PROCID")) {
    const char* size = has("SLURM_STEP_NUM_TASKS") ? "SLURM_STEP_NUM_TASKS" : "SLURM_NTASKS";
    read_ranks(environment, launch, Launcher::kSlurm, "SLURM_PROCID", size, "SLURM_LOCALID");
  }
  launch.address = text_of(environment, "MASTER_ADDR");
  if (has("MASTER_PORT")) launch.port = number_of(environment, "MASTER_PORT", 1, kHighestPort);
  launch.job =
      cat(text_of(environment, "TORCHELASTIC_RUN_ID"), "/",
          text_of(environment, "TORCHELASTIC_RESTART_COUNT"), "/",
          text_of(environment, "SLURM_JOB_ID"), "/", text_of(environment, "SLURM_STEP_ID"));
  launch.store_is_running = text_of(environment, "TORCHELASTIC_USE_AGENT_STORE") == "True";
  return launch;
}

Launch read_launch() {
  return read_launch([](const char* variable) { return std::getenv(variable); });
}

void check_master(const Launch& launch) {
  const char* hint =
      "the address and a free port of rank 0's machine; torchrun sets both, for nccl under srun: "
      "export MASTER_ADDR=$(scontrol show hostnames $SLURM_JOB_NODELIST | head -n 1) "
      "MASTER_PORT=29500";
  if (launch.address.empty()) throw InputError("MASTER_ADDR", "is not set", hint);
  if (launch.port == 0) throw InputError("MASTER_PORT", "is not set", hint);
}

}  // namespace lmc::train
