#include <sched.h>

#include <cstdlib>
#include <thread>

#include "base/interrupt.h"  // interrupt_requested
#include "train/process_group_engines.h"

namespace lmc::train {

WaitLimits wait_limits(std::chrono::seconds timeout) {
  // mpirun answers the death of a rank with SIGTERM for the others and SIGKILL a second later;
  // other launchers leave about half a minute, in which a slower rank may well come to the end of
  // its step.
  constexpr std::chrono::milliseconds kUnderMpirun{300}, kElsewhere{20000};
  return {timeout, std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr ? kUnderMpirun : kElsewhere};
}

void wait_until(const std::function<bool()>& done, const WaitLimits& limits) {
  // Both libraries move only while they are asked, and a long wait is for a slower rank, whose
  // threads need the processor more than our questions do.
  constexpr std::chrono::milliseconds kEagerly{2};
  constexpr std::chrono::microseconds kNap{100};
  const auto begin = std::chrono::steady_clock::now();
  while (!done()) {
    const auto waited = std::chrono::steady_clock::now() - begin;
    if (waited < kEagerly) {
      ::sched_yield();
      continue;
    }
    std::this_thread::sleep_for(kNap);
    if (waited > limits.after_stop && interrupt_requested()) {
      throw Interrupted(
          "another rank did not come; the same command continues from the checkpoint");
    }
    if (waited > limits.timeout) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limits.timeout);
      throw RankGone("another rank", cat("did not come for ", seconds.count(), " seconds"),
                     "see its last message; the same command continues from the checkpoint");
    }
  }
}

}  // namespace lmc::train
