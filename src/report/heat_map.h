// An occlusion map over its image, with the boxes that the question came with.
#pragma once

#include <string>

#include "record/probe.h"     // OcclusionMap
#include "record/question.h"  // Question

namespace lmc::report {

// A figure: the image with the map over it, which a reader can take off, and in words the letter
// and the cell that matters most. `question` is the map's own.
std::string heat_map_html(const record::OcclusionMap& map, const record::Question& question);

}  // namespace lmc::report
