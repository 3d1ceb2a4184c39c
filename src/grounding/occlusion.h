// On which parts of the image an answer hangs: a window of cells of a grid is hidden in turn, and
// what that takes from the log-probability of the answer is the window's value.
//
//   value of window w = log p(answer | image) - log p(answer | image with w hidden)
//   value of a cell   = mean of the values of the windows that cover it
//
// A hidden window is painted over with what surrounds it (image/fill_in.h). The classic fill, the
// image's mean colour, puts a square where nothing was: on a dark lung it looks like a finding,
// and the map then shows where findings are not. A window of several cells, moved by one, covers
// what is larger than a cell.
//
// The answer is the one the model gave to the whole image: its letter where the shortest reply
// has it (p over the whole vocabulary), or, of a model that reasons, its whole reply up to the
// letter (the sum over the reply's tokens, each after those before it), because a letter after a
// fixed reasoning hardly looks at the image.
//
// Curves: cells are hidden from the largest value down (deletion), or shown on an empty image in
// that order (insertion), in equal steps; beside them, hiding in a random order. With all cells
// hidden the image has its mean colour.
//
// Beside it, where the engine can tell: gradient times input of the visual tokens for the same text
// (infer/explainer.h), at the cost of one pass forward and back.
//
// Source: occlusion: Zeiler and Fergus, ECCV 2014; curves: Petsiuk et al., RISE, BMVC 2018.
// Cost: 2 + windows + 3 (steps - 1) images a map, prefilled in batches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/enum_names.h"   // Named
#include "image/image.h"       // Image
#include "infer/engine.h"      // Engine
#include "prompt/processor.h"  // Processor
#include "record/probe.h"      // OcclusionMap
#include "record/question.h"   // Question

namespace lmc::grounding {

enum class Fill { kSurroundings, kMeanColour };
constexpr auto names_of(Fill) {
  return std::to_array<Named<Fill>>(
      {{Fill::kSurroundings, "surroundings"}, {Fill::kMeanColour, "mean"}});
}

struct OcclusionOptions {
  int64_t grid = 8;    // cells down and across; 0: the model's visual tokens
  int64_t window = 1;  // cells down and across that are hidden together
  Fill fill = Fill::kSurroundings;
  int64_t curve_steps = 8;  // 0: no curves
  int64_t batch = 16;       // images put together
  bool with_reasoning = false;
  uint64_t seed = 0;  // of the random order
};

// `real` is the answer to the whole image. A question that was not answered, or whose image
// cannot be read, gets a map that says so.
record::OcclusionMap occlusion_map(infer::Engine& engine, const prompt::Processor& processor,
                                   const record::Question& question, const record::Answer& real,
                                   const OcclusionOptions& options);

// The image with these cells of a rows x columns grid hidden. Cell edges lie at whole pixels:
// row r begins at floor(r * height / rows).
image::Image masked(const image::Image& image, int64_t rows, int64_t columns,
                    const std::vector<size_t>& cells, Fill fill);

}  // namespace lmc::grounding
