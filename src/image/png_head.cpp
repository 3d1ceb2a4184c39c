// Source: PNG specification, third edition: IHDR, tRNS, eXIf, textual chunks. Old ImageMagick keeps
// EXIF as hexadecimal text ("Raw profile type exif"); of chunks that repeat, the last counts, as
// with Pillow.
#include <zlib.h>

#include <algorithm>
#include <string>

#include "image/file_head.h"

namespace lmc::image {

namespace {

constexpr size_t kSignature = 8;
// A text that unfolds to more than this is none that we read.
constexpr size_t kMaxTextBytes = size_t{1} << 20U;

size_t number_at(std::string_view bytes, size_t at) {
  size_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::string unfolded(std::string_view packed) {
  std::string text(kMaxTextBytes, '\0');
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return "";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const bool is_whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
  text.resize(is_whole ? stream.total_out : 0);
  inflateEnd(&stream);
  return text;
}

// What stands before the first `end`, which is taken off together with it; all when there is none.
std::string_view taken_up_to(std::string_view& text, char end) {
  const size_t length = std::min(text.find(end), text.size());
  const std::string_view head = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return head;
}

// The text of a tEXt, zTXt or iTXt chunk; `rest` is what follows its keyword.
std::string text_of(std::string_view type, std::string_view rest) {
  if (type == "tEXt") return std::string(rest);
  bool is_packed = type == "zTXt";
  if (type == "iTXt") {
    if (rest.size() < 2) return "";
    is_packed = rest[0] != 0;
    if (is_packed && rest[1] != 0) return "";
    rest.remove_prefix(2);
    taken_up_to(rest, '\0');  // the language
    taken_up_to(rest, '\0');  // the keyword in that language
  } else {
    if (rest.empty() || rest[0] != 0) return "";  // another way of packing
    rest.remove_prefix(1);
  }
  return is_packed ? unfolded(rest) : std::string(rest);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// "\nexif\n      42\n" and the bytes in hexadecimal, in lines.
std::string raw_profile(std::string_view text) {
  for (int i = 0; i < 3; ++i) taken_up_to(text, '\n');
  std::string bytes;
  int high = -1;
  for (const char c : text) {
    const int value = hex_value(c);
    if (value < 0) {
      if (c == '\n' || c == '\r' || c == ' ') continue;
      return "";
    }
    if (high < 0) {
      high = value;
    } else {
      bytes += static_cast<char>(high << 4 | value);
      high = -1;
    }
  }
  return bytes;
}

struct TextChunk {
  std::string_view type;
  std::string_view rest;
};

void note_colours(Traits& traits, std::string_view header) {
  const int depth = header[8];
  const int color = static_cast<unsigned char>(header[9]);
  const bool is_gray = (color & 2) == 0;
  if (color == 3) traits.add(Trait::kPalette);
  if ((color & 4) != 0) traits.add(Trait::kAlpha);
  if (depth == 16) traits.add(is_gray ? Trait::kGray16 : Trait::kColor16);
  if (color == 0 && depth < 8) traits.add(Trait::kFewBits);
}

// A colour key always hides something; of a palette's entries all may be opaque.
bool hides_something(std::string_view transparency, bool is_palette) {
  if (!is_palette) return true;
  return std::any_of(transparency.begin(), transparency.end(),
                     [](char alpha) { return static_cast<unsigned char>(alpha) != 255; });
}

}  // namespace

FileHead head_of_png(std::string_view bytes) {
  FileHead head;
  std::string_view exif;
  TextChunk profile, xmp;
  size_t at = kSignature;
  while (at <= bytes.size() && bytes.size() - at >= 12) {  // length, type and checksum
    const size_t length = number_at(bytes, at);
    if (length > bytes.size() - at - 12) break;
    const std::string_view type = bytes.substr(at + 4, 4);
    std::string_view data = bytes.substr(at + 8, length);
    at += length + 12;
    if (type == "IEND") break;
    if (type == "IHDR" && length >= 13) {
      note_colours(head.traits, data);
      constexpr size_t kMaxSide = 0x7FFFFFFF;  // as the format has it
      const size_t width = std::min(number_at(data, 0), kMaxSide);
      head.num_pixels = static_cast<int64_t>(width * std::min(number_at(data, 4), kMaxSide));
    } else if (type == "tRNS") {
      if (hides_something(data, head.traits.has(Trait::kPalette))) head.traits.add(Trait::kAlpha);
    } else if (type == "eXIf") {
      exif = data;
    } else if (type == "tEXt" || type == "zTXt" || type == "iTXt") {
      const std::string_view keyword = taken_up_to(data, '\0');
      if (keyword == "Raw profile type exif") profile = {type, data};
      if (keyword == "XML:com.adobe.xmp") xmp = {type, data};
    }
  }
  // Texts are unfolded here, once, however often they are repeated in the file.
  std::string of_text;
  if (exif.empty()) {
    of_text = raw_profile(text_of(profile.type, profile.rest));
    exif = of_text;
  }
  return with_orientation(head, exif, text_of(xmp.type, xmp.rest));
}

}  // namespace lmc::image
