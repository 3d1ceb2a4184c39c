// Parts of an image painted over with what surrounds them.
#pragma once

#include <vector>

#include "image/image.h"  // Image

namespace lmc::image {

// The pixels with `hidden[y * width + x]` take a smooth continuation of the others, without an
// edge where they begin: of each hidden pixel the finest pixel of a pyramid that covers a visible
// one, read bilinearly. The others stay as they are. With nothing visible the image is black.
// Cost:   linear in the pixels.
// Threads: pure function.
// Source: pull-push: Gortler et al., The Lumigraph, SIGGRAPH 1996, section 3.4.2, with weights of
//         one and zero.
Image filled_in(const Image& image, const std::vector<bool>& hidden);

}  // namespace lmc::image
