// The demo as data: which stages run, with which options, in which order.
//
// The same fixed sizes and learning rate serve both arms; the rate was chosen on the validation split
// from one grid (docs/decisions/0004-demo-recipe.md).
#pragma once

#include <string>
#include <vector>

namespace lmc::apps {

struct DemoOptions {
  std::string out = "runs/demo";
  std::string assets;  // folder of the phantom checkpoints
  int64_t port = 0;    // of the teacher; 0: any free one
};

// One stage: its title and the command line a user could type.
struct DemoStep {
  std::string title;
  std::vector<std::string> arguments;
};

// Makes pictures and questions, and the question files of every split.
std::vector<DemoStep> demo_data_steps(const DemoOptions& options);

// The teacher as a server, and the requests to it.
DemoStep demo_teacher_server(const DemoOptions& options);
DemoStep demo_teach_step(const DemoOptions& options);

// Two arms, every evaluation, the report.
std::vector<DemoStep> demo_student_steps(const DemoOptions& options);

}  // namespace lmc::apps
