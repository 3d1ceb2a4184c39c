#include "infer/generate.h"

#include <utility>

#include "base/check.h"  // LMC_CHECK

namespace lmc::infer {

std::vector<Reply> generate(Engine& engine, const text::Tokenizer& tokenizer,
                            std::span<const prompt::ModelInput> prompts,
                            std::span<const int32_t> end_ids, const SamplingOptions& options,
                            std::span<const uint64_t> stream_ids, const OnText& on_text) {
  check_sampling(options);
  if (prompts.empty()) return {};
  const size_t copies = stream_ids.size() / prompts.size();
  LMC_CHECK(copies >= 1 && prompts.size() * copies == stream_ids.size(), prompts.size(),
            " prompts, ", stream_ids.size(), " random streams");
  SchedulerOptions together;
  together.max_sequences = std::ssize(stream_ids);
  Scheduler scheduler(engine, tokenizer, end_ids, together);
  std::vector<Reply> replies(stream_ids.size());
  for (size_t i = 0; i < prompts.size(); ++i) {
    GenerateRequest request;
    request.prompt = prompts[i];
    request.sampling = options;
    const auto streams = stream_ids.subspan(i * copies, copies);
    request.stream_ids.assign(streams.begin(), streams.end());
    if (on_text) {
      request.on_text = [&, i](size_t reply, std::string_view piece) {
        return on_text(static_cast<int64_t>(i * copies + reply), piece);
      };
    }
    request.on_replies = [&, i](std::vector<Reply> made) {
      for (size_t k = 0; k < made.size(); ++k) replies[i * copies + k] = std::move(made[k]);
    };
    scheduler.submit(std::move(request));
  }
  scheduler.run();
  return replies;
}

}  // namespace lmc::infer
