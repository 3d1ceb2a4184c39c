#include "infer/score.h"

#include <utility>

#include "base/check.h"  // LMC_CHECK

namespace lmc::infer {

std::vector<Score> score(Engine& engine, std::span<const prompt::ModelInput> prompts,
                         std::span<const std::vector<int32_t>> continuations) {
  LMC_CHECK(continuations.empty() || continuations.size() == prompts.size());
  Scheduler scheduler(engine, SchedulerOptions{});
  std::vector<Score> scores(prompts.size());
  for (size_t i = 0; i < prompts.size(); ++i) {
    ScoreRequest request;
    request.prompt = prompts[i];
    if (!continuations.empty()) request.continuation = continuations[i];
    request.on_score = [&scores, i](Score made) { scores[i] = std::move(made); };
    scheduler.submit(std::move(request));
  }
  scheduler.run();
  return scores;
}

}  // namespace lmc::infer
