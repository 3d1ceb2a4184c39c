// The demo as a list of commands: each is what a user would type, run in its own process.
#pragma once

#include <string>
#include <vector>

#include "base/fields.h"  // Field

namespace lmc::apps {

struct DemoOptions {
  std::string out = "runs/demo";
  std::string checkpoints;  // empty: those that came with the program
  int64_t train = 1500;
  int64_t test = 500;
  int64_t single_test = 200;
  int64_t ground = 200;
  int64_t maps = 40;

  std::vector<Field> fields();
};

struct DemoStep {
  std::string title;
  std::vector<std::string> arguments;  // of litemedcot
  bool needs_teacher = false;  // runs while the teacher is served, with its --endpoint added
  double seconds = 0;          // about what it takes on two cores
};

// "serve" for the teacher; it writes its address to demo_ready_file().
std::vector<std::string> demo_teacher_arguments(const DemoOptions& options);
std::string demo_ready_file(const DemoOptions& options);

// All steps in order.
std::vector<DemoStep> demo_steps(const DemoOptions& options);

}  // namespace lmc::apps
