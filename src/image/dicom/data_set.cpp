#include "image/dicom/data_set.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/check.h"  // InputError

namespace lmc::image::dicom {

namespace {

constexpr size_t kPreamble = 128;
constexpr std::string_view kMark = "DICM";
constexpr uint32_t kUndefined = 0xffffffff;
constexpr int kDeepest = 16;  // sequences inside sequences; files in use have three or four
constexpr uint32_t kItem = 0xfffee000;
constexpr uint32_t kItemEnd = 0xfffee00d;
constexpr uint32_t kSequenceEnd = 0xfffee0dd;
// What a deflated file may unfold to: as much as a file that is not deflated may hold.
constexpr size_t kMaxInflatedBytes = size_t{1} << 28U;

constexpr std::array kTechnical = {
    kImageType,
    kSopClass,
    kModality,
    kSamplesPerPixel,
    kPhotometricInterpretation,
    kPlanarConfiguration,
    kNumberOfFrames,
    kRows,
    kColumns,
    kBitsAllocated,
    kBitsStored,
    kHighBit,
    kPixelRepresentation,
    kPixelPaddingValue,
    kPixelPaddingRangeLimit,
    kBurnedInAnnotation,
    kWindowCenter,
    kWindowWidth,
    kRescaleIntercept,
    kRescaleSlope,
    kWindowExplanation,
    kVoiLutFunction,
    kModalityLutSequence,
    kLutDescriptor,
    kLutExplanation,
    kLutData,
    kVoiLutSequence,
    kRepresentativeFrame,
    kFrameVoiLutSequence,
    kPixelValueSequence,
    kSharedGroups,
    kPerFrameGroups,
    kExtendedOffsets,
    kFloatPixels,
    kDoublePixels,
    kPixels,
};

bool is_technical(uint32_t tag) {
  const auto is_one_of_three = [tag](uint32_t first) { return tag >= first && tag <= first + 2; };
  return is_one_of_three(kRedDescriptor) || is_one_of_three(kRedTable) ||
         is_one_of_three(kSegmentedRedTable) ||
         std::find(kTechnical.begin(), kTechnical.end(), tag) != kTechnical.end();
}

bool is_blank(char c) { return c == ' ' || c == '\0'; }

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

[[noreturn]] void fail(std::string_view where, std::string_view problem) {
  throw InputError(where, cat("broken DICOM: ", problem));
}

// A cursor over elements.
class Cursor {
 public:
  Cursor(std::string_view bytes, Form form, std::string_view where)
      : bytes_(bytes), form_(form), where_(where) {}

  bool is_at_end() const { return at_ >= bytes_.size(); }
  size_t at() const { return at_; }
  void set_form(Form form) { form_ = form; }

  // Whether another whole head of an element is there: what follows the last one may be padding.
  bool has_head() const { return bytes_.size() - at_ >= 8; }

  uint32_t peek_tag() const { return tag_at(at_); }

  // The element at the cursor, which moves behind it.
  Element next(int depth = 0) {
    need(8);
    Element element;
    element.tag = tag_at(at_);
    element.form = form_;
    uint32_t length = 0;
    std::string_view type;
    if (form_.is_explicit && element.tag >> 16U != 0xfffe) {
      type = bytes_.substr(at_ + 4, 2);
      if (has_long_length(type)) {
        need(12);
        length = number(at_ + 8, 4);
        at_ += 12;
      } else {
        length = number(at_ + 6, 2);
        at_ += 8;
      }
    } else {
      length = number(at_ + 4, 4);
      at_ += 8;
    }
    element.type = type;
    // An unknown element's content is a sequence in implicit form (PS3.5 6.2.2).
    if (type == "UN") element.form = {false, false};
    if (length == kUndefined) {
      element.has_undefined_length = true;
      element.value = up_to_delimiter(element, depth);
    } else {
      need(length);
      element.value = bytes_.substr(at_, length);
      at_ += length;
    }
    return element;
  }

 private:
  void need(size_t size) const {
    if (bytes_.size() - at_ < size) fail(where_, "it ends too early");
  }

  uint32_t number(size_t at, size_t size) const {
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      const size_t place = form_.is_big_endian ? i : size - 1 - i;
      value = value << 8U | static_cast<unsigned char>(bytes_[at + place]);
    }
    return value;
  }

