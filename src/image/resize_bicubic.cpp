// Mirrors: ATen, UpSampleKernel.cpp, the uint8 path of upsample_bicubic2d_aa: per axis, weights in
// double, scaled to 16-bit integers with the largest shift that fits, width first, then height,
// with rounding and clamping to 8 bits after each pass.
#include <algorithm>
#include <cmath>

#include "base/check.h"        // LMC_CHECK
#include "image/preprocess.h"  // resize_bicubic

namespace lmc::image {

namespace {

constexpr int kMaxPrecision = 22;

double keys_cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

// For each output place: the first input place, how many are used, and their weights.
struct Axis {
  int64_t taps = 0;  // weights kept for each output place
  int precision = 0;
  std::vector<int64_t> first;
  std::vector<int64_t> count;
  std::vector<int16_t> weights;
};

Axis make_axis(int64_t in, int64_t out) {
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double support = 2 * std::max(scale, 1.0);
  const double inverse = scale >= 1 ? 1 / scale : 1.0;
  Axis axis;
  axis.taps = 2 * static_cast<int64_t>(std::ceil(support)) + 1;
  axis.first.resize(static_cast<size_t>(out));
  axis.count.resize(static_cast<size_t>(out));
  std::vector<double> exact(static_cast<size_t>(out * axis.taps));
  double largest = 0;
  for (int64_t i = 0; i < out; ++i) {
    const double center = scale * (static_cast<double>(i) + 0.5);
    const int64_t first = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5), 0);
    const int64_t end = std::min<int64_t>(static_cast<int64_t>(center + support + 0.5), in);
    const int64_t count = std::clamp<int64_t>(end - first, 0, axis.taps);
    double* row = exact.data() + i * axis.taps;
    double sum = 0;
    for (int64_t j = 0; j < count; ++j) {
      row[j] = keys_cubic((static_cast<double>(j + first) - center + 0.5) * inverse);
      sum += row[j];
    }
    for (int64_t j = 0; j < count; ++j) {
      if (sum != 0) row[j] /= sum;
      largest = std::max(largest, row[j]);
    }
    axis.first[static_cast<size_t>(i)] = first;
    axis.count[static_cast<size_t>(i)] = count;
  }
  for (axis.precision = 0; axis.precision < kMaxPrecision; ++axis.precision) {
    const auto next =
        static_cast<int>(0.5 + largest * static_cast<double>(1 << (axis.precision + 1)));
    if (next >= (1 << 15)) break;
  }
  const double unit = static_cast<double>(1 << axis.precision);
  axis.weights.resize(exact.size());
  std::transform(exact.begin(), exact.end(), axis.weights.begin(), [&](double weight) {
    return static_cast<int16_t>(weight * unit + (weight < 0 ? -0.5 : 0.5));
  });
  return axis;
}

uint8_t to_u8(int32_t sum, int precision) {
  return static_cast<uint8_t>(std::clamp(sum >> precision, 0, 255));
}

void resize_rows(const uint8_t* in, int64_t rows, int64_t in_width, const Axis& axis,
                 uint8_t* out) {
  const auto out_width = static_cast<int64_t>(axis.first.size());
  const int32_t half = axis.precision > 0 ? 1 << (axis.precision - 1) : 0;
  for (int64_t y = 0; y < rows; ++y) {
    const uint8_t* in_row = in + y * in_width * 3;
    uint8_t* out_row = out + y * out_width * 3;
    for (int64_t x = 0; x < out_width; ++x) {
      const int16_t* weight = axis.weights.data() + x * axis.taps;
      const uint8_t* source = in_row + axis.first[static_cast<size_t>(x)] * 3;
      int32_t r = half, g = half, b = half;
      for (int64_t j = 0; j < axis.count[static_cast<size_t>(x)]; ++j, source += 3) {
        r += weight[j] * source[0];
        g += weight[j] * source[1];
        b += weight[j] * source[2];
      }
      out_row[3 * x] = to_u8(r, axis.precision);
      out_row[3 * x + 1] = to_u8(g, axis.precision);
      out_row[3 * x + 2] = to_u8(b, axis.precision);
    }
  }
}

// Whole rows at a time: the inner loop runs along memory and vectorises.
void resize_columns(const uint8_t* in, int64_t row_values, const Axis& axis, uint8_t* out) {
  const int32_t half = axis.precision > 0 ? 1 << (axis.precision - 1) : 0;
  std::vector<int32_t> sums(static_cast<size_t>(row_values));
  for (size_t y = 0; y < axis.first.size(); ++y) {
    std::fill(sums.begin(), sums.end(), half);
    for (int64_t j = 0; j < axis.count[y]; ++j) {
      const int32_t weight =
          axis.weights[y * static_cast<size_t>(axis.taps) + static_cast<size_t>(j)];
      const uint8_t* source = in + (axis.first[y] + j) * row_values;
      for (int64_t i = 0; i < row_values; ++i) sums[static_cast<size_t>(i)] += weight * source[i];
    }
    uint8_t* row = out + static_cast<int64_t>(y) * row_values;
    for (int64_t i = 0; i < row_values; ++i) {
      row[i] = to_u8(sums[static_cast<size_t>(i)], axis.precision);
    }
  }
}

}  // namespace

Image resize_bicubic(const Image& source, SizePx target) {
  LMC_CHECK(target.height > 0 && target.width > 0);
  Image wide{source.height_px, target.width, {}};
  if (source.width_px == target.width) {
    wide.rgb_HWC = source.rgb_HWC;
  } else {
    wide.rgb_HWC.resize(static_cast<size_t>(source.height_px * target.width * 3));
    resize_rows(source.rgb_HWC.data(), source.height_px, source.width_px,
                make_axis(source.width_px, target.width), wide.rgb_HWC.data());
  }
  if (source.height_px == target.height) return wide;
  Image result{target.height, target.width,
               std::vector<uint8_t>(static_cast<size_t>(target.height * target.width * 3))};
  resize_columns(wide.rgb_HWC.data(), target.width * 3, make_axis(source.height_px, target.height),
                 result.rgb_HWC.data());
  return result;
}

}  // namespace lmc::image
