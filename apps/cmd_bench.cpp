// `litemedcot bench`: how fast a model runs here.
#include <sys/resource.h>

#include <chrono>
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "apps/engine_loader.h"  // EngineOptions, load_engine
#include "base/json.h"           // to_pretty_text
#include "base/random.h"         // Random
#include "infer/speed.h"         // measure_speed
#include "prompt/processor.h"    // Processor

namespace lmc::apps {

namespace {

struct BenchOptions {
  EngineOptions engine;
  infer::SpeedPlan plan;
  int64_t image_side = 512;

  std::vector<Field> fields() {
    std::vector<Field> all;
    append_fields(all, "Model", engine.fields());
    append_fields(
        all, "What is measured",
        {{"prompt-tokens", "of the prompt that is read", &plan.prompt_tokens, at_least(1)},
         {"depth", "tokens before those that are decoded", &plan.depth, at_least(1)},
         {"decode-tokens", "tokens that are decoded one by one", &plan.decode_tokens, at_least(1)},
         {"image-side", "of the square image, in pixels", &image_side, at_least(32)},
         {"text-tokens", "behind the image", &plan.text_tokens, at_least(1)},
         {"repetitions", "that count; one more comes before them", &plan.repetitions,
          at_least(1)}});
    return all;
  }
};

image::Image noise(int64_t side) {
  Random random(0);
  image::Image image{side, side, {}};
  for (int64_t i = 0; i < 3 * side * side; ++i) {
    image.rgb_HWC.push_back(static_cast<uint8_t>(random.integer(0, 255)));
  }
  return image;
}

Json figures(const std::vector<double>& values) {
  return {{"median", infer::median(values)}, {"all", values}};
}

void bench(const BenchOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const prompt::Processor processor(options.engine.model);
  const auto engine = load_engine(options.engine);
  const double load_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto image = processor.patches(noise(options.image_side), "the image");
  const infer::Speed speed = infer::measure_speed(*engine, *image, options.plan);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const infer::EngineInfo& info = engine->info();
  std::cout << to_pretty_text({{"engine", info.name},
                               {"device", info.device},
                               {"weights", info.dtype},
                               {"load_s", load_s},
                               {"prefill_tokens_per_s", figures(speed.prefill_tokens_per_s)},
                               {"decode_tokens_per_s", figures(speed.decode_tokens_per_s)},
                               {"encode_s", figures(speed.encode_s)},
                               {"first_token_s", figures(speed.first_token_s)},
                               {"peak_memory_mb", static_cast<double>(usage.ru_maxrss) / 1024},
                               {"kv_bytes_per_token", info.kv_bytes_per_token}});
}

}  // namespace

Command bench_command() {
  const auto options = std::make_shared<BenchOptions>();
  return {"bench",
          "measure how fast a model runs here",
          "  litemedcot bench --model student.lmcd\n"
          "  litemedcot bench --model DIR --prompt-tokens 128 --repetitions 1\n",
          options->fields(),
          "",
          [options] { bench(*options); }};
}

}  // namespace lmc::apps
