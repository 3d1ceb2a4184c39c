#include "base/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "base/check.h"  // InputError

namespace lmc {

void secure_standard_streams() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest number that is free: this one.
    ::open("/dev/null", descriptor == 2 ? O_WRONLY : O_RDONLY);
  }
}

void finish_standard_output() {
  errno = 0;
  std::cout.flush();
  if (std::cout) return;
  throw InputError("standard output",
                   errno != 0 ? cat("cannot write: ", std::strerror(errno)) : "cannot write",
                   "what the command says there is lost");
}

}  // namespace lmc
