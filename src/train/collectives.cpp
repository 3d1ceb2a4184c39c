#include "train/collectives.h"

#include <cstring>

#include "train/collectives_engines.h"

namespace lmc::train {

namespace {

std::string choose_engine(const Launch& launch) {
  if (launch.size == 1 && launch.launcher != Launcher::kMpirun) return "none";
  if (launch.launcher == Launcher::kMpirun) {
    if (launch.size == 1) return "none";
    // Started by mpirun, but built without MPI: sockets do if there is a place to meet.
    return have_mpi() || launch.address.empty() ? "mpi" : "tcp";
  }
  return have_nccl() ? "nccl" : "tcp";
}

}  // namespace

std::unique_ptr<Collectives> make_collectives(const std::string& engine,
                                              std::chrono::seconds timeout) {
  if (engine == "none") return collectives_of_one();
  const Launch launch = read_launch();
  const std::string chosen = engine == "auto" ? choose_engine(launch) : engine;
  if (chosen == "none") return collectives_of_one();
  if (chosen == "tcp") return tcp_collectives(launch, timeout);
  if (chosen == "mpi") return mpi_collectives(launch, timeout);
  if (chosen == "nccl") return nccl_collectives(launch, timeout);
  throw InputError("collectives", cat("no engine \"", engine, "\""),
                   "auto, none, tcp, mpi or nccl");
}

int local_rank() { return read_launch().local_rank; }

bool any_rank(Collectives& collectives, bool holds_here) {
  for (const std::string& message : collectives.all_gather(holds_here ? "1" : "0")) {
    if (message == "1") return true;
  }
  return false;
}

double sum_of_ranks(Collectives& collectives, double value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  double sum = 0;
  for (const std::string& message : collectives.all_gather({bytes, sizeof bytes})) {
    double theirs = 0;
    if (message.size() != sizeof theirs) throw InputError("all_gather", "not a number");
    std::memcpy(&theirs, message.data(), sizeof theirs);
    sum += theirs;
  }
  return sum;
}

}  // namespace lmc::train
