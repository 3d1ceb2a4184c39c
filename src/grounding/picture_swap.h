// Which other question's picture each question is shown: a derangement.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "record/question.h"  // Question

namespace lmc::grounding {

// For each question the place of the one that lends its picture.
using PictureSwap = std::vector<std::optional<size_t>>;

// Every picture is lent as often as it is shown with its own question. No question gets a picture
// equal to its own (by SHA-256, else by path).
//
// The questions stand in a ring, those of one picture side by side, in an order drawn from `seed`.
// If the commonest picture has n questions, each question takes the picture that stands n places
// on. That fails only when more than half of all questions are about one picture; then as few of
// them as possible get none.
// With `within_modality` each modality has a ring of its own; questions without one get none.
PictureSwap swapped_pictures(const std::vector<record::Question>& questions, bool within_modality,
                             uint64_t seed);

}  // namespace lmc::grounding
