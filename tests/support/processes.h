// Several processes at once, started as a launcher starts the ranks of one run.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "support/run_program.h"

namespace lmc::tests {

using Variables = std::map<std::string, std::string>;

inline int free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length), 0);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

// Processes that are ended at the latest with this object.
class Processes {
 public:
  ~Processes() {
    for (const pid_t child : children_) {
      if (child > 0) ::kill(child, SIGKILL);
    }
    for (size_t i = 0; i < children_.size(); ++i) wait(i);
  }

  void start(std::vector<std::string> command, const Variables& variables) {
    std::vector<char*> argv;
    for (std::string& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string name = std::to_string(children_.size());
    const pid_t child = ::fork();
    if (child == 0) {
      for (const auto& [key, value] : variables) ::setenv(key.c_str(), value.c_str(), 1);
      for (const auto& [file, to] : {std::pair{"out.", STDOUT_FILENO}, {"err.", STDERR_FILENO}}) {
        ::dup2(::open(path(file + name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), to);
      }
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    children_.push_back(child);
    exit_codes_.push_back(-1);
  }

  int wait(size_t index) {
    if (children_[index] > 0) {
      int status = 0;
      ::waitpid(children_[index], &status, 0);
      children_[index] = 0;
      exit_codes_[index] = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return exit_codes_[index];
  }

  void send(size_t index, int signal) { ::kill(children_[index], signal); }
  std::string out(size_t index) const { return read_bytes(path("out." + std::to_string(index))); }
  std::string err(size_t index) const { return read_bytes(path("err." + std::to_string(index))); }
  std::string folder() const { return folder_.path(); }

  // Whether it became true in time.
  bool until(const std::function<bool()>& holds) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return holds();
  }

  bool all_at_work(int size) const {
    for (int rank = 0; rank < size; ++rank) {
      if (read_bytes(path("rank." + std::to_string(rank))).empty()) return false;
    }
    return true;
  }

 private:
  std::string path(const std::string& name) const { return folder_.path(name); }

  TemporaryFolder folder_;
  std::vector<pid_t> children_;
  std::vector<int> exit_codes_;
};

inline Variables torchrun(int rank, int size, int port) {
  return {{"RANK", std::to_string(rank)},
          {"WORLD_SIZE", std::to_string(size)},
          {"LOCAL_RANK", std::to_string(rank)},
          {"MASTER_ADDR", "127.0.0.1"},
          {"MASTER_PORT", std::to_string(port)}};
}

}  // namespace lmc::tests
