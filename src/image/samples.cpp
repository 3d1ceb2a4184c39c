#include "image/samples.h"

#include <algorithm>
#include <bit>

#include "image/decode.h"  // over_white

namespace lmc::image {

namespace {

// The least and the greatest sample that can be seen.
struct Range {
  uint32_t least = 65535;
  uint32_t greatest = 0;
};

uint32_t sample_at(const std::vector<uint8_t>& samples, size_t place) {
  return uint32_t{samples[2 * place]} << 8U | samples[2 * place + 1];
}

Range visible_range(const std::vector<uint8_t>& samples, size_t channels) {
  const bool has_alpha = channels % 2 == 0;
  const size_t colors = channels - (has_alpha ? 1 : 0);
  Range range;
  for (size_t pixel = 0; pixel < samples.size() / 2; pixel += channels) {
    if (has_alpha && samples[2 * (pixel + colors)] == 0) continue;  // by its high byte
    for (size_t c = 0; c < colors; ++c) {
      const uint32_t value = sample_at(samples, pixel + c);
      range.least = std::min(range.least, value);
      range.greatest = std::max(range.greatest, value);
    }
  }
  return range;
}

// The 8-bit value of each 16-bit one. What lies outside the range cannot be seen.
std::vector<uint8_t> gray_table(Range range) {
  if (range.least >= range.greatest) range = {0, 65535};
  const uint32_t span = range.greatest - range.least;
  std::vector<uint8_t> table(65536);
  for (uint32_t value = range.least; value <= range.greatest; ++value) {
    table[value] = static_cast<uint8_t>(((value - range.least) * 255 + span / 2) / span);
  }
  return table;
}

std::vector<uint8_t> color_table(const Range& range) {
  const auto bits = static_cast<uint32_t>(std::bit_width(range.greatest));
  const uint32_t shift = bits > 8 ? bits - 8 : 0;
  std::vector<uint8_t> table(65536);
  for (uint32_t value = 0; value <= range.greatest; ++value) {
    table[value] = static_cast<uint8_t>(value >> shift);
  }
  return table;
}

void to_8_bits(std::vector<uint8_t>& samples, size_t channels) {
  const Range range = visible_range(samples, channels);
  const std::vector<uint8_t> table = channels <= 2 ? gray_table(range) : color_table(range);
  const size_t count = samples.size() / 2;
  for (size_t i = 0; i < count; ++i) {
    const bool is_alpha = channels % 2 == 0 && i % channels == channels - 1;
    samples[i] = is_alpha ? samples[2 * i] : table[sample_at(samples, i)];
  }
  samples.resize(count);
}

}  // namespace

std::vector<uint8_t> rgb_of_samples(std::vector<uint8_t> samples, int channels, int depth) {
  const auto per_pixel = static_cast<size_t>(channels);
  if (depth == 16) to_8_bits(samples, per_pixel);
  if (channels == 3) return samples;
  const size_t count = samples.size() / per_pixel;
  std::vector<uint8_t> rgb(count * 3);
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* pixel = samples.data() + i * per_pixel;
    for (size_t c = 0; c < 3; ++c) {
      const uint8_t value = pixel[channels <= 2 ? 0 : c];
      rgb[3 * i + c] = channels % 2 == 0 ? over_white(value, pixel[channels - 1]) : value;
    }
  }
  return rgb;
}

}  // namespace lmc::image
