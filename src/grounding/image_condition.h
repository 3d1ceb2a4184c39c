// A question's image, changed so that one can see what the answer hangs on.
//
// All work on the image at the size at which the model sees it (image::smart_resize), so that
// every condition has the size, and so the number of visual tokens, of the real image. Preparing
// such an image for the model does not scale it again.
// Units: all lengths in pixels at that size.
// Detail: random changes draw from the stream they are given; the caller names it by the question's
//         id and a seed, so that nothing depends on the order of questions.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"       // Random
#include "image/preprocess.h"  // Image, SizePx, PreprocessOptions

namespace lmc::grounding {

// Errors: InputError as image::smart_resize.
image::Image at_model_size(const image::Image& image, const image::PreprocessOptions& options,
                           std::string_view where);

// Of another size: scaled to this one.
image::Image at_size(image::Image image, image::SizePx size);

// One value everywhere: 128 for grey, 0 for black, 255 for white.
image::Image flat_image(image::SizePx size, uint8_t value);

// Each pixel and channel drawn from a normal distribution of mean 127.5 and standard deviation 64,
// rounded and clipped to 0..255.
image::Image noise_image(image::SizePx size, Random& random);

// Square cells of `cell_px` in random order: what they show stays, where it is does not. Both sides
// divide by `cell_px`.
image::Image patch_shuffled(const image::Image& image, int64_t cell_px, Random& random);

// Convolved with a Gaussian of standard deviation `sigma_px`, cut off at 3 of these; beyond the
// edge lies the edge's value. A wave of length w keeps exp(-2 (pi sigma / w)^2) of its height: half
// at w = 5.3 sigma.
image::Image low_pass(const image::Image& image, double sigma_px);

// What the low pass takes away: 128 + image - low pass, clipped to 0..255.
image::Image high_pass(const image::Image& image, double sigma_px);

}  // namespace lmc::grounding
