#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <jpeglib.h>  // after cstdio

#include "base/check.h"   // InputError
#include "image/image.h"  // decode

namespace lmc::image {
namespace {

// A grey image of one colour, each of whose coefficients has a scan of its own: 64 scans.
std::string of_64_scans(unsigned side) {
  std::vector<jpeg_scan_info> scans(64);
  for (int i = 0; i < 64; ++i) scans[static_cast<size_t>(i)] = {1, {0}, i, i, 0, 0};
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = side;
  info.image_height = side;
  info.input_components = 1;
  info.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&info);
  info.scan_info = scans.data();
  info.num_scans = static_cast<int>(scans.size());
  jpeg_start_compress(&info, TRUE);
  std::vector<JSAMPLE> grey(side, 77);
  JSAMPROW row = grey.data();
  while (info.next_scanline < side) jpeg_write_scanlines(&info, &row, 1);
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string file(reinterpret_cast<char*>(bytes), size);
  std::free(bytes);
  return file;
}

TEST(JpegScans, ManyScansOfASmallImageAreRead) {
  const Image image = decode(of_64_scans(40), "scans.jpg");
  EXPECT_EQ(image.rgb_HWC, std::vector<uint8_t>(40 * 40 * 3, 77));
}

// A few kilobytes that would take as long as 64 images of 16 million pixels.
TEST(JpegScans, ManyScansOfALargeOneAreRefused) {
  try {
    decode(of_64_scans(4000), "scans.jpg");
    FAIL() << "was read";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("more than 31 scans of so many pixels"));
  }
}

}  // namespace
}  // namespace lmc::image
