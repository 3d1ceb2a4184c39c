#include "apps/command.h"

namespace lmc::apps {

std::vector<Command> all_commands() {
  return {
      prepare_command(),  teach_command(),
#ifdef LMC_HAVE_TORCH
      train_command(),
#endif
      evaluate_command(), ground_command(), report_command(),  export_command(),
      ask_command(),      serve_command(),  audit_command(),   bench_command(),
      inspect_command(),  init_command(),   phantom_command(),
#ifdef LMC_HAVE_TORCH
      demo_command(),
#endif
  };
}

}  // namespace lmc::apps
