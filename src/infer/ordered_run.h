// Runs a list of items through a scheduler: prepared ahead, in any order while they run, handed on
// in the order of the list.
#pragma once

#include <cstddef>

#include "infer/scheduler.h"  // Scheduler

namespace lmc::infer {

// What is done with the items [0, count).
class OrderedWork {
 public:
  virtual ~OrderedWork() = default;
  // Makes items ready that will be submitted next; may use several threads.
  virtual void prepare(size_t begin, size_t end) = 0;
  virtual void submit(size_t item, Scheduler& scheduler) = 0;
  virtual bool is_done(size_t item) const = 0;
  // In order, each once.
  virtual void hand_on(size_t item) = 0;
};

// `ahead` items are prepared at a time. Between steps it looks whether a stop was asked for.
// Errors: those of the work and the engine; Interrupted, `on_interrupt` says what to do then.
void run_in_order(OrderedWork& work, size_t count, size_t ahead, Scheduler& scheduler,
                  const std::string& on_interrupt);

}  // namespace lmc::infer
