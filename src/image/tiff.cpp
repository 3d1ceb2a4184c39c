// TIFF through libtiff: grey, RGB, palette, CMYK and YCbCr of up to 8 bits, grey and RGB of 16; of
// several pages the first. Samples are read as they are stored, so that 16 bits and transparency
// are treated as in a PNG; only YCbCr is converted by libtiff.
// Source: TIFF 6.0. What libtiff is asked for is bounded before: the compressions that are read,
//         the size of a strip or tile, and each of its allocations.
#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/check.h"       // InputError
#include "image/decode.h"     // check_size, rgb_from_ink
#include "image/file_head.h"  // FileHead
#include "image/samples.h"    // rgb_of_samples

#ifdef LMC_TIFF
#include <tiffio.h>
#endif

namespace lmc::image {

#ifdef LMC_TIFF

namespace {

constexpr std::array<uint16_t, 10> kCompressions = {
    COMPRESSION_NONE, COMPRESSION_CCITTRLE,      COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4,
    COMPRESSION_LZW,  COMPRESSION_JPEG,          COMPRESSION_PACKBITS,  COMPRESSION_DEFLATE,
    COMPRESSION_ZSTD, COMPRESSION_ADOBE_DEFLATE,
};

// A file in memory, as libtiff reads it, and its last message.
struct Source {
  std::string_view bytes;
  uint64_t at = 0;
  std::array<char, 200> message{};
};

tmsize_t read_some(thandle_t handle, void* to, tmsize_t size) {
  auto* source = static_cast<Source*>(handle);
  if (source->at >= source->bytes.size() || size < 0) return 0;
  const auto count =
      std::min<uint64_t>(static_cast<uint64_t>(size), source->bytes.size() - source->at);
  std::memcpy(to, source->bytes.data() + source->at, count);
  source->at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_none(thandle_t, void*, tmsize_t) { return 0; }

toff_t move_to(thandle_t handle, toff_t offset, int from) {
  auto* source = static_cast<Source*>(handle);
  if (from == SEEK_SET) source->at = offset;
  if (from == SEEK_CUR) source->at += offset;
  if (from == SEEK_END) source->at = source->bytes.size() + offset;
  return source->at;
}

int close_none(thandle_t) { return 0; }
toff_t size_of(thandle_t handle) { return static_cast<Source*>(handle)->bytes.size(); }

int keep_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  auto* source = static_cast<Source*>(user);
  std::vsnprintf(source->message.data(), source->message.size(), format, arguments);
  for (char& c : source->message) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return 1;
}

int ignore_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct Close {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

using Reader = std::unique_ptr<TIFF, Close>;

// Null: the first directory cannot be read.
Reader open(Source& source) {
  const std::unique_ptr<TIFFOpenOptions, Close> options(TIFFOpenOptionsAlloc());
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), tmsize_t{1} << 30U);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, nullptr);
  return Reader(TIFFClientOpenExt("TIFF", "rm", &source, read_some, write_none, move_to, close_none,
                                  size_of, nullptr, nullptr, options.get()));
}

// The tags that say what the samples are.
struct Layout {
  uint32_t width = 0;
  uint32_t height = 0;
  uint16_t bits = 1;
  uint16_t samples = 1;
  uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  uint16_t planar = PLANARCONFIG_CONTIG;
  uint16_t format = SAMPLEFORMAT_UINT;
  uint16_t compression = COMPRESSION_NONE;
  uint16_t orientation = 1;
  uint16_t extra = EXTRASAMPLE_UNASSALPHA;  // what the sample behind the colours is

  size_t num_colours() const {
    switch (photometric) {
      case PHOTOMETRIC_RGB:
      case PHOTOMETRIC_YCBCR:
        return 3;
      case PHOTOMETRIC_SEPARATED:
        return 4;
      default:
        return 1;
    }
  }
  bool is_grey() const {
    return photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE;
  }
  bool has_alpha() const {
    return samples == num_colours() + 1 && extra != EXTRASAMPLE_UNSPECIFIED;
  }
};

Layout layout_of(TIFF* tiff) {
  Layout layout;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout.width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout.height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout.bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout.samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &layout.planar);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout.format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &layout.compression);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &layout.orientation);
  if (TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout.photometric) == 0) {
    layout.photometric = layout.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  }
  uint16_t count = 0;
  uint16_t* kinds = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) != 0 && count > 0) {
    layout.extra = kinds[0];
  }
  return layout;
}

