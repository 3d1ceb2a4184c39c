// What the page is told of a DICOM image: its windows and frames, how it is shown, and warnings.
#pragma once

#include "base/json.h"          // Json
#include "image/dicom_facts.h"  // DicomFacts

namespace lmc::serve {

// {"modality", "frames", "frame", "presets": [window with "name"], "window": {"text", "centre",
// "width"} or null for colour, "warnings": [{"kind", "why"}]}. Centre and width are null where the
// grey comes from a table of the file, or from the least and greatest value.
Json dicom_json(const image::DicomFacts& facts);

}  // namespace lmc::serve
