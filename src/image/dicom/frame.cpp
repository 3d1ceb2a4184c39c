#include "image/dicom/frame.h"

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "base/check.h"  // InputError

namespace lmc::image::dicom {

namespace {

[[noreturn]] void fail(std::string_view where, std::string_view problem) {
  throw InputError(where, cat("broken DICOM: ", problem));
}

uint64_t little_endian(std::string_view bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i > 0; --i) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  }
  return value;
}

// Where each frame begins, counted from the first fragment's head; empty: the file does not say.
std::vector<uint64_t> offsets_of(const File& file, std::string_view basic_table) {
  std::vector<uint64_t> offsets;
  if (const Element* table = file.data.find(kExtendedOffsets)) {
    for (size_t at = 0; at + 8 <= table->value.size(); at += 8) {
      offsets.push_back(little_endian(table->value, at, 8));
    }
  } else {
    for (size_t at = 0; at + 4 <= basic_table.size(); at += 4) {
      offsets.push_back(little_endian(basic_table, at, 4));
    }
  }
  return offsets;
}

// A JPEG's or JPEG 2000's end mark, which padding may follow.
bool ends_an_image(std::string_view fragment) {
  fragment = fragment.substr(fragment.size() - std::min<size_t>(fragment.size(), 10));
  return fragment.find("\xFF\xD9") != fragment.npos;
}

// The fragments [begin, end) of a frame, of those behind the table.
struct Range {
  size_t begin = 0;
  size_t end = 0;
};

Range range_of(const File& file, const std::vector<std::string_view>& fragments, int64_t num_frames,
               size_t frame, std::string_view where) {
  const size_t count = fragments.size() - 1;
  if (num_frames == 1) return {1, count + 1};
  const std::vector<uint64_t> offsets = offsets_of(file, fragments[0]);
  if (offsets.size() > frame) {
    constexpr uint64_t kHead = 8;
    const uint64_t last = frame + 1 < offsets.size() ? offsets[frame + 1] : ~uint64_t{0};
    Range range{0, 0};
    uint64_t at = 0;
    for (size_t i = 1; i <= count; ++i) {
      if (at == offsets[frame]) range.begin = i;
      if (range.begin > 0 && at < last) range.end = i + 1;
      at += kHead + fragments[i].size();
    }
    if (range.begin == 0) fail(where, "its table of frames leads nowhere");
    return range;
  }
  if (count == static_cast<size_t>(num_frames)) return {frame + 1, frame + 2};
  Range range{1, 1};
  size_t passed = 0;
  for (size_t i = 1; i <= count; ++i) {
    if (!ends_an_image(fragments[i])) continue;
    range.end = i + 1;
    if (passed == frame) return range;
    ++passed;
    range.begin = i + 1;
  }
  fail(where, cat("it states ", num_frames, " frames and has ", passed));
}

// In one piece; `joined` holds it where it is in several.
std::string_view encoded_frame(const File& file, int64_t num_frames, size_t frame,
                               std::string& joined, std::string_view where) {
  const std::vector<std::string_view> fragments = fragments_of(*file.data.find(kPixels), where);
  if (fragments.size() < 2) fail(where, "it has no pixels");
  const Range range = range_of(file, fragments, num_frames, frame, where);
  if (range.end == range.begin + 1) return fragments[range.begin];
  for (size_t i = range.begin; i < range.end; ++i) joined += fragments[i];
  return joined;
}

// Two pixels share their chroma: Y Y Cb Cr.
Samples native_422(std::string_view bytes, const PixelFormat& format, size_t frame,
                   std::string_view where) {
  const auto num_pixels = static_cast<size_t>(format.rows * format.columns);
  if (format.columns % 2 != 0 || format.bits_allocated != 8) {
    fail(where, "pixels that share their chroma need an even width and 8 bits");
  }
  const size_t size = 2 * num_pixels;
  const size_t num_frames = static_cast<size_t>(format.num_frames);
  if (bytes.size() / size <= frame) fail(where, "its pixels end too early");
  if (bytes.size() >= 3 * num_pixels * num_frames) {
    fail(where, "its pixels do not share their chroma, as the file says they do");
  }
  const std::string_view stored = bytes.substr(frame * size, size);
  Samples samples(format, 8);
  samples.colours = Colours::kYcc;
  for (size_t i = 0; i < num_pixels; ++i) {
    const size_t pair = i / 2 * 4;
    samples.bytes[3 * i] = static_cast<uint8_t>(stored[pair + i % 2]);
    samples.bytes[3 * i + 1] = static_cast<uint8_t>(stored[pair + 2]);
    samples.bytes[3 * i + 2] = static_cast<uint8_t>(stored[pair + 3]);
  }
  return samples;
}

