// `litemedcot bench`: how fast a model runs here.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "apps/command.h"
#include "apps/engine_loader.h"      // EngineOptions, load_engine
#include "base/check.h"              // cat
#include "base/energy_meter.h"       // EnergyMeter
#include "base/json.h"               // to_pretty_text
#include "base/random.h"             // Random
#include "infer/speed.h"             // measure_speed
#include "prompt/processor.h"        // Processor
#include "runtime/device_engine.h"   // DeviceEngine
#include "runtime/machine_limits.h"  // token_work, read_bytes_per_s, products_per_s

namespace lmc::apps {

namespace {

struct BenchOptions {
  EngineOptions engine;
  infer::SpeedPlan plan;
  int64_t image_side = 512;
  bool json = false;

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
    append_fields(all, "Output", {{"json", "all figures as JSON", &json}});
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

// What the machine gives at most, and what the model asks of it for a token; of device files.
struct Limits {
  runtime::TokenWork work;
  double read_bytes_per_s = 0;
  double products_per_s = 0;
  double bytes_per_token = 0;  // decoded behind `depth` tokens: weights, keys and values

  // Highest speeds that memory and arithmetic would allow, in tokens a second.
  double decode() const { return read_bytes_per_s / bytes_per_token; }
  double prefill() const { return products_per_s / static_cast<double>(work.products); }
};

std::optional<Limits> limits_of(const infer::Engine& engine, const infer::SpeedPlan& plan) {
  const auto* device = dynamic_cast<const runtime::DeviceEngine*>(&engine);
  if (device == nullptr) return std::nullopt;
  const runtime::LanguageModel& model = device->model().language();
  const runtime::Machine& machine = device->machine();
  Limits limits;
  limits.work = runtime::token_work(model);
  limits.read_bytes_per_s = runtime::read_bytes_per_s(machine.pool);
  limits.products_per_s = runtime::products_per_s(machine, model.layers.front().gate.layout().form);
  limits.bytes_per_token =
      static_cast<double>(limits.work.weight_bytes) +
      static_cast<double>(engine.info().kv_bytes_per_token * (plan.depth + plan.decode_tokens / 2));
  return limits;
}

struct Measured {
  double load_s = 0;
  infer::Speed speed;
  std::optional<Limits> limits;
  double peak_memory_mb = 0;
};

void print_json(const infer::EngineInfo& info, const Measured& measured) {
  const auto figures = [](const std::vector<double>& values) -> Json {
    if (values.empty()) return nullptr;
    return {{"median", infer::median(values)}, {"all", values}};
  };
  const infer::Speed& speed = measured.speed;
  Json json = {{"engine", info.name},
               {"device", info.device},
               {"weights", info.dtype},
               {"load_s", measured.load_s},
               {"prefill_tokens_per_s", figures(speed.prefill_tokens_per_s)},
               {"decode_tokens_per_s", figures(speed.decode_tokens_per_s)},
               {"encode_s", figures(speed.encode_s)},
               {"first_token_s", figures(speed.first_token_s)},
               {"prefill_joules_per_token", figures(speed.prefill_joules_per_token)},
               {"decode_joules_per_token", figures(speed.decode_joules_per_token)},
               {"peak_memory_mb", measured.peak_memory_mb},
               {"kv_bytes_per_token", info.kv_bytes_per_token},
               {"limits", nullptr}};
  if (const auto& limits = measured.limits) {
    json["limits"] = {
        {"read_bytes_per_s", limits->read_bytes_per_s},
        {"bytes_per_decoded_token", limits->bytes_per_token},
        {"decode_fraction", infer::median(speed.decode_tokens_per_s) / limits->decode()},
        {"products_per_s", limits->products_per_s},
        {"products_per_token", limits->work.products},
        {"prefill_fraction", infer::median(speed.prefill_tokens_per_s) / limits->prefill()}};
  }
  std::cout << to_pretty_text(json);
}

std::string rounded(double value) {
  std::ostringstream out;
  out << std::fixed
      << std::setprecision(value < 0.1   ? 4
                           : value < 10  ? 2
                           : value < 100 ? 1
                                         : 0)
      << value;
  return out.str();
}

// "12.3 (11.9 to 12.4) tokens/s"
std::string with_range(const std::vector<double>& values, const std::string& unit) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return cat(rounded(infer::median(values)), " ", unit, " (", rounded(*least), " to ",
             rounded(*most), ")");
}

void print_text(const BenchOptions& options, const infer::EngineInfo& info,
                const Measured& measured) {
  const infer::Speed& speed = measured.speed;
  const infer::SpeedPlan& plan = options.plan;
  const auto line = [](const std::string& what, const std::string& value) {
    std::cout << std::left << std::setw(44) << what << value << "\n";
  };
  const auto of_limit = [&](const std::vector<double>& speeds, double limit) {
    return cat("; ", rounded(100 * infer::median(speeds) / limit), " % of ", rounded(limit));
  };
  const auto& limits = measured.limits;
  line("engine, device, weights", cat(info.name, ", ", info.device, ", ", info.dtype));
  line("load", cat(rounded(measured.load_s), " s"));
  line(cat("prefill of ", plan.prompt_tokens, " tokens"),
       with_range(speed.prefill_tokens_per_s, "tokens/s") +
           (limits ? of_limit(speed.prefill_tokens_per_s, limits->prefill()) : ""));
  line(cat("decode behind ", plan.depth),
       with_range(speed.decode_tokens_per_s, "tokens/s") +
           (limits ? of_limit(speed.decode_tokens_per_s, limits->decode()) : ""));
  line(cat("image of ", options.image_side, "x", options.image_side),
       with_range(speed.encode_s, "s"));
  line(cat("the image and ", plan.text_tokens, " tokens to the first"),
       with_range(speed.first_token_s, "s"));
  if (!speed.decode_joules_per_token.empty()) {
    line("energy of the processor, prefill", with_range(speed.prefill_joules_per_token, "J/token"));
    line("energy of the processor, decode", with_range(speed.decode_joules_per_token, "J/token"));
  }
  line("peak memory", cat(rounded(measured.peak_memory_mb), " MB"));
  if (!limits) return;
  line("memory gives", cat(rounded(limits->read_bytes_per_s / 1e9), " GB/s; a decoded token reads ",
                           rounded(limits->bytes_per_token / 1e9), " GB"));
  line("kernels multiply, out of the caches",
       cat(rounded(limits->products_per_s / 1e9), " G/s; a token takes ",
           rounded(static_cast<double>(limits->work.products) / 1e9), " G in the layers"));
}

void bench(const BenchOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const prompt::Processor processor(options.engine.model);
  const auto engine = load_engine(options.engine);
  Measured measured;
  measured.load_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto image = processor.patches(noise(options.image_side), "the image");
  EnergyMeter meter;
  infer::SpeedPlan plan = options.plan;
  plan.joules = [&] { return meter.joules(); };
  plan.on_repetition = [&](int64_t repetition) {
    std::cerr << "bench: " << (repetition == 0 ? "once before it counts" : "repetition ");
    if (repetition > 0) std::cerr << repetition << " of " << plan.repetitions;
    std::cerr << "\n";
  };
  measured.speed = infer::measure_speed(*engine, *image, plan);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  measured.peak_memory_mb = static_cast<double>(usage.ru_maxrss) / 1024;
  // Behind the peak, as the memory that is read takes some.
  measured.limits = limits_of(*engine, plan);
  if (options.json) {
    print_json(engine->info(), measured);
  } else {
    print_text(options, engine->info(), measured);
  }
}

}  // namespace

Command bench_command() {
  const auto options = std::make_shared<BenchOptions>();
  return {"bench",
          "measure how fast a model runs here",
          "  litemedcot bench --model student.lmcd\n"
          "  litemedcot bench --model DIR --prompt-tokens 128 --repetitions 1 --json\n",
          options->fields(),
          "",
          [options] { bench(*options); }};
}

}  // namespace lmc::apps
