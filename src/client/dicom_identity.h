// What a DICOM file says about its own de-identification. Its pixels are not read.
//
// Source: DICOM PS3.10 section 7 (file format), PS3.5 section 7 (data elements), PS3.3 C.7.1.1
// (Patient Identity Removed) and C.7.6.1 (Burned In Annotation).
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace lmc::client {

struct DicomIdentity {
  std::string patient_identity_removed;  // (0012,0062): "YES", "NO"; empty: not said
  std::string burned_in_annotation;      // (0028,0301): the same
};

// Whether `file` has the mark of a DICOM file, "DICM" after 128 bytes.
bool is_dicom(std::string_view file);

// Reads the top-level data set up to the pixels. A file that is cut short or damaged says what was
// found by then; one in big-endian or deflated form says nothing.
DicomIdentity dicom_identity(std::string_view file);

}  // namespace lmc::client
