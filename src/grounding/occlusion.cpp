#include "grounding/occlusion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/check.h"                   // InputError
#include "base/parallel.h"                // parallel_for
#include "data/picture.h"                 // read_picture
#include "eval/answer_slot.h"             // find_answer_slot
#include "eval/question_prompt.h"         // question_input, too_long
#include "grounding/picture_condition.h"  // at_model_size
#include "prompt/answer_letter.h"         // reasoning_of

namespace lmc::grounding {

namespace {

// The tokens whose probability is measured, after the prompt and `given`.
struct Measured {
  std::vector<int32_t> given;
  std::vector<int32_t> ids;
};

Measured what_to_measure(const record::Question& question, const record::Answer& real,
                         const prompt::Processor& processor, bool with_reasoning) {
  const std::string reasoning = with_reasoning ? prompt::reasoning_of(real.reply) : "";
  eval::AnswerSlot slot = eval::find_answer_slot(question.options, reasoning, processor, "--maps");
  const int32_t letter = slot.letter_ids.at(real.letter[0]);
  if (!with_reasoning) return {std::move(slot.prefix_ids), {letter}};
  slot.prefix_ids.push_back(letter);
  return {{}, std::move(slot.prefix_ids)};
}

// Measures one question with many pictures.
class Meter {
 public:
  Meter(infer::Engine& engine, const prompt::Processor& processor, const record::Question& question,
        const Measured& measured, const OcclusionOptions& options)
      : engine_(engine),
        processor_(processor),
        question_(question),
        measured_(measured),
        options_(options) {}

  // log p of the measured tokens with each of `count` pictures.
  std::vector<double> measure(size_t count, const std::function<image::Image(size_t)>& picture) {
    std::vector<double> result;
    const auto batch = static_cast<size_t>(options_.batch);
    for (size_t begin = 0; begin < count; begin += batch) {
      std::vector<prompt::ModelInput> inputs(std::min(batch, count - begin));
      parallel_for(inputs.size(), [&](size_t i) { inputs[i] = input_with(picture(begin + i)); });
      for (const double value : log_probabilities(inputs)) result.push_back(value);
    }
    return result;
  }

  prompt::ModelInput input_with(const image::Image& picture) const {
    const auto style = options_.with_reasoning ? prompt::ReplyStyle::kReasoningThenAnswer
                                               : prompt::ReplyStyle::kAnswerOnly;
    prompt::ModelInput input = eval::question_input(question_, &picture, "", processor_, style);
    eval::append_text(measured_.given, input);
    return input;
  }

 private:
  std::vector<double> log_probabilities(std::span<const prompt::ModelInput> inputs) {
    const std::unique_ptr<infer::Session> session = engine_.prefill(inputs);
    std::vector<double> totals(inputs.size(), 0.0);
    for (size_t t = 0; t < measured_.ids.size(); ++t) {
      const int32_t id = measured_.ids[t];
      for (size_t row = 0; row < inputs.size(); ++row) {
        const std::span<const float> logits_V = session->logits(static_cast<int64_t>(row));
        totals[row] += logits_V[static_cast<size_t>(id)] - eval::log_total(logits_V);
      }
      if (t + 1 < measured_.ids.size()) {
        session->step(std::vector<int32_t>(inputs.size(), id));
      }
    }
    return totals;
  }

