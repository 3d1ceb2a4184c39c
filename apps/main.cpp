#include "apps/command.h"

int main(int argc, char** argv) {
  return lmc::apps::run_program(lmc::apps::all_commands(), argc, argv);
}
