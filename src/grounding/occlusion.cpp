#include "grounding/occlusion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/check.h"                 // InputError
#include "base/parallel.h"              // parallel_for
#include "data/read_image.h"            // read_image
#include "eval/answer_slot.h"           // find_answer_slot
#include "eval/question_prompt.h"       // question_input
#include "grounding/image_condition.h"  // at_model_size
#include "grounding/question_boxes.h"   // boxes_of
#include "image/fill_in.h"              // filled_in
#include "infer/context.h"              // too_long
#include "infer/explainer.h"            // Explainer
#include "infer/score.h"                // score
#include "reading/answer_letter.h"      // reasoning_of

namespace lmc::grounding {

namespace {

// The tokens whose probability is measured, after the prompt and `given`.
struct Measured {
  std::vector<int32_t> given;
  std::vector<int32_t> ids;
};

Measured what_to_measure(const record::Question& question, const record::Answer& real,
                         const prompt::Processor& processor, bool with_reasoning) {
  const std::string reasoning = with_reasoning ? reading::reasoning_of(real.reply) : "";
  eval::AnswerSlot slot = eval::find_answer_slot(question.options, reasoning, processor, "--maps");
  const int32_t letter = slot.letter_ids.at(real.letter[0]);
  if (!with_reasoning) return {std::move(slot.prefix_ids), {letter}};
  slot.prefix_ids.push_back(letter);
  return {{}, std::move(slot.prefix_ids)};
}

// Measures one question with many images.
class Meter {
 public:
  Meter(infer::Engine& engine, const prompt::Processor& processor, const record::Question& question,
        const Measured& measured, const OcclusionOptions& options)
      : engine_(engine),
        processor_(processor),
        question_(question),
        measured_(measured),
        options_(options) {}

  // log p of the measured tokens with each of `count` images.
  std::vector<double> measure(size_t count, const std::function<image::Image(size_t)>& image) {
    std::vector<double> result;
    const auto batch = static_cast<size_t>(options_.batch);
    for (size_t begin = 0; begin < count; begin += batch) {
      std::vector<prompt::ModelInput> inputs(std::min(batch, count - begin));
      parallel_for(inputs.size(), [&](size_t i) { inputs[i] = input_with(image(begin + i)); });
      for (const double value : log_probabilities(inputs)) result.push_back(value);
    }
    return result;
  }

  prompt::ModelInput input_with(const image::Image& image) const {
    const auto style = options_.with_reasoning ? prompt::ReplyStyle::kReasoningThenAnswer
                                               : prompt::ReplyStyle::kAnswerOnly;
    prompt::ModelInput input = eval::question_input(question_, &image, "", processor_, style);
    prompt::append_text(measured_.given, input);
    return input;
  }

 private:
  std::vector<double> log_probabilities(std::span<const prompt::ModelInput> inputs) {
    const std::vector<std::vector<int32_t>> measured(inputs.size(), measured_.ids);
    std::vector<double> totals;
    for (const infer::Score& score : infer::score(engine_, inputs, measured)) {
      totals.push_back(std::accumulate(score.log_probs.begin(), score.log_probs.end(), 0.0));
    }
    return totals;
  }