  infer::Engine& engine_;
  const prompt::Processor& processor_;
  const record::Question& question_;
  const Measured& measured_;
  const OcclusionOptions& options_;
};

std::vector<std::array<double, 4>> boxes_as_shares(const record::Question& question,
                                                   const image::Image& stored) {
  std::vector<std::array<double, 4>> boxes;
  const auto width = static_cast<double>(stored.width_px);
  const auto height = static_cast<double>(stored.height_px);
  for (const record::Box& box : question.boxes) {
    std::array<double, 4> share{box.ltrb_px[0] / width, box.ltrb_px[1] / height,
                                box.ltrb_px[2] / width, box.ltrb_px[3] / height};
    for (double& end : share) end = std::clamp(end, 0.0, 1.0);
    if (share[0] < share[2] && share[1] < share[3]) boxes.push_back(share);
  }
  return boxes;
}

std::vector<size_t> first_of(const std::vector<size_t>& order, size_t count) {
  return {order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::vector<size_t> after(const std::vector<size_t>& order, size_t count) {
  return {order.begin() + static_cast<std::ptrdiff_t>(count), order.end()};
}

void add_curves(Meter& meter, const image::Image& picture, const OcclusionOptions& options,
                record::OcclusionMap& map) {
  const size_t cells = map.values.size();
  std::vector<size_t> order(cells);
  std::iota(order.begin(), order.end(), size_t{0});
  std::vector<size_t> random_order = order;
  Random::named(options.seed, "curve " + map.question_id).shuffle(random_order);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return map.values[a] > map.values[b]; });

  const auto steps = static_cast<size_t>(options.curve_steps);
  std::vector<std::vector<size_t>> hidden;  // what is masked: three curves without their ends
  for (int curve = 0; curve < 3; ++curve) {
    for (size_t k = 1; k < steps; ++k) {
      const size_t count = (2 * k * cells + steps) / (2 * steps);  // rounded
      hidden.push_back(curve == 0   ? first_of(order, count)
                       : curve == 1 ? after(order, count)
                                    : first_of(random_order, count));
    }
  }
  const std::vector<double> values = meter.measure(
      hidden.size(), [&](size_t i) { return masked(picture, map.rows, map.columns, hidden[i]); });
  const auto curve = [&](size_t index, double first, double last) {
    std::vector<double> points = {first};
    for (size_t k = 1; k < steps; ++k) points.push_back(values[index * (steps - 1) + k - 1]);
    points.push_back(last);
    return points;
  };
  map.deletion = curve(0, map.whole, map.blank);
  map.insertion = curve(1, map.blank, map.whole);
  map.random_deletion = curve(2, map.whole, map.blank);
}

}  // namespace

image::Image masked(const image::Image& picture, int64_t rows, int64_t columns,
                    const std::vector<size_t>& cells) {
  std::array<int64_t, 3> sums{};
  for (size_t i = 0; i < picture.rgb_HWC.size(); ++i) sums[i % 3] += picture.rgb_HWC[i];
  const int64_t pixels = picture.height_px * picture.width_px;
  std::array<uint8_t, 3> mean{};
  for (size_t c = 0; c < 3; ++c) {
    mean[c] = static_cast<uint8_t>((2 * sums[c] + pixels) / (2 * pixels));
  }
  image::Image changed = picture;
  for (const size_t cell : cells) {
    const int64_t row = static_cast<int64_t>(cell) / columns;
    const int64_t column = static_cast<int64_t>(cell) % columns;
    for (int64_t y = row * picture.height_px / rows; y < (row + 1) * picture.height_px / rows;
         ++y) {
      for (int64_t x = column * picture.width_px / columns;
           x < (column + 1) * picture.width_px / columns; ++x) {
        std::copy(mean.begin(), mean.end(),
                  changed.rgb_HWC.begin() + (y * picture.width_px + x) * 3);
      }
    }
  }
  return changed;
}

record::OcclusionMap occlusion_map(infer::Engine& engine, const prompt::Processor& processor,
                                   const record::Question& question, const record::Answer& real,
                                   const OcclusionOptions& options) {
  record::OcclusionMap map;
  map.question_id = question.id;
  map.figure = real.figure;
  map.letter = real.letter;
  map.measured = options.with_reasoning ? "reply" : "letter";
  map.error = real.error.empty() && real.letter.empty() ? "the reply has no letter" : real.error;
  if (!map.error.empty()) return map;
  image::Image picture;
  try {
    const image::Image stored = data::read_picture(question);
    map.boxes = boxes_as_shares(question, stored);
    picture = at_model_size(stored, processor.preprocess_options(), question.image);
  } catch (const InputError& error) {
    map.error = error.what();
    return map;
  }
  const int64_t token_px =
      processor.preprocess_options().patch_size_px * processor.preprocess_options().merge_size;
  map.rows = options.grid > 0 ? options.grid : picture.height_px / token_px;
  map.columns = options.grid > 0 ? options.grid : picture.width_px / token_px;

  const Measured measured = what_to_measure(question, real, processor, options.with_reasoning);
  map.tokens = static_cast<int64_t>(measured.ids.size());
  Meter meter(engine, processor, question, measured, options);
  prompt::ModelInput longest = meter.input_with(picture);
  eval::append_text(measured.ids, longest);
  map.error = eval::too_long(longest, engine);
  if (!map.error.empty()) return map;

  const auto cells = static_cast<size_t>(map.rows * map.columns);
  std::vector<size_t> all(cells);
  std::iota(all.begin(), all.end(), size_t{0});
  std::vector<double> values = meter.measure(cells + 2, [&](size_t i) {
    if (i == cells) return picture;
    return masked(picture, map.rows, map.columns, i < cells ? std::vector<size_t>{i} : all);
  });
  map.whole = values[cells];
  map.blank = values[cells + 1];
  values.resize(cells);
  for (const double value : values) map.values.push_back(map.whole - value);
  if (options.curve_steps > 1) add_curves(meter, picture, options, map);
  return map;
}

}  // namespace lmc::grounding
