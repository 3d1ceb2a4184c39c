// Runs the program in a fork of the test's own process, which is linked with all of its commands: no
// time goes into loading libraries, so that thousands of runs are affordable.
//
// The test itself must run no command and start no thread before.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace lmc::tests {

// What a run may take. It is ended by a signal where it takes more.
struct RunLimits {
  int cpu_s = 20;
  int wall_s = 120;
  long data_mb = 3000;
};

// Starts it; what it prints goes to folder/out and folder/err.
pid_t start_forked(const std::vector<std::string>& arguments, const std::string& folder,
                   const RunLimits& limits);

// The exit code of a child by its status; 128 + signal when one ended it.
int exit_code_of(int status);

}  // namespace lmc::tests
