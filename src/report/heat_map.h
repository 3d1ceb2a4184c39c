// An occlusion map over its image, with the boxes that the question came with.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "record/probe.h"     // OcclusionMap
#include "record/question.h"  // Question

namespace lmc::report {

// A figure: the image with the map over it, which a reader can take off, and in words the letter
// and the cell that matters most. `question` is the map's own.
std::string heat_map_html(const record::OcclusionMap& map, const record::Question& question);

// What lies over an image, in an SVG of the view box 0 0 1000 1000 that is stretched over it. The
// cells of a grid: opacity tells the size of a value beside `strongest`, colour its sign; `kind` is
// the group's class.
std::string map_cells(const char* kind, int64_t rows, int64_t columns,
                      const std::vector<double>& values, double strongest);
// The largest size of a value; 0 without any.
double largest_size(const std::vector<double>& values);
std::string map_boxes(std::span<const record::FractionBox> boxes);

}  // namespace lmc::report
