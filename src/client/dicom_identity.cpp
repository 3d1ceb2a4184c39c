#include "client/dicom_identity.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

namespace lmc::client {

namespace {

constexpr size_t kPreamble = 128;
constexpr std::string_view kMark = "DICM";
constexpr uint32_t kUndefined = 0xffffffff;
constexpr int kDeepest = 16;  // sequences inside sequences; files in use have three or four

constexpr uint32_t kTransferSyntax = 0x00020010;
constexpr uint32_t kIdentityRemoved = 0x00120062;
constexpr uint32_t kBurnedIn = 0x00280301;
constexpr uint32_t kPixels = 0x7fe00010;
constexpr uint32_t kItemEnd = 0xfffee00d;
constexpr uint32_t kSequenceEnd = 0xfffee0dd;

struct Element {
  uint32_t tag = 0;  // group and number
  std::string_view vr;
  uint32_t size = 0;
  size_t value = 0;  // where the value begins
};

// A cursor over data elements, little endian.
class Walk {
 public:
  Walk(std::string_view file, size_t at) : file_(file), at_(at) {}

  void set_explicit(bool is_explicit) { is_explicit_ = is_explicit; }

  // The element at the cursor, which stays before its value. Nothing: the file ends.
  std::optional<Element> next() {
    if (!holds(8)) return std::nullopt;
    Element element;
    element.tag = static_cast<uint32_t>(number(at_, 2) << 16 | number(at_ + 2, 2));
    const bool is_delimiter = element.tag >> 16 == 0xfffe;
    if (!is_explicit_ || is_delimiter) {
      element.size = number(at_ + 4, 4);
      at_ += 8;
    } else {
      element.vr = file_.substr(at_ + 4, 2);
      if (has_long_size(element.vr)) {
        if (!holds(12)) return std::nullopt;
        element.size = number(at_ + 8, 4);
        at_ += 12;
      } else {
        element.size = number(at_ + 6, 2);
        at_ += 8;
      }
    }
    element.value = at_;
    return element;
  }

  // Moves behind the element's value; false when the file ends inside it.
  bool skip(const Element& element, int depth = 0) {
    if (element.size != kUndefined) {
      if (!holds(element.size)) return false;
      at_ += element.size;
      return true;
    }
    if (depth >= kDeepest) return false;
    // Unknown elements of undefined length hold a sequence in implicit form (PS3.5 6.2.2).
    const bool was_explicit = is_explicit_;
    if (element.vr == "UN") is_explicit_ = false;
    bool whole = false;
    while (const auto inner = next()) {
      if (inner->tag == kSequenceEnd || inner->tag == kItemEnd) {
        whole = true;
        break;
      }
      if (!skip(*inner, depth + 1)) break;
    }
    is_explicit_ = was_explicit;
    return whole;
  }

  // The value of a short text, without its padding.
  std::string text(const Element& element) const {
    if (element.size > 64 || !holds(element.size)) return {};
    std::string_view value = file_.substr(element.value, element.size);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\0')) value.remove_suffix(1);
    return std::string(value);
  }

  size_t at() const { return at_; }
  void go_back(size_t at) { at_ = at; }

 private:
  bool holds(size_t size) const { return file_.size() - at_ >= size; }

  uint32_t number(size_t at, size_t size) const {
    uint32_t value = 0;
    for (size_t i = size; i > 0; --i) {
      value = value << 8 | static_cast<unsigned char>(file_[at + i - 1]);
    }
    return value;
  }

  static bool has_long_size(std::string_view vr) {
    constexpr std::string_view kLong[] = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ",
                                          "SV", "UC", "UN", "UR", "UT", "UV"};
    return std::find(std::begin(kLong), std::end(kLong), vr) != std::end(kLong);
  }

  std::string_view file_;
  size_t at_;
  bool is_explicit_ = true;
};

}  // namespace

bool is_dicom(std::string_view file) {
  return file.size() >= kPreamble + kMark.size() && file.substr(kPreamble, kMark.size()) == kMark;
}

DicomIdentity dicom_identity(std::string_view file) {
  DicomIdentity identity;
  if (!is_dicom(file)) return identity;
  Walk walk(file, kPreamble + kMark.size());
  std::string syntax;
  size_t begin = walk.at();
  while (const auto element = walk.next()) {  // the file's own head, always explicit
    if (element->tag >> 16 != 0x0002) break;
    if (element->tag == kTransferSyntax) syntax = walk.text(*element);
    if (!walk.skip(*element)) return identity;
    begin = walk.at();
  }
  if (syntax == "1.2.840.10008.1.2.2" || syntax == "1.2.840.10008.1.2.1.99") return identity;
  walk.go_back(begin);
  walk.set_explicit(syntax != "1.2.840.10008.1.2");
  while (const auto element = walk.next()) {
    if (element->tag == kIdentityRemoved) identity.patient_identity_removed = walk.text(*element);
    if (element->tag == kBurnedIn) identity.burned_in_annotation = walk.text(*element);
    if (element->tag >= kPixels || !walk.skip(*element)) break;
  }
  return identity;
}

}  // namespace lmc::client