[[noreturn]] void refuse(std::string_view where, std::string_view what) {
  throw InputError(where, cat("TIFF ", what, " is not read"), "convert it to PNG first");
}

void check_kind(const Layout& layout, std::string_view where) {
  if (std::find(kCompressions.begin(), kCompressions.end(), layout.compression) ==
          kCompressions.end() ||
      TIFFIsCODECConfigured(layout.compression) == 0) {
    refuse(where, cat("of compression ", layout.compression));
  }
  const bool is_few = layout.bits == 1 || layout.bits == 2 || layout.bits == 4;
  const bool is_signed = layout.format == SAMPLEFORMAT_INT && layout.bits == 16 && layout.is_grey();
  if (layout.format != SAMPLEFORMAT_UINT && layout.format != SAMPLEFORMAT_VOID && !is_signed) {
    refuse(where, cat("of floating-point or signed samples of ", layout.bits, " bits"));
  }
  if (layout.bits != 8 && layout.bits != 16 && !(is_few && layout.samples == 1)) {
    refuse(where, cat("of ", layout.bits, " bits a sample"));
  }
  const bool is_palette = layout.photometric == PHOTOMETRIC_PALETTE;
  const bool is_known = layout.is_grey() || is_palette || layout.photometric == PHOTOMETRIC_RGB ||
                        layout.photometric == PHOTOMETRIC_SEPARATED ||
                        layout.photometric == PHOTOMETRIC_YCBCR;
  if (!is_known) refuse(where, cat("of colour space ", layout.photometric));
  const bool is_wide =
      layout.bits == 16 && !layout.is_grey() && layout.photometric != PHOTOMETRIC_RGB;
  const bool has_room = layout.photometric == PHOTOMETRIC_SEPARATED || is_palette ||
                        layout.photometric == PHOTOMETRIC_YCBCR;
  const size_t most = layout.num_colours() + (has_room ? 0 : 1);
  if (layout.samples < layout.num_colours() || layout.samples > most || is_wide) {
    refuse(where, cat("of ", layout.samples, " samples of ", layout.bits, " bits"));
  }
}

// What a row or tile may unfold to: so much that with the image's samples it is twelve bytes a pixel.
uint64_t most_part_bytes(const Layout& layout) {
  constexpr uint64_t kSmall = uint64_t{1} << 24U;
  const uint64_t pixels = uint64_t{layout.width} * layout.height;
  const uint64_t stored = layout.samples * uint64_t{layout.bits == 16 ? 2U : 1U};
  return std::max(kSmall, pixels * (stored < 12 ? 12 - stored : 0));
}

// Calls take(plane, y, x, rows, columns, bytes of a row, data) for each row, or tile.
template <class Take>
bool for_each_part(TIFF* tiff, const Layout& layout, std::string_view where, const Take& take) {
  const bool is_tiled = TIFFIsTiled(tiff) != 0;
  uint32_t rows = 1;
  uint32_t columns = layout.width;
  if (is_tiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &columns);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &rows);
  }
  if (rows == 0 || columns == 0) return false;
  const uint64_t row_bytes = is_tiled ? TIFFTileRowSize64(tiff) : TIFFScanlineSize64(tiff);
  const uint64_t part_bytes = is_tiled ? TIFFTileSize64(tiff) : row_bytes;
  if (row_bytes == 0 || part_bytes == 0 || part_bytes > most_part_bytes(layout)) {
    throw InputError(where, "broken TIFF: its rows or tiles do not fit its size");
  }
  std::vector<uint8_t> part(part_bytes);
  const bool is_separate = layout.planar == PLANARCONFIG_SEPARATE;
  const uint32_t planes = is_separate ? layout.samples : 1;
  for (uint32_t plane = 0; plane < planes; ++plane) {
    const auto sample = static_cast<uint16_t>(plane);
    for (uint32_t y = 0; y < layout.height; y += std::min(rows, layout.height - y)) {
      for (uint32_t x = 0; x < layout.width; x += std::min(columns, layout.width - x)) {
        const bool is_read = is_tiled ? TIFFReadTile(tiff, part.data(), x, y, 0, sample) >= 0
                                      : TIFFReadScanline(tiff, part.data(), y, sample) > 0;
        if (!is_read) return false;
        take(plane, y, x, std::min(rows, layout.height - y), std::min(columns, layout.width - x),
             row_bytes, part.data());
      }
    }
  }
  return true;
}

