#include "apps/demo_clock.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"     // cat
#include "base/files.h"     // file_exists, write_file
#include "base/json.h"      // read_json
#include "base/progress.h"  // format_duration

namespace lmc::apps {

namespace {

// Shorter steps say nothing of the machine.
constexpr double kMeaningfulSeconds = 2;

}  // namespace

std::string about(double seconds) {
  if (seconds < 5) return "a few seconds";
  if (seconds < 90) return cat("about ", 5 * std::lround(seconds / 5), " s");
  return cat("about ", std::lround(seconds / 60), " min");
}

DemoClock::DemoClock(std::string path, std::vector<DemoStep> steps)
    : path_(std::move(path)), steps_(std::move(steps)) {
  if (!file_exists(path_)) return;
  const Json done = read_json(path_);
  for (const auto& [title, seconds] : done.items()) {
    done_before_[title] = json_as<double>(seconds, path_, title);
  }
}

bool DemoClock::was_done(const DemoStep& step) const { return done_before_.contains(step.title); }

std::string DemoClock::plan() const {
  size_t longest = 0;
  for (const DemoStep& step : steps_) longest = std::max(longest, step.title.size());
  std::string text = cat("The demo has ", steps_.size(), " steps and takes ",
                         about(seconds_left(0)), ", as measured on two cores:\n");
  for (size_t i = 0; i < steps_.size(); ++i) {
    const DemoStep& step = steps_[i];
    text += cat(i < 9 ? "   " : "  ", i + 1, "  ", step.title,
                std::string(longest + 2 - step.title.size(), ' '),
                was_done(step) ? "done" : about(step.seconds), "\n");
  }
  return text;
}

double DemoClock::seconds_left(size_t from_step) const {
  double planned = 0;
  for (size_t i = from_step; i < steps_.size(); ++i) {
    if (!was_done(steps_[i])) planned += steps_[i].seconds;
  }
  return planned * (planned_ > 0 ? taken_ / planned_ : 1);
}

std::string DemoClock::before(size_t step, double elapsed) const {
  return cat("[", step + 1, "/", steps_.size(), "] ", steps_[step].title, ": ",
             was_done(steps_[step]) ? "done before" : about(steps_[step].seconds), "; ",
             format_duration(elapsed), " so far, ", about(seconds_left(step)), " left");
}

void DemoClock::finish(size_t step, double seconds) {
  const DemoStep& one = steps_[step];
  if (was_done(one)) return;
  if (one.seconds >= kMeaningfulSeconds) {
    planned_ += one.seconds;
    taken_ += seconds;
  }
  done_now_[one.title] = seconds;
  Json json = Json::object();
  for (const auto* done : {&done_before_, &done_now_}) {
    for (const auto& [title, took] : *done) json[title] = took;
  }
  write_file(path_, to_pretty_text(json));
}

}  // namespace lmc::apps
