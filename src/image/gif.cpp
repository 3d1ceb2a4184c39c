// GIF: of an animation the first frame, on the canvas that Pillow gives it.
// Source: GIF89a specification (CompuServe, 1990): blocks, image descriptor, LZW (appendix F). Where
//         the canvas is larger than the frame, it holds the transparent colour, or colour 0, as for
//         Pillow; a colour that no palette has is a grey, too.
#include <algorithm>
#include <array>
#include <optional>

#include "base/check.h"       // InputError
#include "image/decode.h"     // check_size
#include "image/file_head.h"  // FileHead
#include "image/samples.h"    // rgb_of_samples

namespace lmc::image {

namespace {

// Bytes, one after the other; a read beyond the end ends the decoding.
class Bytes {
 public:
  Bytes(std::string_view bytes, std::string_view where) : bytes_(bytes), where_(where) {}

  unsigned next() {
    if (at_ >= bytes_.size()) throw InputError(where_, "broken GIF: the file ends too early");
    return static_cast<unsigned char>(bytes_[at_++]);
  }

  int64_t word() {
    const unsigned low = next();
    return int64_t{low | next() << 8U};
  }

  void skip(size_t count) {
    if (count > bytes_.size() - at_)
      throw InputError(where_, "broken GIF: the file ends too early");
    at_ += count;
  }

  // Behind the last of a row of blocks.
  void skip_blocks() {
    while (const unsigned size = next()) skip(size);
  }

 private:
  std::string_view bytes_;
  std::string_view where_;
  size_t at_ = 0;
};

using Palette = std::array<std::array<uint8_t, 3>, 256>;

Palette grey_palette() {
  Palette palette{};
  for (size_t i = 0; i < palette.size(); ++i) palette[i].fill(static_cast<uint8_t>(i));
  return palette;
}

void read_palette(Bytes& bytes, unsigned flags, Palette& palette) {
  if ((flags & 0x80U) == 0) return;
  palette = grey_palette();
  const size_t count = size_t{2} << (flags & 7U);
  for (size_t i = 0; i < count; ++i) {
    for (uint8_t& value : palette[i]) value = static_cast<uint8_t>(bytes.next());
  }
}

// What stands before the first frame's data.
struct Frame {
  int64_t left = 0, top = 0, width = 0, height = 0;
  int64_t canvas_width = 0, canvas_height = 0;
  bool is_interlaced = false;
  std::optional<unsigned> transparent;
  Palette palette = grey_palette();
};

// False: the file ends before another frame.
bool go_to_frame(Bytes& bytes, Frame& frame) {
  constexpr unsigned kExtension = 0x21, kImage = 0x2C, kGraphicControl = 0xF9;
  while (true) {
    const unsigned mark = bytes.next();
    if (mark == kImage) break;
    if (mark != kExtension) return false;
    if (bytes.next() != kGraphicControl) {
      bytes.skip_blocks();
      continue;
    }
    const unsigned size = bytes.next();
    if (size == 4) {
      const bool has_transparent = (bytes.next() & 1U) != 0;
      bytes.skip(2);  // the delay
      const unsigned index = bytes.next();
      frame.transparent = has_transparent ? std::optional(index) : std::nullopt;
    } else {
      bytes.skip(size);
    }
    if (size > 0) bytes.skip_blocks();
  }
  frame.left = bytes.word();
  frame.top = bytes.word();
  frame.width = bytes.word();
  frame.height = bytes.word();
  const unsigned flags = bytes.next();
  frame.is_interlaced = (flags & 0x40U) != 0;
  read_palette(bytes, flags, frame.palette);
  frame.canvas_width = std::max(frame.canvas_width, frame.left + frame.width);
  frame.canvas_height = std::max(frame.canvas_height, frame.top + frame.height);
  return true;
}

Frame read_head(Bytes& bytes) {
  Frame frame;
  bytes.skip(6);
  frame.canvas_width = bytes.word();
  frame.canvas_height = bytes.word();
  const unsigned flags = bytes.next();
  bytes.skip(2);  // background, pixel aspect
  read_palette(bytes, flags, frame.palette);
  return frame;
}

// The codes of LZW, of growing length, out of blocks.
class Codes {
 public:
  explicit Codes(Bytes& bytes) : bytes_(bytes) {}

  unsigned next(unsigned size) {
    while (count_ < size) {
      if (block_ == 0) block_ = bytes_.next();
      if (block_ == 0) return kNone;
      bits_ |= uint32_t{bytes_.next()} << count_;
      count_ += 8;
      --block_;
    }
    const unsigned code = bits_ & ((1U << size) - 1);
    bits_ >>= size;
    count_ -= size;
    return code;
  }

  static constexpr unsigned kNone = 0xffff;

