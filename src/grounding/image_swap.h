// Which other question's image each question is shown: a derangement.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "record/question.h"  // Question

namespace lmc::grounding {

// For each question the place of the one that lends its image.
using ImageSwap = std::vector<std::optional<size_t>>;

// Every image is lent as often as it is shown with its own question. No question gets an image
// equal to its own (by SHA-256, else by path).
//
// The questions stand in a ring, those of one image side by side, in an order drawn from `seed`.
// If the commonest image has n questions, each question takes the image that stands n places
// on. That fails only when more than half of all questions are about one image; then as few of
// them as possible get none.
// With `within_modality` each modality has a ring of its own; questions without one get none.
ImageSwap swapped_images(const std::vector<record::Question>& questions, bool within_modality,
                         uint64_t seed);

}  // namespace lmc::grounding
