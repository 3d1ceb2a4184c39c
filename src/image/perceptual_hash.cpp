#include "image/perceptual_hash.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace lmc::image {

namespace {

constexpr size_t kSide = 32;
constexpr size_t kBits = 8;  // a side of the block of coefficients
using Grid = std::array<std::array<double, kSide>, kSide>;

// The cells that the pixels of an axis fall into: pixel i covers `share` of itself in cell
// `cell`, the rest in the next one.
struct Place {
  size_t cell = 0;
  double share = 1;
};

std::vector<Place> places_of(int64_t side_px) {
  std::vector<Place> places(static_cast<size_t>(side_px));
  for (int64_t i = 0; i < side_px; ++i) {
    // Cell c spans c * side / 32 to (c + 1) * side / 32; in units of 1/32 pixel all is whole.
    const int64_t begin = i * static_cast<int64_t>(kSide);
    const int64_t cell = begin / side_px;
    const int64_t border = (cell + 1) * side_px;
    const int64_t inside = std::min(border - begin, static_cast<int64_t>(kSide));
    places[static_cast<size_t>(i)] = {static_cast<size_t>(cell),
                                      static_cast<double>(inside) / kSide};
  }
  return places;
}

Grid gray_grid(const Image& image) {
  const std::vector<Place> columns = places_of(image.width_px);
  const std::vector<Place> rows = places_of(image.height_px);
  Grid grid{};
  const uint8_t* pixel = image.rgb_HWC.data();
  std::array<double, kSide + 1> sums{};
  for (const Place& row : rows) {
    sums.fill(0);
    for (const Place& column : columns) {
      const double gray = (299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2]) / 1000.0;
      sums[column.cell] += gray * column.share;
      sums[column.cell + 1] += gray * (1 - column.share);
      pixel += 3;
    }
    for (size_t i = 0; i < kSide; ++i) {
      grid[row.cell][i] += sums[i] * row.share;
      if (row.share < 1) grid[row.cell + 1][i] += sums[i] * (1 - row.share);
    }
  }
  const double cell_area =
      static_cast<double>(image.width_px) * static_cast<double>(image.height_px) / (kSide * kSide);
  for (auto& row : grid) {
    for (double& cell : row) cell /= cell_area;
  }
  return grid;
}

double contrast_of(const Grid& grid) {
  double sum = 0;
  double squares = 0;
  for (const auto& row : grid) {
    for (const double cell : row) {
      sum += cell;
      squares += cell * cell;
    }
  }
  const double mean = sum / (kSide * kSide);
  return std::sqrt(std::max(0.0, squares / (kSide * kSide) - mean * mean));
}

// Coefficients 1 to 8 in both directions.
std::array<double, kBits * kBits> coefficients_of(const Grid& grid) {
  std::array<std::array<double, kSide>, kBits> cosine{};
  for (size_t k = 0; k < kBits; ++k) {
    for (size_t i = 0; i < kSide; ++i) {
      cosine[k][i] = std::cos(std::numbers::pi * static_cast<double>(k + 1) *
                              (2 * static_cast<double>(i) + 1) / (2 * kSide));
    }
  }
  std::array<std::array<double, kSide>, kBits> half{};  // transformed downwards only
  for (size_t k = 0; k < kBits; ++k) {
    for (size_t y = 0; y < kSide; ++y) {
      for (size_t x = 0; x < kSide; ++x) half[k][x] += cosine[k][y] * grid[y][x];
    }
  }
  std::array<double, kBits * kBits> coefficients{};
  for (size_t k = 0; k < kBits; ++k) {
    for (size_t l = 0; l < kBits; ++l) {
      for (size_t x = 0; x < kSide; ++x) coefficients[k * kBits + l] += half[k][x] * cosine[l][x];
    }
  }
  return coefficients;
}

}  // namespace

std::optional<uint64_t> perceptual_hash(const Image& image) {
  if (std::min(image.height_px, image.width_px) < kMinHashedSidePx) return std::nullopt;
  const Grid grid = gray_grid(image);
  if (contrast_of(grid) < kMinHashedContrast) return std::nullopt;
  const auto coefficients = coefficients_of(grid);
  auto sorted = coefficients;
  std::sort(sorted.begin(), sorted.end());
  const double median = (sorted[sorted.size() / 2 - 1] + sorted[sorted.size() / 2]) / 2;
  uint64_t hash = 0;
  for (const double one : coefficients) hash = hash << 1U | (one > median ? 1U : 0U);
  return hash;
}

}  // namespace lmc::image
