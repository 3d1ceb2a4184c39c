#include "apps/command.h"

int main(int argc, char** argv) {
  using namespace lmc::apps;
  return run_program(
      {
          init_command(),
          inspect_command(),
          phantom_command(),
          prepare_command(),
          serve_command(),
          teach_command(),
#ifdef LMC_HAVE_TORCH
          train_command(),
#endif
          evaluate_command(),
          ground_command(),
          report_command(),
          export_command(),
          ask_command(),
#ifdef LMC_HAVE_TORCH
          demo_command(),
#endif
      },
      argc, argv);
}
