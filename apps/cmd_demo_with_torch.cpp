// `litemedcot demo`: the whole pipeline on the phantom world, from drawing the data to the report.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "apps/command.h"
#include "apps/demo_clock.h"
#include "apps/demo_plan.h"
#include "base/check.h"       // InputError, Interrupted
#include "base/files.h"       // read_file
#include "base/interrupt.h"   // interrupt_requested
#include "base/progress.h"    // format_duration
#include "base/subprocess.h"  // Subprocess, this_program

namespace lmc::apps {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kServerPatience{120};

std::vector<std::string> command_line(const std::vector<std::string>& arguments) {
  std::vector<std::string> line = {this_program()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  return line;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Starts the teacher's server and waits for its address.
std::unique_ptr<Subprocess> start_teacher(const DemoOptions& options, std::string& url) {
  const std::string ready = demo_ready_file(options);
  std::filesystem::remove(ready);
  auto server = std::make_unique<Subprocess>(command_line(demo_teacher_arguments(options)));
  const Clock::time_point start = Clock::now();
  while (!file_exists(ready)) {
    if (!server->running() || Clock::now() - start > kServerPatience) {
      throw InputError("litemedcot demo", "the teacher's server did not start");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  url = read_file(ready);
  url.erase(url.find_last_not_of('\n') + 1);
  return server;
}

void run_step(const DemoStep& step) {
  Subprocess process(command_line(step.arguments));
  const int code = process.wait();
  if (code == 0) return;
  if (code == 130 || interrupt_requested()) throw Interrupted("the same command continues");
  throw InputError("litemedcot demo", cat("the step \"", step.title, "\" ended with code ", code));
}

void run_demo(DemoOptions& options) {
  check_fields(options.fields(), "litemedcot demo");
  const Clock::time_point start = Clock::now();
  const std::vector<DemoStep> steps = demo_steps(options);
  make_folder(options.out);
  DemoClock clock(options.out + "/steps.json", steps);
  std::cerr << clock.plan();
  for (size_t i = 0; i < steps.size(); ++i) {
    if (interrupt_requested()) throw Interrupted("the same command continues");
    DemoStep step = steps[i];
    const Clock::time_point step_start = Clock::now();
    std::cerr << "\n" << clock.before(i, seconds_since(start)) << "\n";
    std::unique_ptr<Subprocess> teacher;
    if (step.needs_teacher) {
      std::string url;
      teacher = start_teacher(options, url);
      step.arguments.insert(step.arguments.end(), {"--endpoint", url});
    }
    run_step(step);
    clock.finish(i, seconds_since(step_start));
  }
  std::cout << "\ndone in " << format_duration(seconds_since(start)) << ": " << options.out
            << "/report.html\n";
}

}  // namespace

Command demo_command() {
  const auto options = std::make_shared<DemoOptions>();
  return {"demo",
          "the whole pipeline on synthetic images, with a report at the end",
          "  litemedcot demo\n"
          "  litemedcot demo --out /tmp/small --train 400 --test 100\n"
          "A demo that was stopped continues where it was.\n",
          options->fields(),
          "",
          [options] { run_demo(*options); }};
}

}  // namespace lmc::apps
