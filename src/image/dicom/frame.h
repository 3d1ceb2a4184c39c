// One frame of a DICOM file: where its bytes are, and its samples.
//
// Source: DICOM PS3.5 section 8 (native pixels), annex A.4 (encapsulated ones), PS3.3 C.7.6.3.1.
// Errors: InputError for a frame that is not there, is cut short or cannot be decoded.
// Threads: pure functions.
#pragma once

#include <string_view>

#include "image/dicom/codecs.h"        // Samples
#include "image/dicom/pixel_format.h"  // PixelFormat

namespace lmc::image::dicom {

// `frame` counts from 0 and is below format.num_frames.
Samples samples_of_frame(const File& file, const PixelFormat& format, int64_t frame,
                         std::string_view where);

}  // namespace lmc::image::dicom
