#include "apps/command.h"
#include "base/standard_streams.h"  // secure_standard_streams

int main(int argc, char** argv) {
  lmc::secure_standard_streams();
  return lmc::apps::run_program(lmc::apps::all_commands(), argc, argv);
}
