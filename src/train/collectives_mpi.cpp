// MPI's point-to-point messages. Its own all-reduce would add in an order that depends on the
// library, its settings and the number of ranks.
#include <dlfcn.h>
#include <sched.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <thread>

#include "base/interrupt.h"   // interrupt_requested
#include "base/subprocess.h"  // this_program
#include "train/collectives_engines.h"
#include "train/collectives_links.h"
#include "train/collectives_mpi/mpi_module.h"

namespace lmc::train {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// mpirun answers the death of a rank with SIGTERM for the others and SIGKILL a second later; other
// launchers leave about half a minute, in which a slower rank may well come to the end of its step.
constexpr milliseconds kPatienceUnderMpirun{500};
constexpr milliseconds kPatienceElsewhere{20000};

std::string module_path() {
  const auto folder = std::filesystem::path(this_program()).parent_path();
  for (const char* place : {"", "../lib/"}) {
    const auto path = folder / place / "liblitemedcot_mpi.so";
    if (std::filesystem::exists(path)) return path.string();
  }
  return {};
}

const MpiModule& load_module() {
  const std::string path = module_path();
  if (path.empty()) {
    throw InputError("collectives", "this program was built without MPI",
                     "install libopenmpi-dev and build again, or start it with torchrun");
  }
  // Never unloaded: MPI leaves threads and exit handlers behind.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    throw InputError(path, ::dlerror(), "is OpenMPI installed (Debian: openmpi-bin)?");
  }
  const auto entry = reinterpret_cast<MpiModuleEntry>(::dlsym(library, MpiModule::kEntry));
  const MpiModule* module = entry == nullptr ? nullptr : entry();
  if (module == nullptr || module->version != MpiModule::kVersion) {
    throw InputError(path, "is of another version than this program", "build both together");
  }
  return *module;
}

class MpiLinks : public Links {
 public:
  MpiLinks(const Launch& launch, std::chrono::seconds timeout)
      : module_(load_module()),
        timeout_(timeout),
        patience_(std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr ? kPatienceUnderMpirun
                                                                 : kPatienceElsewhere),
        exceptions_at_start_(std::uncaught_exceptions()) {
    const std::string problem = module_.start(&rank_, &size_);
    if (!problem.empty()) throw InputError("MPI", problem);
    if (size_ != launch.size) {
      module_.stop();
      throw InputError("MPI",
                       cat("sees ", size_, size_ == 1 ? " process" : " processes",
                           ", but the environment speaks of ", launch.size),
                       "start with this MPI's mpirun, or srun --mpi=pmix");
    }
  }

  ~MpiLinks() override {
    // Stopping MPI waits for all ranks. After a failure they may never come: a process that ends
    // without makes mpirun end the others.
    if (!failed_ && std::uncaught_exceptions() == exceptions_at_start_) module_.stop();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  std::string name() const override { return "mpi"; }

  void exchange(std::span<const Send> sends, std::span<const Receive> receives) override {
    failed_ = true;  // until it is done
    for (const Receive& piece : receives) {
      check(module_.receive(piece.data, piece.bytes, piece.peer));
    }
    for (const Send& piece : sends) check(module_.send(piece.data, piece.bytes, piece.peer));
    wait();
    failed_ = false;
  }

 private:
  static void check(const std::string& problem) {
    if (!problem.empty()) throw RankGone("MPI", problem, "start the run again to go on");
  }

  void wait() {
    // MPI moves only while it is asked. Long waits are for a slower rank, whose threads need the
    // processor more than our questions do.
    constexpr milliseconds kEagerly{2};
    constexpr std::chrono::microseconds kNap{100};
    size_t unfinished = 0, before = 0;
    auto last_sign = Clock::now();
    while (true) {
      check(module_.advance(&unfinished));
      if (unfinished == 0) return;
      const auto now = Clock::now();
      if (unfinished != before) last_sign = now;
      before = unfinished;
      const auto waited = now - last_sign;
      if (waited < kEagerly) {
        ::sched_yield();
        continue;
      }
      std::this_thread::sleep_for(kNap);
      if (waited > patience_ && interrupt_requested()) {
        throw Interrupted("stopped while waiting for another rank; its last checkpoint stands");
      }
      if (waited > timeout_) {
        throw RankGone(
            "MPI", cat("another rank showed no sign of life for ", timeout_.count(), " seconds"),
            "start the run again to go on from its last checkpoint");
      }
    }
  }

  const MpiModule& module_;
  std::chrono::seconds timeout_;
  milliseconds patience_;
  int exceptions_at_start_;
  int rank_ = 0, size_ = 1;
  bool failed_ = false;
};

}  // namespace

bool have_mpi() { return !module_path().empty(); }

std::unique_ptr<Collectives> mpi_collectives(const Launch& launch, std::chrono::seconds timeout) {
  return collectives_over(std::make_unique<MpiLinks>(launch, timeout));
}

}  // namespace lmc::train
