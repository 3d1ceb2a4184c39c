#include "base/interrupt.h"

#include <csignal>

namespace lmc {

namespace {

// The one mutable global of the program: a signal handler can reach nothing else.
volatile std::sig_atomic_t requested = 0;

void on_signal(int signal) {
  if (requested != 0) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  requested = 1;
}

}  // namespace

void watch_for_interrupt() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = 0;  // a system call that waits is to end, not to be started again
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupt_requested() { return requested != 0; }

}  // namespace lmc
