#include "infer/speed.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "base/check.h"  // LMC_CHECK

namespace lmc::infer {

namespace {

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::vector<int32_t> some_text(const EngineInfo& info, int64_t count) {
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < count; ++i) {
    auto id = static_cast<int32_t>((1 + i * 7919) % info.vocab_size);
    if (id == info.image_token_id) id = 0;
    ids.push_back(id);
  }
  return ids;
}

// A sequence that is closed at the end.
class Sequence {
 public:
  explicit Sequence(Engine& engine) : engine_(engine), id_(engine.open()) {}
  ~Sequence() { engine_.close(id_); }
  Sequence(const Sequence&) = delete;
  Sequence& operator=(const Sequence&) = delete;

  void read(std::span<const int32_t> ids, std::span<const SharedFeatures> images = {}) {
    const Feed feed{id_, ids, {}, images, 1};
    engine_.forward({&feed, 1});
  }

 private:
  Engine& engine_;
  SequenceId id_;
};

}  // namespace

Speed measure_speed(Engine& engine, const image::PatchGrid& image, const SpeedPlan& plan) {
  Speed speed;
  const std::vector<int32_t> prompt = some_text(engine.info(), plan.prompt_tokens);
  const std::vector<int32_t> before = some_text(engine.info(), plan.depth);
  const std::vector<int32_t> text = some_text(engine.info(), plan.text_tokens);
  const image::PatchGrid* const images[] = {&image};
  const auto joules = [&] { return plan.joules ? plan.joules() : std::nullopt; };
  for (int64_t repetition = 0; repetition <= plan.repetitions; ++repetition) {
    if (plan.on_repetition) plan.on_repetition(repetition);
    const auto note = [&](std::vector<double>& values, double value) {
      if (repetition > 0) values.push_back(value);
    };
    const auto note_energy = [&](std::vector<double>& values, int64_t tokens) {
      if (const auto used = joules()) note(values, *used / static_cast<double>(tokens));
    };
    {
      Sequence sequence(engine);
      joules();
      const double taken = seconds_of([&] { sequence.read(prompt); });
      note_energy(speed.prefill_joules_per_token, plan.prompt_tokens);
      note(speed.prefill_tokens_per_s, static_cast<double>(plan.prompt_tokens) / taken);
    }
    {
      Sequence sequence(engine);
      sequence.read(before);
      joules();
      const double taken = seconds_of([&] {
        for (int64_t i = 0; i < plan.decode_tokens; ++i) sequence.read({&before[0], 1});
      });
      note_energy(speed.decode_joules_per_token, plan.decode_tokens);
      note(speed.decode_tokens_per_s, static_cast<double>(plan.decode_tokens) / taken);
    }
    Sequence sequence(engine);
    std::vector<SharedFeatures> features;
    const double encode_s = seconds_of([&] { features = engine.encode(images); });
    const double rest_s = seconds_of([&] {
      std::vector<int32_t> ids(static_cast<size_t>(features[0]->num_tokens()),
                               engine.info().image_token_id);
      ids.insert(ids.end(), text.begin(), text.end());
      sequence.read(ids, features);
    });
    note(speed.encode_s, encode_s);
    note(speed.first_token_s, encode_s + rest_s);
  }
  return speed;
}

double median(std::vector<double> values) {
  LMC_CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace lmc::infer
