#include "apps/terminal_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/data_url.h"  // base64_decode
#include "image/test_pattern.h"

namespace lmc::apps {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST(TerminalImage, KittyGetsThePngInChunks) {
  const image::Image image = image::pattern(60, 90);
  const std::string text = kitty_image(image);
  EXPECT_THAT(text, StartsWith("\x1b_Ga=T,f=100,m=1;"));
  EXPECT_THAT(text, EndsWith("\x1b\\\n"));
  std::string data;
  size_t num_chunks = 0;
  for (size_t at = text.find("\x1b_G"); at != text.npos; at = text.find("\x1b_G", at + 1)) {
    const size_t begin = text.find(';', at) + 1;
    const size_t end = text.find("\x1b\\", begin);
    EXPECT_LE(end - begin, 4096u);
    EXPECT_EQ(text[begin - 2], text.find("\x1b_G", end) == text.npos ? '0' : '1');
    data += text.substr(begin, end - begin);
    ++num_chunks;
  }
  EXPECT_GT(num_chunks, 1u);
  EXPECT_EQ(image::decode(base64_decode(data, "data"), "png").rgb_HWC, image.rgb_HWC);
}

TEST(TerminalImage, SixelsOfABlackAndAWhiteHalf) {
  image::Image image{7, 5, std::vector<uint8_t>(7 * 5 * 3, 0)};
  std::fill_n(image.rgb_HWC.begin(), 2 * 5 * 3, uint8_t{255});  // the two top rows
  const std::string text = sixel_image(image);
  EXPECT_THAT(text, StartsWith("\x1bPq\"1;1;5;7#0;2;0;0;0#1;2;0;0;20"));
  // Of six rows the lower four are black, '?' + 0b111100, five times; the upper two white, 0b11.
  EXPECT_THAT(text, HasSubstr("#0!5{$#215!5B$-#0!5@$-\x1b\\\n"));
}

TEST(TerminalImage, ByWish) {
  const image::Image image = image::pattern(8, 8);
  EXPECT_FALSE(terminal_image(image, TerminalImage::kNone, true));
  EXPECT_FALSE(terminal_image(image, TerminalImage::kAuto, false));
  EXPECT_EQ(terminal_image(image, TerminalImage::kSixel, false), sixel_image(image));
}

}  // namespace
}  // namespace lmc::apps
