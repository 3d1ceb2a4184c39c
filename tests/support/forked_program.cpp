#include "support/forked_program.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>

#include "apps/command.h"  // run_program, all_commands

namespace lmc::tests {

namespace {

void redirect(const std::string& path, int flags, int descriptor) {
  const int file = ::open(path.c_str(), flags, 0600);
  if (file < 0 || ::dup2(file, descriptor) < 0) ::_exit(126);
  ::close(file);
}

void limit(int resource, rlim_t most) {
  const rlimit limits{most, most};
  ::setrlimit(resource, &limits);
}

}  // namespace

pid_t start_forked(const std::vector<std::string>& arguments, const std::string& folder,
                   const RunLimits& limits) {
  std::cout.flush();
  const pid_t child = ::fork();
  if (child != 0) return child;
  redirect("/dev/null", O_RDONLY, STDIN_FILENO);
  redirect(folder + "/out", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  redirect(folder + "/err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  limit(RLIMIT_CPU, static_cast<rlim_t>(limits.cpu_s));
  limit(RLIMIT_DATA, static_cast<rlim_t>(limits.data_mb) * 1'000'000);
  limit(RLIMIT_CORE, 0);
  ::alarm(static_cast<unsigned>(limits.wall_s));
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), "litemedcot");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int code =
      apps::run_program(apps::all_commands(), static_cast<int>(words.size()), argv.data());
  std::cout.flush();
  std::cerr.flush();
  // Without the ends of statics, which are those of the test.
  ::_exit(code);
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace lmc::tests
