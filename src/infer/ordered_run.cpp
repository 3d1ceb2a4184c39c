#include "infer/ordered_run.h"

#include <algorithm>

#include "base/check.h"      // Interrupted
#include "base/interrupt.h"  // interrupt_requested

namespace lmc::infer {

void run_in_order(OrderedWork& work, size_t count, size_t ahead, Scheduler& scheduler,
                  const std::string& on_interrupt) {
  size_t num_submitted = 0, num_handed_on = 0;
  while (num_handed_on < count) {
    if (interrupt_requested()) throw Interrupted(on_interrupt);
    while (num_submitted < count && scheduler.num_waiting() < ahead) {
      const size_t end = std::min(num_submitted + ahead, count);
      work.prepare(num_submitted, end);
      for (; num_submitted < end; ++num_submitted) work.submit(num_submitted, scheduler);
    }
    const bool did_something = scheduler.step();
    for (; num_handed_on < num_submitted && work.is_done(num_handed_on); ++num_handed_on) {
      work.hand_on(num_handed_on);
    }
    LMC_CHECK(did_something || num_handed_on == num_submitted, "an item without an end");
  }
}

}  // namespace lmc::infer