// All samples, pixel by pixel, one byte each, or two with the high byte first.
std::vector<uint8_t> read_samples(TIFF* tiff, const Layout& layout, std::string_view where,
                                  bool& is_whole) {
  const size_t channels = layout.samples;
  const size_t width = layout.bits == 16 ? 2 : 1;
  std::vector<uint8_t> out(size_t{layout.width} * layout.height * channels * width);
  const bool is_separate = layout.planar == PLANARCONFIG_SEPARATE;
  const size_t in_part = is_separate ? 1 : channels;
  const size_t sign = layout.format == SAMPLEFORMAT_INT ? 0x80 : 0;
  is_whole = for_each_part(tiff, layout, where,
                           [&](size_t plane, size_t top, size_t left, size_t rows, size_t columns,
                               uint64_t row_bytes, const uint8_t* part) {
                             for (size_t y = 0; y < rows; ++y) {
                               const uint8_t* row = part + y * row_bytes;
                               for (size_t i = 0; i < columns * in_part; ++i) {
                                 const size_t pixel = (top + y) * layout.width + left + i / in_part;
                                 const size_t place =
                                     pixel * channels + (is_separate ? plane : i % in_part);
                                 if (width == 2) {
                                   uint16_t word = 0;
                                   std::memcpy(&word, row + 2 * i, sizeof word);
                                   out[2 * place] = static_cast<uint8_t>(word >> 8U ^ sign);
                                   out[2 * place + 1] = static_cast<uint8_t>(word);
                                 } else if (layout.bits == 8) {
                                   out[place] = row[i];
                                 } else {
                                   const size_t bit = i * layout.bits;
                                   const size_t shift = 8 - layout.bits - bit % 8;
                                   out[place] = row[bit / 8] >> shift & ((1U << layout.bits) - 1);
                                 }
                               }
                             }
                           });
  return out;
}

// YCbCr in all its samplings, by libtiff's own conversion.
bool read_converted(TIFF* tiff, const Layout& layout, Image& image) {
  const size_t count = size_t{layout.width} * layout.height;
  std::vector<uint32_t> raster(count);
  if (TIFFReadRGBAImageOriented(tiff, layout.width, layout.height, raster.data(),
                                ORIENTATION_TOPLEFT, 1) == 0) {
    return false;
  }
  image.rgb_HWC.resize(count * 3);
  for (size_t i = 0; i < count; ++i) {
    image.rgb_HWC[3 * i] = static_cast<uint8_t>(TIFFGetR(raster[i]));
    image.rgb_HWC[3 * i + 1] = static_cast<uint8_t>(TIFFGetG(raster[i]));
    image.rgb_HWC[3 * i + 2] = static_cast<uint8_t>(TIFFGetB(raster[i]));
  }
  return true;
}

std::vector<uint8_t> with_palette(TIFF* tiff, const Layout& layout,
                                  const std::vector<uint8_t>& entries, std::string_view where) {
  std::array<uint16_t*, 3> table{};
  if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &table[0], &table[1], &table[2]) == 0) {
    throw InputError(where, "broken TIFF: it has no palette");
  }
  std::vector<uint8_t> rgb(entries.size() * 3);
  for (size_t i = 0; i < entries.size(); ++i) {
    for (size_t c = 0; c < 3; ++c) {
      const size_t entry = entries[i] & ((1U << layout.bits) - 1);
      rgb[3 * i + c] = static_cast<uint8_t>(table[c][entry] >> 8U);
    }
  }
  return rgb;
}

// Colours that were multiplied by their alpha, as Pillow divides them again.
void divide_by_alpha(std::vector<uint8_t>& samples, size_t channels) {
  for (size_t i = 0; i + channels <= samples.size(); i += channels) {
    const uint32_t alpha = samples[i + channels - 1];
    for (size_t c = 0; alpha > 0 && c + 1 < channels; ++c) {
      samples[i + c] = static_cast<uint8_t>(std::min(255U, 255U * samples[i + c] / alpha));
    }
  }
}

void drop_last_channel(std::vector<uint8_t>& samples, size_t channels, size_t width) {
  size_t to = 0;
  for (size_t from = 0; from < samples.size(); ++from) {
    if (from / width % channels != channels - 1) samples[to++] = samples[from];
  }
  samples.resize(to);
}

