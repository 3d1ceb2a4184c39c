// A DICOM file's data elements, of which only the technical ones come out: what is needed to show
// the pixels, the kind of image, and whether text is burned into it. All others
// (names, numbers, dates, UIDs, private groups) are stepped over and never read.
//
// Reads explicit and implicit, little- and big-endian and deflated files; a file without the head
// that it should have is read by what it looks like.
// Source: DICOM PS3.10 section 7 (file format), PS3.5 section 7 (data elements, sequences), annex A
//         (transfer syntaxes), PS3.6 (tags).
// Errors: InputError for a file that is cut short or damaged.
// Cost:   linear in the number of elements; nothing is copied. Sequences nest at most 16 deep.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::image::dicom {

// Group and number.
enum Tag : uint32_t {
  kTransferSyntax = 0x00020010,
  kImageType = 0x00080008,
  kSopClass = 0x00080016,
  kModality = 0x00080060,
  kSamplesPerPixel = 0x00280002,
  kPhotometricInterpretation = 0x00280004,
  kPlanarConfiguration = 0x00280006,
  kNumberOfFrames = 0x00280008,
  kRows = 0x00280010,
  kColumns = 0x00280011,
  kBitsAllocated = 0x00280100,
  kBitsStored = 0x00280101,
  kHighBit = 0x00280102,
  kPixelRepresentation = 0x00280103,
  kPixelPaddingValue = 0x00280120,
  kPixelPaddingRangeLimit = 0x00280121,
  kBurnedInAnnotation = 0x00280301,
  kWindowCenter = 0x00281050,
  kWindowWidth = 0x00281051,
  kRescaleIntercept = 0x00281052,
  kRescaleSlope = 0x00281053,
  kWindowExplanation = 0x00281055,
  kVoiLutFunction = 0x00281056,
  kRedDescriptor = 0x00281101,  // green and blue follow
  kRedTable = 0x00281201,
  kSegmentedRedTable = 0x00281221,
  kModalityLutSequence = 0x00283000,
  kLutDescriptor = 0x00283002,
  kLutExplanation = 0x00283003,
  kLutData = 0x00283006,
  kVoiLutSequence = 0x00283010,
  kRepresentativeFrame = 0x00286010,
  kFrameVoiLutSequence = 0x00289132,
  kPixelValueSequence = 0x00289145,
  kSharedGroups = 0x52009229,
  kPerFrameGroups = 0x52009230,
  kExtendedOffsets = 0x7FE00001,
  kFloatPixels = 0x7FE00008,
  kDoublePixels = 0x7FE00009,
  kPixels = 0x7FE00010,
};

// How numbers and elements are written.
struct Form {
  bool is_explicit = true;  // each element says its type
  bool is_big_endian = false;
};

struct Element {
  uint32_t tag = 0;
  std::string_view value;  // of a sequence its items, of encapsulated pixels the fragments
  bool has_undefined_length = false;  // ends with a delimiter, which is not part of the value
  Form form;                          // of what is in the value
  std::string_view type;              // "OW"; empty: the file's form does not say it
};

// The technical elements of one level.
class DataSet {
 public:
  // Null: the file has none.
  const Element* find(uint32_t tag) const;

  // Texts, without blanks around them; the parts between backslashes.
  std::vector<std::string> texts(uint32_t tag) const;
  // The first of them; empty when there is none.
  std::string text(uint32_t tag) const;
  // Numbers that are written as text; what is none is left out.
  std::vector<double> decimals(uint32_t tag) const;
  // The n-th 16-bit number.
  std::optional<uint16_t> word(uint32_t tag, size_t n = 0) const;

  // The n-th item of a sequence; nothing: there are fewer.
  std::optional<DataSet> item(uint32_t tag, size_t n, std::string_view where) const;
  // At most `most`.
  size_t num_items(uint32_t tag, size_t most, std::string_view where) const;

  // Of elements that repeat the first counts.
  void add(const Element& element) {
    if (find(element.tag) == nullptr) elements_.push_back(element);
  }

 private:
  std::vector<Element> elements_;
};

struct File {
  std::string transfer_syntax;
  DataSet data;
  std::unique_ptr<std::vector<char>> inflated;  // what a deflated file's elements point into
};

// By its mark behind 128 bytes, or by its first element.
bool is_dicom(std::string_view file);

// The elements point into `file`.
File read_file(std::string_view file, std::string_view where);

// Of what is read only as far as it is well-formed: never an error, an empty set for no DICOM.
File read_what_is_there(std::string_view file);

// The n-th value of a 16-bit table.
uint16_t word_at(std::string_view bytes, size_t n, bool is_big_endian);

// Fragments of encapsulated pixels; the first is the table of offsets.
std::vector<std::string_view> fragments_of(const Element& pixels, std::string_view where);

}  // namespace lmc::image::dicom