  infer::Engine& engine_;
  const prompt::Processor& processor_;
  const record::Question& question_;
  const Measured& measured_;
  const OcclusionOptions& options_;
};

// The mean over the whole image, hidden or not.
image::Image with_mean_colour(const image::Image& image, const std::vector<bool>& hidden) {
  std::array<int64_t, 3> sums{};
  for (size_t i = 0; i < image.rgb_HWC.size(); ++i) sums[i % 3] += image.rgb_HWC[i];
  const auto pixels = static_cast<int64_t>(hidden.size());
  image::Image changed = image;
  for (size_t i = 0; i < changed.rgb_HWC.size(); ++i) {
    if (!hidden[i / 3]) continue;
    changed.rgb_HWC[i] = static_cast<uint8_t>((2 * sums[i % 3] + pixels) / (2 * pixels));
  }
  return changed;
}

// The cells of each window, row by row.
std::vector<std::vector<size_t>> windows_of(const record::OcclusionMap& map, int64_t window) {
  const int64_t down = std::min(window, map.rows);
  const int64_t across = std::min(window, map.columns);
  std::vector<std::vector<size_t>> windows;
  for (int64_t top = 0; top + down <= map.rows; ++top) {
    for (int64_t left = 0; left + across <= map.columns; ++left) {
      std::vector<size_t>& cells = windows.emplace_back();
      for (int64_t row = top; row < top + down; ++row) {
        for (int64_t column = left; column < left + across; ++column) {
          cells.push_back(static_cast<size_t>(row * map.columns + column));
        }
      }
    }
  }
  return windows;
}

// Of each cell, the mean of what its windows took away.
std::vector<double> cell_values(const std::vector<std::vector<size_t>>& windows,
                                const std::vector<double>& taken, size_t cells) {
  std::vector<double> sums(cells, 0.0);
  std::vector<double> counts(cells, 0.0);
  for (size_t w = 0; w < windows.size(); ++w) {
    for (const size_t cell : windows[w]) {
      sums[cell] += taken[w];
      ++counts[cell];
    }
  }
  for (size_t cell = 0; cell < cells; ++cell) sums[cell] /= counts[cell];
  return sums;
}

std::vector<size_t> first_of(const std::vector<size_t>& order, size_t count) {
  return {order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::vector<size_t> after(const std::vector<size_t>& order, size_t count) {
  return {order.begin() + static_cast<std::ptrdiff_t>(count), order.end()};
}

void add_curves(Meter& meter, const image::Image& image, const OcclusionOptions& options,
                record::OcclusionMap& map) {
  const size_t cells = map.values.size();
  std::vector<size_t> order(cells);
  std::iota(order.begin(), order.end(), size_t{0});
  std::vector<size_t> random_order = order;
  Random::named(options.seed, "curve " + map.question_id).shuffle(random_order);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return map.values[a] > map.values[b]; });

  const auto steps = static_cast<size_t>(options.curve_steps);
  std::vector<std::vector<size_t>> hidden;  // what is hidden: three curves without their ends
  for (int curve = 0; curve < 3; ++curve) {
    for (size_t k = 1; k < steps; ++k) {
      const size_t count = (2 * k * cells + steps) / (2 * steps);  // rounded
      hidden.push_back(curve == 0   ? first_of(order, count)
                       : curve == 1 ? after(order, count)
                                    : first_of(random_order, count));
    }
  }
  const std::vector<double> values = meter.measure(hidden.size(), [&](size_t i) {
    return masked(image, map.rows, map.columns, hidden[i], options.fill);
  });
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

image::Image masked(const image::Image& image, int64_t rows, int64_t columns,
                    const std::vector<size_t>& cells, Fill fill) {
  std::vector<bool> hidden(static_cast<size_t>(image.height_px * image.width_px));
  for (const size_t cell : cells) {
    const int64_t row = static_cast<int64_t>(cell) / columns;
    const int64_t column = static_cast<int64_t>(cell) % columns;
    for (int64_t y = row * image.height_px / rows; y < (row + 1) * image.height_px / rows; ++y) {
      for (int64_t x = column * image.width_px / columns;
           x < (column + 1) * image.width_px / columns; ++x) {
        hidden[static_cast<size_t>(y * image.width_px + x)] = true;
      }
    }
  }
  const bool is_all = cells.size() == static_cast<size_t>(rows * columns);
  return fill == Fill::kSurroundings && !is_all ? image::filled_in(image, hidden)
                                                : with_mean_colour(image, hidden);
}

record::OcclusionMap occlusion_map(infer::Engine& engine, const prompt::Processor& processor,
                                   const record::Question& question, const record::Answer& real,
                                   const OcclusionOptions& options) {
  record::OcclusionMap map;
  map.question_id = question.id;
  map.image_group = real.image_group;
  map.letter = real.letter;
  map.measured = options.with_reasoning ? "reply" : "letter";
  map.error = real.error.empty() && real.letter.empty() ? "the reply has no letter" : real.error;
  if (!map.error.empty()) return map;
  image::Image image;
  try {
    const image::Image stored = data::read_image(question);
    for (LabelledBox& box : boxes_of(question, stored)) map.boxes.push_back(box.box);
    image = at_model_size(stored, processor.preprocess_options(), question.image);
  } catch (const InputError& error) {
    map.error = error.what();
    return map;
  }
  const int64_t token_px =
      processor.preprocess_options().patch_size_px * processor.preprocess_options().merge_size;
  map.rows = options.grid > 0 ? options.grid : image.height_px / token_px;
  map.columns = options.grid > 0 ? options.grid : image.width_px / token_px;

  const Measured measured = what_to_measure(question, real, processor, options.with_reasoning);
  map.tokens = static_cast<int64_t>(measured.ids.size());
  Meter meter(engine, processor, question, measured, options);
  prompt::ModelInput with_text = meter.input_with(image);
  prompt::append_text(measured.ids, with_text);
  map.error = infer::too_long(with_text, engine.info());
  if (!map.error.empty()) return map;

  const auto cells = static_cast<size_t>(map.rows * map.columns);
  std::vector<size_t> all(cells);
  std::iota(all.begin(), all.end(), size_t{0});
  const std::vector<std::vector<size_t>> windows = windows_of(map, options.window);
  std::vector<double> values = meter.measure(windows.size() + 2, [&](size_t i) {
    if (i == windows.size()) return image;
    return masked(image, map.rows, map.columns, i < windows.size() ? windows[i] : all,
                  options.fill);
  });
  map.whole = values[windows.size()];
  map.blank = values[windows.size() + 1];
  values.resize(windows.size());
  for (double& value : values) value = map.whole - value;
  map.values = cell_values(windows, values, cells);
  if (options.curve_steps > 1) add_curves(meter, image, options, map);
  constexpr auto kGradient = infer::RelevanceKind::kGradient;
  infer::Explainer* const explainer = engine.explainer();
  if (explainer != nullptr && explainer->tells(kGradient)) {
    const infer::TokenRun text{std::ssize(with_text.ids) - map.tokens, map.tokens};
    infer::Relevance relevance =
        std::move(infer::image_relevance(engine, kGradient, with_text, {&text, 1}).front());
    map.token_rows = relevance.rows;
    map.token_columns = relevance.columns;
    map.relevance = std::move(relevance.values);
  }
  return map;
}

}  // namespace lmc::grounding
