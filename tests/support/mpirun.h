// The ranks of one run, started by mpirun.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/run_program.h"

namespace lmc::tests {

inline bool have_mpirun() { return LMC_HAVE_MPI && ::system("command -v mpirun >/dev/null") == 0; }

class Mpirun {
 public:
  Mpirun(int size, const std::vector<std::string>& command)
      : size_(size), process_(words(size, command, ranks_.path()), variables()) {}

  ~Mpirun() {
    // mpirun that is killed leaves its ranks to themselves.
    for (int rank = 0; rank < size_ && !process_.was_awaited(); ++rank) send(rank, SIGKILL);
  }
  Mpirun(const Mpirun&) = delete;
  Mpirun& operator=(const Mpirun&) = delete;

  // mpirun's exit code: 0 when that of every rank is.
  int wait() { return process_.wait(); }
  // To mpirun itself.
  void send(int signal) const { process_.send(signal); }
  void send(int rank, int signal) const {
    const int id = std::atoi(of("pid", rank).c_str());
    if (id > 0) ::kill(id, signal);
  }
  std::string out(int rank) const { return of("out", rank); }
  std::string err(int rank) const { return of("err", rank); }
  std::string all_errors() const {
    std::string all = process_.err();
    for (int rank = 0; rank < size_; ++rank) all += err(rank);
    return all;
  }

 private:
  // A shell that becomes the rank leaves its process id and keeps apart what each one says.
  static std::vector<std::string> words(int size, const std::vector<std::string>& command,
                                        const std::string& folder) {
    std::vector<std::string> all = {
        "mpirun",
        "-n",
        std::to_string(size),
        "sh",
        "-c",
        "rank=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}; echo $$ >\"$0/pid.$rank\"; "
        "exec \"$@\" >\"$0/out.$rank\" 2>\"$0/err.$rank\"",
        folder};
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }

  // OpenMPI refuses root and more ranks than cores unless it is told; it would bind each rank to a
  // core, and kill the others a second after it has asked them, which is short on a busy machine.
  static Variables variables() {
    return {{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
            {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
            {"OMPI_MCA_rmaps_base_oversubscribe", "1"},
            {"OMPI_MCA_hwloc_base_binding_policy", "none"},
            {"OMPI_MCA_odls_base_sigkill_timeout", "5"}};
  }

  std::string of(const char* what, int rank) const {
    return read_bytes(ranks_.path(std::string(what) + "." + std::to_string(rank)));
  }

  int size_;
  TemporaryFolder ranks_;
  Process process_;
};

}  // namespace lmc::tests
