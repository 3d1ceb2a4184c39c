// A subcommand of litemedcot: what it is called, what it takes, what it does.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/fields.h"  // Field

namespace lmc::apps {

struct Command {
  std::string name;
  std::string summary;   // one line for the overview
  std::string examples;  // shown at the end of --help
  std::vector<Field> fields;
  std::string positional = {};  // the field that takes the arguments without a flag
  std::function<void()> run;    // throws InputError, Interrupted, ...
};

// Each is defined in its cmd_<name>.cpp.
Command prepare_command();
Command teach_command();
Command train_command();  // only in a program with libtorch
Command evaluate_command();
Command ground_command();
Command report_command();
Command export_command();
Command ask_command();
Command serve_command();
Command audit_command();
Command bench_command();
Command inspect_command();
Command init_command();
Command phantom_command();
Command demo_command();  // only in a program with libtorch

// Those of this program: the stages in the order of the pipeline, then what serves and examines.
std::vector<Command> all_commands();

// Parses the command line and runs the chosen command. Returns the exit code: 0 done, 2 bad input,
// 70 our bug, 130 interrupted after a resumable stop.
int run_program(std::vector<Command> commands, int argc, char** argv);

}  // namespace lmc::apps
