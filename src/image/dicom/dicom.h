// A DICOM file's frame as an image, and what is known of it.
//
// Errors: InputError in one line, which repeats nothing of the file that could name a patient.
// Threads: pure functions.
#pragma once

#include <string_view>

#include "image/dicom_facts.h"  // DicomView, DicomFacts
#include "image/file_head.h"    // FileHead
#include "image/image.h"        // Image

namespace lmc::image::dicom {

struct Shown {
  Image image;
  Traits traits;
  DicomFacts facts;
};

Shown decode_dicom(std::string_view bytes, const DicomView& view, int64_t max_pixels,
                   std::string_view where);

FileHead head_of_dicom(std::string_view bytes);

}  // namespace lmc::image::dicom
