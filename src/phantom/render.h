// Draws the world: a small radiograph-like grey image with soft-edged shapes, jitter and noise.
//
// Units:   pixels of the image; brightness 0 (black) to 1 (white).
// Detail:  every element (body, a zone, the heart, the noise) draws from its own named stream, so
//          that two images of one seed differ only where their findings differ.
// Threads: pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "image/image.h"      // Image
#include "phantom/world.h"    // Findings
#include "record/question.h"  // Box

namespace lmc::phantom {

inline constexpr int64_t kImageSidePx = 128;

struct RenderedImage {
  image::Image image;  // kImageSidePx square, three equal channels
  // One for each place (world.h), inside the image: where its findings are drawn, and all of what
  // it holds. The heart's is the heart itself.
  std::vector<record::Box> boxes;
};

RenderedImage render(const Findings& findings, uint64_t seed);

}  // namespace lmc::phantom
