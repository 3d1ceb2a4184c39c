// A stop asked for by Ctrl-C or SIGTERM, which long work polls at places where it can be resumed.
#pragma once

namespace lmc {

// Installs the handlers; a second signal ends the program at once.
void watch_for_interrupt();

// True once a stop was asked for.
// Threads: any.
bool interrupt_requested();

}  // namespace lmc
