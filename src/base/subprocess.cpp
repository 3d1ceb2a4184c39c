#include "base/subprocess.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/check.h"  // InputError

namespace lmc {

namespace {

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Subprocess::Subprocess(const std::vector<std::string>& arguments) {
  LMC_CHECK(!arguments.empty());
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // A pipe that closes when exec succeeds and carries errno when it does not.
  int report[2];
  LMC_CHECK(::pipe2(report, O_CLOEXEC) == 0, std::strerror(errno));
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  LMC_CHECK(pid_ >= 0, std::strerror(errno));
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() == parent) ::execvp(argv[0], argv.data());
    const int reason = errno;
    [[maybe_unused]] const ssize_t sent = ::write(report[1], &reason, sizeof reason);
    ::_exit(127);
  }
  ::close(report[1]);
  int reason = 0;
  const bool failed = ::read(report[0], &reason, sizeof reason) == sizeof reason;
  ::close(report[0]);
  if (failed) {
    wait();
    throw InputError(arguments[0], cat("cannot be started: ", std::strerror(reason)));
  }
}

Subprocess::~Subprocess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    wait();
  }
}

int Subprocess::wait() {
  if (pid_ <= 0) return exit_code_;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  exit_code_ = exit_code_of(status);
  return exit_code_;
}

bool Subprocess::running() {
  if (pid_ <= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0) return true;
  pid_ = -1;
  exit_code_ = exit_code_of(status);
  return false;
}

std::string this_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace lmc
