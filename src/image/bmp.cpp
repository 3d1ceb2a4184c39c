// BMP of all header sizes: 1, 4 and 8 bits by palette, 16, 24 and 32 bits, RLE4 and RLE8.
// Source: Microsoft, BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER; "Bitmap Compression". As
//         for Pillow, the fourth byte of 32 bits counts only where a mask says that it is alpha.
#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "base/check.h"       // InputError
#include "image/decode.h"     // check_size
#include "image/file_head.h"  // FileHead
#include "image/samples.h"    // rgb_of_samples

namespace lmc::image {

namespace {

constexpr uint32_t kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6;

// Little-endian; nothing beyond the end.
std::optional<uint32_t> number_at(std::string_view bytes, size_t at, size_t size) {
  if (at > bytes.size() || size > bytes.size() - at) return std::nullopt;
  uint32_t value = 0;
  for (size_t i = size; i > 0; --i) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  }
  return value;
}

struct Head {
  int64_t width = 0;
  int64_t height = 0;
  bool is_top_down = false;
  unsigned bits = 0;
  uint32_t compression = 0;
  size_t data = 0;     // where the pixels begin
  size_t palette = 0;  // where the palette begins
  size_t colour_bytes = 4;
  size_t num_colours = 0;
  std::array<uint32_t, 4> masks{};  // red, green, blue, alpha

  bool has_alpha() const { return masks[3] != 0; }
};

void read_masks(std::string_view bytes, size_t header, Head& head) {
  if (head.compression == kBitFields || head.compression == kAlphaBitFields) {
    // In the header, or behind one that has no room for them.
    const size_t count = header >= 56 || head.compression == kAlphaBitFields ? 4 : 3;
    for (size_t i = 0; i < count; ++i) head.masks[i] = number_at(bytes, 54 + 4 * i, 4).value_or(0);
    if (header == 40) head.palette += 4 * count;
  } else if (head.bits == 16) {
    head.masks = {0x7c00, 0x03e0, 0x001f, 0};
  } else {
    head.masks = {0xff0000, 0x00ff00, 0x0000ff, 0};
  }
}

// Nothing: no header that is known.
std::optional<Head> read_head(std::string_view bytes) {
  Head head;
  const auto data = number_at(bytes, 10, 4);
  const auto header = number_at(bytes, 14, 4);
  if (!data || !header) return std::nullopt;
  head.data = *data;
  head.palette = 14 + size_t{*header};
  if (*header == 12) {
    head.width = number_at(bytes, 18, 2).value_or(0);
    head.height = number_at(bytes, 20, 2).value_or(0);
    head.bits = number_at(bytes, 24, 2).value_or(0);
    head.colour_bytes = 3;
  } else if (*header >= 40 && *header <= 124) {
    head.width = static_cast<int32_t>(number_at(bytes, 18, 4).value_or(0));
    head.height = static_cast<int32_t>(number_at(bytes, 22, 4).value_or(0));
    head.bits = number_at(bytes, 28, 2).value_or(0);
    head.compression = number_at(bytes, 30, 4).value_or(0);
    head.num_colours = number_at(bytes, 46, 4).value_or(0);
    head.is_top_down = head.height < 0;
    head.height = head.is_top_down ? -head.height : head.height;
  } else {
    return std::nullopt;
  }
  read_masks(bytes, *header, head);
  if (head.bits <= 8 && (head.num_colours == 0 || head.num_colours > size_t{1} << head.bits)) {
    head.num_colours = size_t{1} << head.bits;
  }
  return head;
}

// Rows of palette entries, one a byte, from the file's first row on.
class RunLengths {
 public:
  RunLengths(std::string_view data, const Head& head, std::string_view where)
      : data_(data),
        is_nibbles_(head.compression == kRle4),
        width_(static_cast<size_t>(head.width)),
        height_(static_cast<size_t>(head.height)),
        where_(where) {}

  std::vector<uint8_t> unpacked() {
    std::vector<uint8_t> out(width_ * height_, 0);
    size_t x = 0;
    size_t y = 0;
    const auto put = [&](unsigned value) {
      if (x < width_ && y < height_) out[y * width_ + x] = static_cast<uint8_t>(value);
      ++x;
    };
    while (y < height_) {
      const unsigned count = next();
      const unsigned value = next();
      if (count > 0) {
        for (unsigned i = 0; i < count; ++i) put(part(value, i));
      } else if (value == 0) {
        x = 0;
        ++y;
      } else if (value == 1) {
        break;
      } else if (value == 2) {
        x += next();
        y += next();
      } else {
        put_plain(value, put);
      }
    }
    return out;
  }

 private:
  unsigned next() {
    if (at_ >= data_.size()) throw InputError(where_, "broken BMP: the file ends too early");
    return static_cast<unsigned char>(data_[at_++]);
  }

  // The i-th of the entries that a byte stands for.
  unsigned part(unsigned byte, unsigned i) const {
    if (!is_nibbles_) return byte;
    return i % 2 == 0 ? byte >> 4U : byte & 15U;
  }

  template <class Put>
  void put_plain(unsigned count, const Put& put) {
    const size_t begin = at_;
    unsigned byte = 0;
    for (unsigned i = 0; i < count; ++i) {
      if (!is_nibbles_ || i % 2 == 0) byte = next();
      put(part(byte, i));
    }
    if ((at_ - begin) % 2 != 0) next();  // padding
  }

