// A child process that does not outlive its parent.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace lmc {

class Subprocess {
 public:
  // Starts `arguments[0]` with the rest as its arguments; output and errors go where ours go.
  // The system ends the child when this process dies, however it dies.
  // Errors: InputError when the program cannot be started.
  explicit Subprocess(const std::vector<std::string>& arguments);
  ~Subprocess();  // asks a child that still runs to end, and waits for it
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  int wait();      // its exit code; 128 + signal when a signal ended it
  bool running();  // does not wait

 private:
  pid_t pid_ = -1;
  int exit_code_ = -1;
};

// The path of the program that is running.
std::string this_program();

}  // namespace lmc
