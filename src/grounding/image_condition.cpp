#include "grounding/image_condition.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "base/check.h"  // LMC_CHECK

namespace lmc::grounding {

namespace {

constexpr int64_t kChannels = 3;
constexpr double kMiddleGrey = 128;

uint8_t to_byte(double value) {
  return static_cast<uint8_t>(std::clamp(std::nearbyint(value), 0.0, 255.0));
}

size_t offset(const image::Image& image, int64_t row, int64_t column) {
  return static_cast<size_t>((row * image.width_px + column) * kChannels);
}

std::vector<double> gaussian(double sigma_px) {
  const auto reach = static_cast<int64_t>(std::ceil(3 * sigma_px));
  std::vector<double> weights;
  for (int64_t i = -reach; i <= reach; ++i) {
    const double x = static_cast<double>(i) / sigma_px;
    weights.push_back(std::exp(-0.5 * x * x));
  }
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= total;
  return weights;
}

// One axis of the convolution: `lines` lines of `length` values, `step` apart, `line_step` between
// the lines' first values.
void blur_lines(const std::vector<double>& from, std::vector<double>& to,
                const std::vector<double>& weights, int64_t lines, int64_t length, int64_t step,
                const std::vector<int64_t>& line_begin) {
  const auto reach = static_cast<int64_t>(weights.size() / 2);
  for (int64_t line = 0; line < lines; ++line) {
    const int64_t begin = line_begin[static_cast<size_t>(line)];
    for (int64_t i = 0; i < length; ++i) {
      double sum = 0;
      for (int64_t k = -reach; k <= reach; ++k) {
        const int64_t at = std::clamp<int64_t>(i + k, 0, length - 1);
        sum +=
            weights[static_cast<size_t>(k + reach)] * from[static_cast<size_t>(begin + at * step)];
      }
      to[static_cast<size_t>(begin + i * step)] = sum;
    }
  }
}

std::vector<double> blurred(const image::Image& image, double sigma_px) {
  const std::vector<double> weights = gaussian(sigma_px);
  const int64_t height = image.height_px;
  const int64_t width = image.width_px;
  std::vector<double> values(image.rgb_HWC.begin(), image.rgb_HWC.end());
  std::vector<double> across(values.size());
  std::vector<int64_t> begins;
  for (int64_t row = 0; row < height; ++row) {
    for (int64_t c = 0; c < kChannels; ++c) begins.push_back(row * width * kChannels + c);
  }
  blur_lines(values, across, weights, height * kChannels, width, kChannels, begins);
  begins.resize(static_cast<size_t>(width * kChannels));
  std::iota(begins.begin(), begins.end(), 0);
  blur_lines(across, values, weights, width * kChannels, height, width * kChannels, begins);
  return values;
}

}  // namespace

image::Image at_model_size(const image::Image& image, const image::PreprocessOptions& options,
                           std::string_view where) {
  const image::SizePx own{image.height_px, image.width_px};
  const image::SizePx target = image::smart_resize(own, options, where);
  return own == target ? image : image::resize_bicubic(image, target);
}

image::Image at_size(image::Image image, image::SizePx size) {
  return image::SizePx{image.height_px, image.width_px} == size
             ? std::move(image)
             : image::resize_bicubic(image, size);
}

image::Image flat_image(image::SizePx size, uint8_t value) {
  return {size.height, size.width,
          std::vector<uint8_t>(static_cast<size_t>(size.height * size.width * kChannels), value)};
}

image::Image noise_image(image::SizePx size, Random& random) {
  image::Image image = flat_image(size, 0);
  for (uint8_t& value : image.rgb_HWC) value = to_byte(127.5 + 64 * random.normal());
  return image;
}

image::Image patch_shuffled(const image::Image& image, int64_t cell_px, Random& random) {
  LMC_CHECK(image.height_px % cell_px == 0 && image.width_px % cell_px == 0, image.width_px, "x",
            image.height_px, " in cells of ", cell_px);
  const int64_t columns = image.width_px / cell_px;
  std::vector<int64_t> order(static_cast<size_t>(columns * (image.height_px / cell_px)));
  std::iota(order.begin(), order.end(), 0);
  random.shuffle(order);
  image::Image changed = image;
  for (size_t cell = 0; cell < order.size(); ++cell) {
    const auto to = static_cast<int64_t>(cell);
    for (int64_t y = 0; y < cell_px; ++y) {
      const size_t source =
          offset(image, order[cell] / columns * cell_px + y, order[cell] % columns * cell_px);
      const size_t target = offset(image, to / columns * cell_px + y, to % columns * cell_px);
      std::copy_n(image.rgb_HWC.begin() + static_cast<std::ptrdiff_t>(source), cell_px * kChannels,
                  changed.rgb_HWC.begin() + static_cast<std::ptrdiff_t>(target));
    }
  }
  return changed;
}

image::Image low_pass(const image::Image& image, double sigma_px) {
  const std::vector<double> smooth = blurred(image, sigma_px);
  image::Image changed = image;
  for (size_t i = 0; i < smooth.size(); ++i) changed.rgb_HWC[i] = to_byte(smooth[i]);
  return changed;
}

image::Image high_pass(const image::Image& image, double sigma_px) {
  const std::vector<double> smooth = blurred(image, sigma_px);
  image::Image changed = image;
  for (size_t i = 0; i < smooth.size(); ++i) {
    changed.rgb_HWC[i] = to_byte(kMiddleGrey + image.rgb_HWC[i] - smooth[i]);
  }
  return changed;
}

}  // namespace lmc::grounding
