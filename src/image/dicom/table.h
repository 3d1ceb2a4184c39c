// Lookup tables of a DICOM file: of the modality, of the view, of a palette.
//
// Source: DICOM PS3.3 C.11.1.1 (modality), C.11.2.1 (view), C.7.6.3.1.5 and C.7.9.2 (palettes).
// Errors: InputError for a table whose parts do not fit each other.
// Threads: pure functions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "image/dicom/data_set.h"

namespace lmc::image::dicom {

struct Table {
  int64_t first = 0;  // the input that the first entry is for
  int bits = 8;       // of an entry's value, as the file states
  std::vector<uint16_t> entries;

  // Inputs outside take the nearest entry.
  uint16_t at(int64_t input) const {
    const int64_t last = static_cast<int64_t>(entries.size()) - 1;
    return entries[static_cast<size_t>(std::clamp<int64_t>(input - first, 0, last))];
  }
};

// Of an item of a modality's or view's sequence. `may_be_negative`: whether the first input is a
// signed number where the file's form does not say so.
Table table_of_item(const DataSet& item, bool may_be_negative, std::string_view where);

// Channel 0 red, 1 green, 2 blue. Segmented tables are unfolded.
Table palette_of(const DataSet& data, uint32_t channel, bool may_be_negative,
                 std::string_view where);

}  // namespace lmc::image::dicom
