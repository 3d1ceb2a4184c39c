// An answer as a DICOM Basic Text SR, to be filed beside the image it speaks of.
//
// It is marked unverified and "research use only", names the model, and stands in the study of the
// image, with the patient as the archive has him. Those attributes are passed on and kept nowhere.
// Source: DICOM PS3.3 annex A.35.1; concept names of PS3.16 where there are some.
// Threads: pure functions but for the random UIDs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "archive/dicomweb.h"  // InstancePath
#include "base/json.h"         // LargeJson

namespace lmc::archive {

struct ReportedAnswer {
  std::string question;
  std::vector<std::string> options;  // as they were shown: "A. Liver"
  std::string answer;
  std::string confidence;  // in words; empty: none
  std::string reasoning;
  std::string model;
  int64_t frame = 0;     // of the image, from 1, that was asked about; 0: it has but one
  std::string shown_as;  // with which window, in words; empty: its own
};

// `image` are the attributes of the instance at `path` (Archive::metadata).
std::string text_report(const ReportedAnswer& answer, const LargeJson& image,
                        const InstancePath& path);

}  // namespace lmc::archive
