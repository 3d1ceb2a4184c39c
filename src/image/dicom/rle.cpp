// Byte planes, each packed by runs: of a 16-bit sample the high bytes of all pixels, then the low.
// Source: DICOM PS3.5 annex G.
#include "base/check.h"  // InputError
#include "image/dicom/codecs.h"

namespace lmc::image::dicom {

namespace {

constexpr size_t kHeadBytes = 64;
constexpr size_t kMostSegments = 15;

uint32_t number_at(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 4; i > 0; --i)
    value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

// Calls put(place, byte) for the first `size` bytes; false when the segment has fewer.
template <class Put>
bool unpack(std::string_view packed, size_t size, const Put& put) {
  size_t at = 0;
  size_t done = 0;
  while (done < size) {
    if (at >= packed.size()) return false;
    const auto code = static_cast<signed char>(packed[at++]);
    if (code == -128) continue;
    const bool is_run = code < 0;
    const auto count = static_cast<size_t>(is_run ? 1 - code : 1 + code);
    if (packed.size() - at < (is_run ? 1 : count)) return false;
    for (size_t i = 0; i < count && done < size; ++i) {
      put(done++, static_cast<uint8_t>(packed[is_run ? at : at + i]));
    }
    at += is_run ? 1 : count;
  }
  return true;
}

}  // namespace

Samples decode_rle(std::string_view frame, const PixelFormat& format, std::string_view where) {
  const auto fail = [&](std::string_view problem) {
    throw InputError(where, cat("broken DICOM: its RLE ", problem));
  };
  if (frame.size() < kHeadBytes) fail("ends too early");
  const auto sample_bytes = static_cast<size_t>(format.bits_allocated + 7) / 8;
  const size_t num_segments = number_at(frame, 0);
  if (num_segments > kMostSegments ||
      num_segments != sample_bytes * static_cast<size_t>(format.samples_per_pixel)) {
    fail("has another number of segments than its pixels have bytes");
  }
  Samples samples(format, format.bits_allocated);
  samples.is_planar = true;
  const auto num_pixels = static_cast<size_t>(format.rows * format.columns);
  for (size_t segment = 0; segment < num_segments; ++segment) {
    const size_t begin = number_at(frame, 4 + 4 * segment);
    const size_t end =
        segment + 1 < num_segments ? number_at(frame, 8 + 4 * segment) : frame.size();
    if (begin < kHeadBytes || begin > end || end > frame.size()) fail("has no such segment");
    const size_t channel = segment / sample_bytes;
    const auto shift = static_cast<uint32_t>(8 * (sample_bytes - 1 - segment % sample_bytes));
    const bool is_whole =
        unpack(frame.substr(begin, end - begin), num_pixels, [&](size_t pixel, uint8_t byte) {
          const size_t place = channel * num_pixels + pixel;
          samples.set(place, samples.at(place) | uint32_t{byte} << shift);
        });
    if (!is_whole) fail("has too few bytes");
  }
  return samples;
}

}  // namespace lmc::image::dicom
