// Writes DICOM files: attributes in ascending order, explicit VR, little endian, text in UTF-8.
//
// Source: DICOM PS3.5 sections 7.1, 7.5 and annex A.2; PS3.10 section 7 for the file's head.
// Threads: a Dataset belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::archive {

class Dataset {
 public:
  // `vr` is one that holds text: "LO", "UI", "UT", ... A value longer than its VR can hold is cut at
  // a character; several values of one attribute are parted by a backslash.
  void set(uint32_t tag, std::string_view vr, std::string_view value);

  // A sequence of items; none are as good as an attribute without value.
  void set_items(uint32_t tag, const std::vector<Dataset>& items);

  std::string bytes() const;

 private:
  std::map<uint32_t, std::string> elements_;  // as they are written
};

// A whole file. SOP class and instance are taken from the data set's own (0008,0016), (0008,0018).
std::string dicom_file(const Dataset& dataset, std::string_view sop_class,
                       std::string_view sop_instance);

// A new UID, of 122 random bits.
// Source: PS3.5 annex B.2.
std::string new_uid();

}  // namespace lmc::archive
