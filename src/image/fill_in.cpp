#include "image/fill_in.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"  // LMC_CHECK

namespace lmc::image {

namespace {

using Colour = std::array<float, 3>;

// The image at half the side of the level before it.
struct Level {
  int64_t height = 0;
  int64_t width = 0;
  std::vector<Colour> colours;
  std::vector<char> known;

  size_t at(int64_t y, int64_t x) const { return static_cast<size_t>(y * width + x); }
};

Level finest_level(const Image& image, const std::vector<bool>& hidden) {
  Level level{image.height_px, image.width_px, {}, {}};
  for (size_t i = 0; i < hidden.size(); ++i) {
    const uint8_t* rgb = &image.rgb_HWC[3 * i];
    level.colours.push_back(
        {static_cast<float>(rgb[0]), static_cast<float>(rgb[1]), static_cast<float>(rgb[2])});
    level.known.push_back(hidden[i] ? 0 : 1);
  }
  return level;
}

// Each pixel is the mean of those of its four that are known.
Level pulled(const Level& fine) {
  Level coarse{(fine.height + 1) / 2, (fine.width + 1) / 2, {}, {}};
  for (int64_t y = 0; y < coarse.height; ++y) {
    for (int64_t x = 0; x < coarse.width; ++x) {
      Colour sum{};
      float count = 0;
      for (int64_t fine_y = 2 * y; fine_y < std::min(2 * y + 2, fine.height); ++fine_y) {
        for (int64_t fine_x = 2 * x; fine_x < std::min(2 * x + 2, fine.width); ++fine_x) {
          const size_t i = fine.at(fine_y, fine_x);
          if (!fine.known[i]) continue;
          for (size_t c = 0; c < 3; ++c) sum[c] += fine.colours[i][c];
          ++count;
        }
      }
      for (float& value : sum) value /= std::max(count, 1.0F);
      coarse.colours.push_back(sum);
      coarse.known.push_back(count > 0 ? 1 : 0);
    }
  }
  return coarse;
}

// Two neighbours of a place on the coarser level, and how much of the second is taken.
struct Between {
  int64_t first;
  int64_t second;
  float share;
};

Between between(int64_t fine, int64_t coarse_size) {
  const double place = (static_cast<double>(fine) + 0.5) / 2 - 0.5;
  const double low = std::floor(place);
  const auto first = static_cast<int64_t>(low);
  return {std::max<int64_t>(first, 0), std::min(first + 1, coarse_size - 1),
          static_cast<float>(place - low)};
}

// What is not known comes from the coarser level.
void push(const Level& coarse, Level& fine) {
  for (int64_t y = 0; y < fine.height; ++y) {
    const Between rows = between(y, coarse.height);
    for (int64_t x = 0; x < fine.width; ++x) {
      const size_t i = fine.at(y, x);
      if (fine.known[i]) continue;
      const Between columns = between(x, coarse.width);
      for (size_t c = 0; c < 3; ++c) {
        const auto along = [&](int64_t row) {
          return std::lerp(coarse.colours[coarse.at(row, columns.first)][c],
                           coarse.colours[coarse.at(row, columns.second)][c], columns.share);
        };
        fine.colours[i][c] = std::lerp(along(rows.first), along(rows.second), rows.share);
      }
    }
  }
}

}  // namespace

Image filled_in(const Image& image, const std::vector<bool>& hidden) {
  LMC_CHECK(static_cast<int64_t>(hidden.size()) == image.height_px * image.width_px,
            "one flag a pixel");
  std::vector<Level> levels = {finest_level(image, hidden)};
  while (levels.back().height > 1 || levels.back().width > 1) {
    levels.push_back(pulled(levels.back()));
  }
  for (size_t i = levels.size() - 1; i > 0; --i) push(levels[i], levels[i - 1]);
  Image filled = image;
  for (size_t i = 0; i < hidden.size(); ++i) {
    if (!hidden[i]) continue;
    for (size_t c = 0; c < 3; ++c) {
      filled.rgb_HWC[3 * i + c] = static_cast<uint8_t>(std::lround(levels[0].colours[i][c]));
    }
  }
  return filled;
}

}  // namespace lmc::image
