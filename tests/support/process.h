// A process in the background, ended at the latest with its object.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/run_program.h"

namespace lmc::tests {

using Variables = std::map<std::string, std::string>;

class Process {
 public:
  Process(std::vector<std::string> command, const Variables& variables) {
    std::vector<char*> argv;
    for (std::string& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);
    child_ = ::fork();
    if (child_ == 0) {
      for (const auto& [key, value] : variables) ::setenv(key.c_str(), value.c_str(), 1);
      for (const auto& [file, to] : {std::pair{"out", STDOUT_FILENO}, {"err", STDERR_FILENO}}) {
        ::dup2(::open(folder_.path(file).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), to);
      }
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
  }
  ~Process() {
    if (child_ > 0) ::kill(child_, SIGKILL);
    wait();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Its exit code; 128 + signal when a signal ended it.
  int wait() {
    if (child_ > 0) {
      int status = 0;
      ::waitpid(std::exchange(child_, 0), &status, 0);
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return exit_code_;
  }

  bool was_awaited() const { return child_ == 0; }
  void send(int signal) const { ::kill(child_, signal); }
  std::string out() const { return read_bytes(folder_.path("out")); }
  std::string err() const { return read_bytes(folder_.path("err")); }

 private:
  TemporaryFolder folder_;
  pid_t child_ = 0;
  int exit_code_ = -1;
};

// Whether it became true in time.
inline bool holds_soon(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  while (!holds() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return holds();
}

}  // namespace lmc::tests
