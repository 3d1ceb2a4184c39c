#include "apps/terminal_image.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/check.h"     // cat
#include "base/data_url.h"  // base64_encode

namespace lmc::apps {

namespace {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_kitty_like() {
  const std::string_view program = environment("TERM_PROGRAM");
  return !environment("KITTY_WINDOW_ID").empty() || environment("TERM") == "xterm-kitty" ||
         environment("TERM") == "xterm-ghostty" || program == "WezTerm" || program == "ghostty";
}

// A cube of colours, six levels of each: what every sixel terminal holds, and enough to know an
// image by.
constexpr int kLevels = 6;
constexpr int kSixelRows = 6;

int level_of(uint8_t value) { return (value * (kLevels - 1) + 127) / 255; }

int colour_of(const image::Image& image, int64_t x, int64_t y) {
  const uint8_t* const rgb = &image.rgb_HWC[static_cast<size_t>((y * image.width_px + x) * 3)];
  return (level_of(rgb[0]) * kLevels + level_of(rgb[1])) * kLevels + level_of(rgb[2]);
}

// Six rows of one colour, a character a column: its bits from the top row down.
std::string band_of(const std::vector<std::vector<int>>& rows, int colour) {
  std::string band;
  const size_t width = rows.front().size();
  for (size_t x = 0; x < width;) {
    const auto sixel_at = [&](size_t column) {
      int bits = 0;
      for (size_t y = 0; y < rows.size(); ++y) bits |= (rows[y][column] == colour ? 1 : 0) << y;
      return static_cast<char>('?' + bits);
    };
    const char sixel = sixel_at(x);
    size_t end = x + 1;
    while (end < width && sixel_at(end) == sixel) ++end;
    band += end - x > 3 ? cat("!", end - x, sixel) : std::string(end - x, sixel);
    x = end;
  }
  return band;
}

}  // namespace

std::string kitty_image(const image::Image& image) {
  constexpr size_t kMostBytes = 4096;  // of one escape sequence
  const std::string data = base64_encode(image::encode_png(image));
  std::string text;
  for (size_t begin = 0; begin < data.size(); begin += kMostBytes) {
    const bool is_last = begin + kMostBytes >= data.size();
    text += cat("\x1b_G", begin == 0 ? "a=T,f=100," : "", "m=", is_last ? 0 : 1, ";",
                std::string_view(data).substr(begin, kMostBytes), "\x1b\\");
  }
  return text + "\n";
}

std::string sixel_image(const image::Image& image) {
  std::string text = cat("\x1bPq\"1;1;", image.width_px, ";", image.height_px);
  for (int colour = 0; colour < kLevels * kLevels * kLevels; ++colour) {
    const auto percent = [](int level) { return level * 100 / (kLevels - 1); };
    text += cat("#", colour, ";2;", percent(colour / (kLevels * kLevels)), ";",
                percent(colour / kLevels % kLevels), ";", percent(colour % kLevels));
  }
  for (int64_t top = 0; top < image.height_px; top += kSixelRows) {
    std::vector<std::vector<int>> rows;
    std::vector<int> colours;
    for (int64_t y = top; y < std::min(top + kSixelRows, image.height_px); ++y) {
      rows.emplace_back();
      for (int64_t x = 0; x < image.width_px; ++x) rows.back().push_back(colour_of(image, x, y));
      colours.insert(colours.end(), rows.back().begin(), rows.back().end());
    }
    std::sort(colours.begin(), colours.end());
    colours.erase(std::unique(colours.begin(), colours.end()), colours.end());
    for (const int colour : colours) {
      text += cat("#", colour, band_of(rows, colour), "$");  // back to the band's left
    }
    text += "-";  // on to the next band
  }
  return text + "\x1b\\\n";
}

std::optional<std::string> terminal_image(const image::Image& image, TerminalImage wish,
                                          bool is_terminal) {
  if (wish == TerminalImage::kAuto) {
    wish = is_terminal && is_kitty_like() ? TerminalImage::kKitty : TerminalImage::kNone;
  }
  if (wish == TerminalImage::kKitty) return kitty_image(image);
  if (wish == TerminalImage::kSixel) return sixel_image(image);
  return std::nullopt;
}

}  // namespace lmc::apps
