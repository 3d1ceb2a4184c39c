// How long the demo's steps take: the plan before it starts, and what is left at each step.
//
// Planned times are those of DemoStep. What the finished steps of this call took against their plan
// corrects what is planned for the rest, so that a slower or faster machine shows after a few
// steps. A step that an earlier call finished counts as done; the file `path` keeps which.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "apps/demo_plan.h"  // DemoStep

namespace lmc::apps {

class DemoClock {
 public:
  // Errors: InputError when the file is there and cannot be read.
  DemoClock(std::string path, std::vector<DemoStep> steps);

  // One line a step, and the sum.
  std::string plan() const;

  // "[7/25] title: about 50 s; 1 min 20 s so far, about 4 min left", `elapsed` seconds after the
  // start of this call.
  std::string before(size_t step, double elapsed) const;

  void finish(size_t step, double seconds);

  double seconds_left(size_t from_step) const;

 private:
  bool was_done(const DemoStep& step) const;

  std::string path_;
  std::vector<DemoStep> steps_;
  std::map<std::string, double> done_before_;  // seconds by title
  std::map<std::string, double> done_now_;
  double planned_ = 0;  // of the steps that this call did
  double taken_ = 0;
};

// "a few seconds", "about 45 s", "about 6 min".
std::string about(double seconds);

}  // namespace lmc::apps