std::vector<uint8_t> rgb_of_cmyk(const std::vector<uint8_t>& cmyk) {
  std::vector<uint8_t> rgb(cmyk.size() / 4 * 3);
  for (size_t i = 0; i < cmyk.size() / 4; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      rgb[3 * i + c] = rgb_from_ink(cmyk[4 * i + c], cmyk[4 * i + 3]);
    }
  }
  return rgb;
}

std::vector<uint8_t> rgb_of(TIFF* tiff, const Layout& layout, std::vector<uint8_t> samples,
                            std::string_view where) {
  if (layout.photometric == PHOTOMETRIC_PALETTE) return with_palette(tiff, layout, samples, where);
  if (layout.photometric == PHOTOMETRIC_SEPARATED) return rgb_of_cmyk(samples);
  size_t channels = layout.samples;
  if (channels == layout.num_colours() + 1 && !layout.has_alpha()) {
    drop_last_channel(samples, channels, layout.bits == 16 ? 2 : 1);
    --channels;
  }
  if (layout.bits < 8) {
    const auto most = (1U << layout.bits) - 1;
    for (uint8_t& value : samples) value = static_cast<uint8_t>(value * 255U / most);
  }
  if (layout.photometric == PHOTOMETRIC_MINISWHITE) {
    const size_t width = layout.bits == 16 ? 2 : 1;
    for (size_t i = 0; i < samples.size(); ++i) {
      const bool is_alpha = layout.has_alpha() && i / width % channels == channels - 1;
      if (!is_alpha) samples[i] = static_cast<uint8_t>(~samples[i]);
    }
  }
  if (layout.has_alpha() && layout.extra == EXTRASAMPLE_ASSOCALPHA && layout.bits == 8) {
    divide_by_alpha(samples, channels);
  }
  return rgb_of_samples(std::move(samples), static_cast<int>(channels), layout.bits == 16 ? 16 : 8);
}

}  // namespace

bool is_tiff(std::string_view bytes) {
  using namespace std::string_view_literals;
  return bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv) ||
         bytes.starts_with("II+\0"sv) || bytes.starts_with("MM\0+"sv);
}

Image decode_tiff(std::string_view bytes, int64_t max_pixels, std::string_view where) {
  Source source{bytes, 0, {}};
  const auto fail = [&] { throw InputError(where, cat("broken TIFF: ", source.message.data())); };
  const Reader reader = open(source);
  if (reader == nullptr) fail();
  Layout layout = layout_of(reader.get());
  check_size(layout.height, layout.width, max_pixels, where);
  check_kind(layout, where);
  Image image{layout.height, layout.width, {}};
  if (layout.photometric == PHOTOMETRIC_YCBCR) {
    if (!read_converted(reader.get(), layout, image)) fail();
    return image;
  }
  bool is_whole = false;
  std::vector<uint8_t> samples = read_samples(reader.get(), layout, where, is_whole);
  if (!is_whole) fail();
  image.rgb_HWC = rgb_of(reader.get(), layout, std::move(samples), where);
  return image;
}

FileHead head_of_tiff(std::string_view bytes) {
  FileHead head;
  Source source{bytes, 0, {}};
  const Reader reader = open(source);
  if (reader == nullptr) return head;
  const Layout layout = layout_of(reader.get());
  head.num_pixels = int64_t{layout.width} * layout.height;
  if (layout.orientation >= 1 && layout.orientation <= 8) head.orientation = layout.orientation;
  if (head.orientation != 1) head.traits.add(Trait::kTurned);
  if (layout.has_alpha()) head.traits.add(Trait::kAlpha);
  if (layout.photometric == PHOTOMETRIC_SEPARATED) head.traits.add(Trait::kCmyk);
  if (layout.bits == 16) {
    head.traits.add(layout.is_grey() ? Trait::kGray16 : Trait::kColor16);
  }
  if (layout.photometric == PHOTOMETRIC_PALETTE) {
    head.traits.add(Trait::kPalette);
  } else if (layout.bits < 8) {
    head.traits.add(Trait::kFewBits);
  }
  if (TIFFLastDirectory(reader.get()) == 0) head.traits.add(Trait::kFrames);
  return head;
}

#else

bool is_tiff(std::string_view) { return false; }

Image decode_tiff(std::string_view, int64_t, std::string_view) {
  throw InternalError("this build reads no TIFF");
}

FileHead head_of_tiff(std::string_view) { return {}; }

#endif

}  // namespace lmc::image