  std::string_view data_;
  bool is_nibbles_;
  size_t width_;
  size_t height_;
  std::string_view where_;
  size_t at_ = 0;
};

uint8_t under_mask(uint32_t value, uint32_t mask) {
  if (mask == 0) return 0;
  const auto shift = static_cast<unsigned>(std::countr_zero(mask));
  const uint64_t most = mask >> shift;
  return static_cast<uint8_t>(uint64_t{(value & mask) >> shift} * 255 / most);
}

struct Rows {
  std::string_view bytes;  // with padding
  size_t stride = 0;
};

Rows rows_of(std::string_view file, const Head& head, std::string_view where) {
  const size_t stride = (static_cast<size_t>(head.width) * head.bits + 31) / 32 * 4;
  const size_t size = stride * static_cast<size_t>(head.height);
  if (head.data > file.size() || size > file.size() - head.data) {
    throw InputError(where, "broken BMP: the file ends too early");
  }
  return {file.substr(head.data, size), stride};
}

// Palette entries of uncompressed rows.
std::vector<uint8_t> entries_of(const Rows& rows, const Head& head) {
  const auto width = static_cast<size_t>(head.width);
  const auto height = static_cast<size_t>(head.height);
  std::vector<uint8_t> entries(width * height);
  const size_t per_byte = 8 / head.bits;
  for (size_t y = 0; y < height; ++y) {
    for (size_t x = 0; x < width; ++x) {
      const auto byte = static_cast<unsigned char>(rows.bytes[y * rows.stride + x / per_byte]);
      const size_t shift = 8 - head.bits * (x % per_byte + 1);
      entries[y * width + x] = static_cast<uint8_t>(byte >> shift & ((1U << head.bits) - 1));
    }
  }
  return entries;
}

std::vector<uint8_t> colours_of(const std::vector<uint8_t>& entries, std::string_view file,
                                const Head& head) {
  std::vector<uint8_t> rgb(entries.size() * 3);
  for (size_t i = 0; i < entries.size(); ++i) {
    const size_t at = head.palette + entries[i] * head.colour_bytes;
    const bool is_there = entries[i] < head.num_colours;
    for (size_t c = 0; c < 3; ++c) {
      rgb[3 * i + c] =
          static_cast<uint8_t>(is_there ? number_at(file, at + 2 - c, 1).value_or(0) : 0);
    }
  }
  return rgb;
}

std::vector<uint8_t> colours_by_masks(const Rows& rows, const Head& head) {
  const auto width = static_cast<size_t>(head.width);
  const auto height = static_cast<size_t>(head.height);
  const size_t channels = head.has_alpha() ? 4 : 3;
  const size_t pixel_bytes = head.bits / 8;
  std::vector<uint8_t> samples(width * height * channels);
  for (size_t y = 0; y < height; ++y) {
    for (size_t x = 0; x < width; ++x) {
      const uint32_t value = *number_at(rows.bytes, y * rows.stride + x * pixel_bytes, pixel_bytes);
      for (size_t c = 0; c < channels; ++c) {
        samples[(y * width + x) * channels + c] = under_mask(value, head.masks[c]);
      }
    }
  }
  return samples;
}

void turn_over(std::vector<uint8_t>& samples, size_t height) {
  const size_t row = samples.size() / height;
  for (size_t top = 0, bottom = height - 1; top < bottom; ++top, --bottom) {
    const auto begin = samples.begin();
    std::swap_ranges(begin + static_cast<std::ptrdiff_t>(top * row),
                     begin + static_cast<std::ptrdiff_t>((top + 1) * row),
                     begin + static_cast<std::ptrdiff_t>(bottom * row));
  }
}

bool is_of_known_kind(const Head& head) {
  const bool has_fields = head.compression == kBitFields || head.compression == kAlphaBitFields;
  switch (head.bits) {
    case 1:
      return head.compression == 0;
    case 4:
      return head.compression == 0 || head.compression == kRle4;
    case 8:
      return head.compression == 0 || head.compression == kRle8;
    case 24:
      return head.compression == 0;
    case 16:
    case 32:
      return head.compression == 0 || has_fields;
    default:
      return false;
  }
}

}  // namespace

// Any text may begin with "BM": what follows must fit.
bool is_bmp(std::string_view bytes) {
  if (bytes.size() < 26 || !bytes.starts_with("BM")) return false;
  const auto head = read_head(bytes);
  return number_at(bytes, 6, 4) == 0U && head && is_of_known_kind(*head);
}

Image decode_bmp(std::string_view file, int64_t max_pixels, std::string_view where) {
  const auto head = read_head(file);
  if (!head) throw InputError(where, "broken BMP: its header is of no known kind");
  check_size(head->height, head->width, max_pixels, where);
  std::vector<uint8_t> samples;
  int channels = 3;
  if (head->compression == kRle4 || head->compression == kRle8) {
    const std::string_view data = file.substr(std::min(head->data, file.size()));
    samples = colours_of(RunLengths(data, *head, where).unpacked(), file, *head);
  } else if (head->bits <= 8) {
    samples = colours_of(entries_of(rows_of(file, *head, where), *head), file, *head);
  } else {
    samples = colours_by_masks(rows_of(file, *head, where), *head);
    channels = head->has_alpha() ? 4 : 3;
  }
  if (!head->is_top_down) turn_over(samples, static_cast<size_t>(head->height));
  return {head->height, head->width, rgb_of_samples(std::move(samples), channels, 8)};
}

FileHead head_of_bmp(std::string_view bytes) {
  FileHead head;
  const auto read = read_head(bytes);
  if (!read) return head;
  head.num_pixels = std::max<int64_t>(read->width, 0) * read->height;
  if (read->bits <= 8) head.traits.add(Trait::kPalette);
  if (read->has_alpha()) head.traits.add(Trait::kAlpha);
  return head;
}

}  // namespace lmc::image
