// The decoders of compressed frames. Each takes the bytes of one frame and gives its samples.
//
// Errors: InputError for anything that is not a whole frame of the size that `format` states. The
//         size is compared before memory is taken, and so is whatever else an encoded frame claims.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "image/dicom/pixel_format.h"

namespace lmc::image::dicom {

// Samples as they are stored: bits beside those in use may hold anything.
struct Samples {
  std::vector<uint8_t> bytes;  // each of bytes_per_sample, in the machine's order
  int bytes_per_sample = 1;    // 1, 2 or 4
  bool is_planar = false;
  int lowest_bit = 0;  // the bits in use, of each sample
  int bits = 8;
  Colours colours = Colours::kGreyFromBlack;

  Samples() = default;
  // Zeros, for a frame of that format, in `bits` from bit 0 on.
  Samples(const PixelFormat& format, int num_bits)
      : bytes_per_sample(num_bits <= 8    ? 1
                         : num_bits <= 16 ? 2
                                          : 4),
        bits(num_bits),
        colours(format.colours) {
    bytes.resize(static_cast<size_t>(format.rows * format.columns * format.samples_per_pixel *
                                     bytes_per_sample));
  }

  // Where the sample lies in `bytes`, in samples.
  size_t place(size_t pixel, size_t channel, size_t num_pixels, size_t num_channels) const {
    return is_planar ? channel * num_pixels + pixel : pixel * num_channels + channel;
  }

  uint32_t at(size_t i) const {
    if (bytes_per_sample == 1) return bytes[i];
    if (bytes_per_sample == 2) {
      uint16_t word = 0;
      std::memcpy(&word, bytes.data() + 2 * i, sizeof word);
      return word;
    }
    uint32_t value = 0;
    std::memcpy(&value, bytes.data() + 4 * i, sizeof value);
    return value;
  }

  // The bits in use.
  uint32_t bits_at(size_t i) const {
    const uint32_t mask = ~uint32_t{0} >> static_cast<unsigned>(32 - bits);
    return at(i) >> static_cast<unsigned>(lowest_bit) & mask;
  }

  int64_t number_at(size_t i, bool is_signed) const {
    const auto unused = static_cast<unsigned>(64 - bits);
    return is_signed ? static_cast<int64_t>(uint64_t{bits_at(i)} << unused) >> unused
                     : int64_t{bits_at(i)};
  }

  size_t size() const { return bytes.size() / static_cast<size_t>(bytes_per_sample); }

  void set(size_t i, uint32_t value) {
    if (bytes_per_sample == 1) {
      bytes[i] = static_cast<uint8_t>(value);
    } else if (bytes_per_sample == 2) {
      const auto word = static_cast<uint16_t>(value);
      std::memcpy(bytes.data() + 2 * i, &word, sizeof word);
    } else {
      std::memcpy(bytes.data() + 4 * i, &value, sizeof value);
    }
  }
};

// Source: PS3.5 annex G.
Samples decode_rle(std::string_view frame, const PixelFormat& format, std::string_view where);

// JPEG of 8 bits by libjpeg; lossless and 12-bit JPEG by code of our own (jpeg_huffman.cpp).
Samples decode_jpeg_frame(std::string_view frame, const PixelFormat& format,
                          std::string_view where);
Samples decode_huffman_jpeg(std::string_view frame, const PixelFormat& format,
                            std::string_view where);

// By CharLS and OpenJPEG; a build without them (LMC_DICOM_CODECS) refuses both by name.
Samples decode_jpeg_ls(std::string_view frame, const PixelFormat& format, std::string_view where);
Samples decode_jpeg_2000(std::string_view frame, const PixelFormat& format, std::string_view where);

}  // namespace lmc::image::dicom