 private:
  Bytes& bytes_;
  unsigned block_ = 0;
  uint32_t bits_ = 0;
  unsigned count_ = 0;
};

// The frame's colours in the order of the file; fewer when its data ends before.
std::vector<uint8_t> unpack(Bytes& bytes, size_t count, std::string_view where) {
  constexpr unsigned kMostCodes = 4096;
  const unsigned literal_bits = bytes.next();
  if (literal_bits < 1 || literal_bits > 8) {
    throw InputError(where, "broken GIF: its codes have no size");
  }
  const unsigned clear = 1U << literal_bits;
  const unsigned end = clear + 1;
  std::array<uint16_t, kMostCodes> before{};
  std::array<uint8_t, kMostCodes> last{};
  std::array<uint8_t, kMostCodes> reversed{};
  std::vector<uint8_t> out;
  out.reserve(count);
  Codes codes(bytes);
  unsigned size = literal_bits + 1;
  unsigned next = end + 1;
  unsigned previous = Codes::kNone;
  uint8_t first = 0;  // the first colour of the previous string
  while (out.size() < count) {
    const unsigned code = codes.next(size);
    if (code == Codes::kNone || code == end) break;
    if (code == clear) {
      size = literal_bits + 1;
      next = end + 1;
      previous = Codes::kNone;
      continue;
    }
    if (code > next || (previous == Codes::kNone && code >= clear) ||
        (code == next && next >= kMostCodes)) {
      throw InputError(where, "broken GIF: it has a code of no string");
    }
    // The string, from its end; of a code that is only now made, the previous one and its first.
    size_t length = 0;
    unsigned walk = code;
    if (code == next) {
      reversed[length++] = first;
      walk = previous;
    }
    while (walk > end) {
      reversed[length++] = last[walk];
      walk = before[walk];
    }
    first = static_cast<uint8_t>(walk);
    reversed[length++] = first;
    while (length > 0 && out.size() < count) out.push_back(reversed[--length]);
    if (previous != Codes::kNone && next < kMostCodes) {
      before[next] = static_cast<uint16_t>(previous);
      last[next] = first;
      ++next;
      if (next == 1U << size && size < 12) ++size;
    }
    previous = code;
  }
  return out;
}

// The row in the image of the n-th row in the file.
int64_t interlaced_row(int64_t n, int64_t height) {
  constexpr std::array<std::array<int64_t, 2>, 4> kPasses = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  for (const auto& [start, step] : kPasses) {
    const int64_t rows = height > start ? (height - start + step - 1) / step : 0;
    if (n < rows) return start + n * step;
    n -= rows;
  }
  return 0;
}

}  // namespace

Image decode_gif(std::string_view file, int64_t max_pixels, std::string_view where) {
  Bytes bytes(file, where);
  Frame frame = read_head(bytes);
  if (!go_to_frame(bytes, frame)) throw InputError(where, "broken GIF: it has no image");
  check_size(frame.canvas_height, frame.canvas_width, max_pixels, where);
  check_size(frame.height, frame.width, max_pixels, where);
  const auto count = static_cast<size_t>(frame.height * frame.width);
  const std::vector<uint8_t> colours = unpack(bytes, count, where);
  if (colours.size() < count) throw InputError(where, "broken GIF: the file ends too early");
  const size_t channels = frame.transparent ? 4 : 3;
  const auto put = [&](uint8_t* pixel, unsigned colour) {
    std::copy(frame.palette[colour].begin(), frame.palette[colour].end(), pixel);
    if (channels == 4) pixel[3] = colour == *frame.transparent ? 0 : 255;
  };
  const auto canvas_pixels = static_cast<size_t>(frame.canvas_height * frame.canvas_width);
  std::vector<uint8_t> samples(canvas_pixels * channels);
  if (canvas_pixels > count) {
    for (size_t i = 0; i < canvas_pixels; ++i) {
      put(samples.data() + i * channels, frame.transparent.value_or(0));
    }
  }
  for (int64_t n = 0; n < frame.height; ++n) {
    const int64_t y = frame.is_interlaced ? interlaced_row(n, frame.height) : n;
    const int64_t start = (frame.top + y) * frame.canvas_width + frame.left;
    for (int64_t x = 0; x < frame.width; ++x) {
      put(samples.data() + static_cast<size_t>(start + x) * channels,
          colours[static_cast<size_t>(n * frame.width + x)]);
    }
  }
  return {frame.canvas_height, frame.canvas_width,
          rgb_of_samples(std::move(samples), static_cast<int>(channels), 8)};
}

FileHead head_of_gif(std::string_view file) {
  FileHead head;
  head.traits.add(Trait::kPalette);
  try {
    Bytes bytes(file, "");
    Frame frame = read_head(bytes);
    if (!go_to_frame(bytes, frame)) return head;
    head.num_pixels = frame.canvas_width * frame.canvas_height;
    if (frame.transparent) head.traits.add(Trait::kAlpha);
    bytes.skip(1);
    bytes.skip_blocks();
    if (go_to_frame(bytes, frame)) head.traits.add(Trait::kFrames);
  } catch (const InputError&) {
  }
  return head;
}

}  // namespace lmc::image
