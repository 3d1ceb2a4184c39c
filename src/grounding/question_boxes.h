// The boxes that came with a question, and which of them a sentence speaks of.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"       // Image
#include "record/image_map.h"  // FractionBox
#include "record/question.h"   // Question

namespace lmc::grounding {

struct LabelledBox {
  std::string label;
  record::FractionBox box;
};

// Cut to the image, whose size the pixels of the boxes belong to; those without area are left out.
std::vector<LabelledBox> boxes_of(const record::Question& question, const image::Image& stored);

// Whether the words of the label stand in the sentence in their order: "left upper zone" in "Left
// lung: upper clear, middle opacity". Words that name no place but a kind of one need not be there:
// zone, region, area, field, side. Case and punctuation do not count. An empty label is never
// spoken of.
bool speaks_of(std::string_view sentence, std::string_view label);

}  // namespace lmc::grounding
