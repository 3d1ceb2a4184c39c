// Draws the world: a small radiograph-like grey picture with soft-edged shapes, jitter and noise.
//
// Units:   pixels of the picture; brightness 0 (black) to 1 (white).
// Detail:  every element (body, a zone, the heart, the noise) draws from its own named stream, so
//          that two pictures of one seed differ only where their findings differ.
// Threads: pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "image/image.h"      // Image
#include "phantom/world.h"    // Findings
#include "record/question.h"  // Box

namespace lmc::phantom {

inline constexpr int64_t kPictureSidePx = 128;

struct Picture {
  image::Image image;  // kPictureSidePx square, three equal channels
  // One for each place (world.h), inside the picture: where its findings are drawn, and all of what
  // it holds. The heart's is the heart itself.
  std::vector<record::Box> boxes;
};

Picture render(const Findings& findings, uint64_t seed);

}  // namespace lmc::phantom
