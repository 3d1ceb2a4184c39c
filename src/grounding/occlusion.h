// On which parts of the picture an answer hangs: each cell of a grid is masked in turn, and what
// that takes from the log-probability of the answer is the cell's value.
//
//   value of cell k = log p(answer | picture) - log p(answer | picture with cell k masked)
//
// A masked cell has the picture's mean colour. The answer is the one the model gave to the whole
// picture: its letter where the shortest reply has it (p over the whole vocabulary), or, of a model
// that reasons, its whole reply up to the letter (the sum over the reply's tokens, each after those
// before it), because a letter after a fixed reasoning hardly looks at the picture.
// Curves: cells are masked from the largest value down (deletion), or shown on an empty picture in
// that order (insertion), in equal steps; beside them, masking in a random order.
// Source: occlusion: Zeiler and Fergus, ECCV 2014; curves: Petsiuk et al., RISE, BMVC 2018.
// Cost: 2 + cells + 3 (steps - 1) pictures a map, prefilled in batches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grounding/probe.h"  // Engine, Processor, Question
#include "image/image.h"      // Image
#include "record/probe.h"     // OcclusionMap

namespace lmc::grounding {

struct OcclusionOptions {
  int64_t grid = 8;         // cells down and across; 0: the model's visual tokens
  int64_t curve_steps = 8;  // 0: no curves
  int64_t batch = 16;       // pictures put together
  bool with_reasoning = false;
  uint64_t seed = 0;  // of the random order
};

// `real` is the answer to the whole picture. A question that was not answered, or whose picture
// cannot be read, gets a map that says so.
record::OcclusionMap occlusion_map(infer::Engine& engine, const prompt::Processor& processor,
                                   const record::Question& question, const record::Answer& real,
                                   const OcclusionOptions& options);

// The picture with these cells of a rows x columns grid masked. Cell edges lie at whole pixels:
// row r begins at floor(r * height / rows).
image::Image masked(const image::Image& picture, int64_t rows, int64_t columns,
                    const std::vector<size_t>& cells);

}  // namespace lmc::grounding