  uint32_t tag_at(size_t at) const { return number(at, 2) << 16U | number(at + 2, 2); }

  // The cursor moves behind the delimiter.
  std::string_view up_to_delimiter(const Element& element, int depth) {
    if (depth >= kDeepest) fail(where_, cat("sequences nest deeper than ", kDeepest));
    const Form outside = std::exchange(form_, element.form);
    const size_t begin = at_;
    while (true) {
      need(8);
      const uint32_t tag = peek_tag();
      if (tag == kSequenceEnd || (tag == kItemEnd && element.tag == kItem)) break;
      next(depth + 1);
    }
    const std::string_view value = bytes_.substr(begin, at_ - begin);
    at_ += 8;
    form_ = outside;
    return value;
  }

  static bool has_long_length(std::string_view type) {
    static constexpr std::array<std::string_view, 13> kLong = {
        "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"};
    return std::find(kLong.begin(), kLong.end(), type) != kLong.end();
  }

  std::string_view bytes_;
  Form form_;
  std::string_view where_;
  size_t at_ = 0;
};

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

// Whether the element there says its type.
bool looks_explicit(std::string_view bytes) {
  return bytes.size() >= 6 && is_capital(bytes[4]) && is_capital(bytes[5]);
}

std::unique_ptr<std::vector<char>> inflated(std::string_view packed, std::string_view where) {
  auto out = std::make_unique<std::vector<char>>();
  z_stream stream{};
  constexpr int kWithoutHead = -15;
  if (inflateInit2(&stream, kWithoutHead) != Z_OK) throw InternalError("zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  int state = Z_OK;
  while (state == Z_OK && out->size() < kMaxInflatedBytes) {
    constexpr size_t kStep = size_t{1} << 16U;
    const size_t filled = out->size();
    out->resize(std::min(kMaxInflatedBytes, filled + std::max(filled, kStep)));
    stream.next_out = reinterpret_cast<Bytef*>(out->data()) + filled;
    stream.avail_out = static_cast<uInt>(out->size() - filled);
    state = inflate(&stream, Z_NO_FLUSH);
    out->resize(out->size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (out->size() >= kMaxInflatedBytes) fail(where, cat("it unfolds to ", kMaxInflatedBytes));
  if (state != Z_STREAM_END) fail(where, "its deflated part is damaged");
  return out;
}

void read_elements(DataSet& set, Cursor& cursor) {
  while (cursor.has_head()) {
    const Element element = cursor.next();
    if (is_technical(element.tag)) set.add(element);
    if (element.tag == kPixels) break;
  }
}

// What precedes the data set: the mark, and the group 0002. Leaves `rest` as the data set.
std::string read_head(std::string_view& rest, std::string_view where) {
  std::string syntax;
  if (rest.size() >= kPreamble + kMark.size() && rest.substr(kPreamble, kMark.size()) == kMark) {
    rest.remove_prefix(kPreamble + kMark.size());
  }
  Cursor cursor(rest, {true, false}, where);
  size_t begin = 0;
  while (cursor.has_head() && cursor.peek_tag() >> 16U == 0x0002) {
    // Some leave the types out even here.
    cursor.set_form({looks_explicit(rest.substr(begin)), false});
    const Element element = cursor.next();
    if (element.tag == kTransferSyntax) syntax = without_blanks(element.value);
    begin = cursor.at();
  }
  rest.remove_prefix(begin);
  return syntax;
}

void read_into(File& result, std::string_view file, std::string_view where) {
  std::string_view rest = file;
  result.transfer_syntax = read_head(rest, where);
  if (result.transfer_syntax == "1.2.840.10008.1.2.1.99") {
    result.inflated = inflated(rest, where);
    rest = {result.inflated->data(), result.inflated->size()};
  }
  // The first group is below 0x0100, so its zero byte comes first when the high byte does.
  Form form;
  form.is_big_endian = result.transfer_syntax == "1.2.840.10008.1.2.2" ||
                       (result.transfer_syntax.empty() && rest.size() > 1 && rest[0] == 0);
  form.is_explicit = looks_explicit(rest);
  Cursor cursor(rest, form, where);
  read_elements(result.data, cursor);
}

}  // namespace

const Element* DataSet::find(uint32_t tag) const {
  const auto found = std::find_if(elements_.begin(), elements_.end(),
                                  [tag](const Element& element) { return element.tag == tag; });
  return found == elements_.end() ? nullptr : &*found;
}

std::vector<std::string> DataSet::texts(uint32_t tag) const {
  std::vector<std::string> texts;
  constexpr size_t kMostTexts = 64;
  const Element* element = find(tag);
  if (element == nullptr) return texts;
  std::string_view rest = element->value;
  while (!rest.empty() && texts.size() < kMostTexts) {
    const size_t length = std::min(rest.find('\\'), rest.size());
    texts.emplace_back(without_blanks(rest.substr(0, length)));
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
  return texts;
}

std::string DataSet::text(uint32_t tag) const {
  const std::vector<std::string> all = texts(tag);
  return all.empty() ? std::string() : all[0];
}

std::vector<double> DataSet::decimals(uint32_t tag) const {
  std::vector<double> values;
  for (const std::string& text : texts(tag)) {
    const std::string_view digits = std::string_view(text).substr(text.starts_with('+') ? 1 : 0);
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc() && end == digits.data() + digits.size() && std::isfinite(value)) {
      values.push_back(value);
    }
  }
  return values;
}

std::optional<uint16_t> DataSet::word(uint32_t tag, size_t n) const {
  const Element* element = find(tag);
  if (element == nullptr || element->value.size() / 2 <= n) return std::nullopt;
  return word_at(element->value, n, element->form.is_big_endian);
}

std::optional<DataSet> DataSet::item(uint32_t tag, size_t n, std::string_view where) const {
  const Element* sequence = find(tag);
  if (sequence == nullptr) return std::nullopt;
  Cursor cursor(sequence->value, sequence->form, where);
  for (size_t i = 0; cursor.has_head(); ++i) {
    const Element item = cursor.next();
    if (item.tag != kItem) break;
    if (i < n) continue;
    DataSet set;
    Cursor inside(item.value, item.form, where);
    read_elements(set, inside);
    return set;
  }
  return std::nullopt;
}

size_t DataSet::num_items(uint32_t tag, size_t most, std::string_view where) const {
  const Element* sequence = find(tag);
  if (sequence == nullptr) return 0;
  Cursor cursor(sequence->value, sequence->form, where);
  size_t count = 0;
  while (count < most && cursor.has_head() && cursor.next().tag == kItem) ++count;
  return count;
}

bool is_dicom(std::string_view file) {
  if (file.size() >= kPreamble + kMark.size() && file.substr(kPreamble, kMark.size()) == kMark) {
    return true;
  }
  using namespace std::string_view_literals;
  if (file.starts_with("\x02\0\0\0UL\x04\0"sv)) return true;
  // Without any head: the group 0008 begins with its length, the character set, the kind of image
  // or a class, each a short text.
  if (file.size() < 8 || !file.starts_with("\x08\0"sv) || file[3] != '\0') return false;
  if ("\0\x01\x05\x08\x16"sv.find(file[2]) == std::string_view::npos) return false;
  const bool has_type =
      file.substr(4, 2) == "CS" || file.substr(4, 2) == "UI" || file.substr(4, 2) == "UL";
  return has_type || (static_cast<unsigned char>(file[4]) <= 128 &&
                      file.substr(5, 3) == "\0\0\0"sv && file[4] != '\0');
}

File read_file(std::string_view file, std::string_view where) {
  File result;
  read_into(result, file, where);
  return result;
}

File read_what_is_there(std::string_view file) {
  File result;
  if (!is_dicom(file)) return result;
  try {
    read_into(result, file, "");
  } catch (const InputError&) {
  }
  return result;
}

uint16_t word_at(std::string_view bytes, size_t n, bool is_big_endian) {
  const auto first = static_cast<unsigned char>(bytes[2 * n]);
  const auto second = static_cast<unsigned char>(bytes[2 * n + 1]);
  return static_cast<uint16_t>(is_big_endian ? first << 8U | second : second << 8U | first);
}

std::vector<std::string_view> fragments_of(const Element& pixels, std::string_view where) {
  std::vector<std::string_view> fragments;
  // The headers of fragments are always explicit little-endian, as items have no type.
  Cursor cursor(pixels.value, {true, false}, where);
  while (cursor.has_head()) {
    const Element item = cursor.next();
    if (item.tag != kItem) fail(where, "its fragments of pixels are damaged");
    fragments.push_back(item.value);
  }
  return fragments;
}

}  // namespace lmc::image::dicom
