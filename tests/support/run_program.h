// Runs the built program the way a shell would, and keeps what it printed.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace lmc::tests {

struct ProgramResult {
  int exit_code = -1;  // 128 + signal when the program was killed by one
  std::string out;
  std::string err;
};

ProgramResult run_program(const std::vector<std::string>& arguments);

// Another command, found as a shell would.
ProgramResult run_command(const std::vector<std::string>& command);

// The same, killed with SIGKILL as soon as `enough` holds (asked every few milliseconds).
ProgramResult run_program_until(const std::vector<std::string>& arguments,
                                const std::function<bool()>& enough);

// A whole file; empty when there is none.
std::string read_bytes(const std::string& path);

// A folder that is removed with everything in it at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path(const std::string& name = {}) const;

 private:
  std::string path_;
};

}  // namespace lmc::tests