Samples native_bits(std::string_view bytes, const PixelFormat& format, size_t frame,
                    std::string_view where) {
  Samples samples(format, 1);
  const size_t count = samples.bytes.size();
  if (bytes.size() * 8 / count <= frame) fail(where, "its pixels end too early");
  for (size_t i = 0; i < count; ++i) {
    const size_t bit = frame * count + i;
    samples.bytes[i] = static_cast<unsigned char>(bytes[bit / 8]) >> bit % 8 & 1U;
  }
  return samples;
}

Samples native(const Element& pixels, const PixelFormat& format, size_t frame,
               std::string_view where) {
  const std::string_view bytes = pixels.value;
  if (format.colours == Colours::kYcc422) return native_422(bytes, format, frame, where);
  if (format.bits_allocated == 1) return native_bits(bytes, format, frame, where);
  Samples samples(format, format.bits_allocated);
  samples.is_planar = format.is_planar;
  const size_t size = samples.bytes.size();
  if (bytes.size() / size <= frame) fail(where, "its pixels end too early");
  const std::string_view stored = bytes.substr(frame * size, size);
  // In big-endian files bytes that are stored as words are swapped.
  const bool is_swapped = format.is_big_endian && format.bits_allocated == 8 && pixels.type == "OW";
  if (is_swapped) {
    for (size_t i = 0; i < size; ++i) {
      const size_t from = frame * size + i;
      const size_t swapped = from ^ 1U;
      samples.bytes[i] = static_cast<uint8_t>(bytes[swapped < bytes.size() ? swapped : from]);
    }
    return samples;
  }
  std::copy(stored.begin(), stored.end(), reinterpret_cast<char*>(samples.bytes.data()));
  if (format.is_big_endian == (std::endian::native == std::endian::big)) return samples;
  const auto width = static_cast<size_t>(samples.bytes_per_sample);
  for (size_t at = 0; width > 1 && at < size; at += width) {
    std::reverse(samples.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 samples.bytes.begin() + static_cast<std::ptrdiff_t>(at + width));
  }
  return samples;
}

}  // namespace

Samples samples_of_frame(const File& file, const PixelFormat& format, int64_t frame,
                         std::string_view where) {
  const auto place = static_cast<size_t>(frame);
  const Element& pixels = *file.data.find(kPixels);
  Samples samples;
  bool has_stored_bits = true;  // where the samples lie within what is allocated, as the file says
  if (format.encoding == Encoding::kNative) {
    samples = native(pixels, format, place, where);
  } else {
    std::string joined;
    const std::string_view bytes = encoded_frame(file, format.num_frames, place, joined, where);
    switch (format.encoding) {
      case Encoding::kRle:
        samples = decode_rle(bytes, format, where);
        break;
      case Encoding::kJpeg:
        samples = decode_jpeg_frame(bytes, format, where);
        break;
      case Encoding::kJpegLs:
        samples = decode_jpeg_ls(bytes, format, where);
        has_stored_bits = false;
        break;
      default:
        samples = decode_jpeg_2000(bytes, format, where);
        has_stored_bits = false;
    }
  }
  // What the frame itself says of its bits counts more than what the file says.
  if (has_stored_bits && samples.bits > format.bits_stored) {
    const int lowest = format.high_bit + 1 - format.bits_stored;
    samples.lowest_bit = lowest + format.bits_stored <= samples.bits ? lowest : 0;
    samples.bits = format.bits_stored;
  }
  return samples;
}

}  // namespace lmc::image::dicom
