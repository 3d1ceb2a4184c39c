#include "teacher/picture.h"

#include <gtest/gtest.h>

#include "base/check.h"    // InputError
#include "net/data_url.h"  // parse_data_url
#include "teacher/scripted_teacher.h"

namespace lmc::teacher {
namespace {

image::Image grey(int64_t height_px, int64_t width_px) {
  return {height_px, width_px,
          std::vector<uint8_t>(static_cast<size_t>(height_px * width_px * 3), 128)};
}

struct Sent {
  net::DataUrl url;
  image::Image picture;
};

Sent sent(const std::string& path, int64_t max_area_px) {
  Sent sent{net::parse_data_url(picture_url(path, max_area_px), size_t{1} << 20, "test"), {}};
  sent.picture = image::decode(sent.url.bytes, "test");
  return sent;
}

TEST(Picture, AFileThatFitsIsSentAsItIs) {
  const TestFolder folder;
  const std::pair<std::string, std::string> files[] = {
      {image::encode_png(grey(20, 30)), "image/png"},
      {image::encode_jpeg(grey(20, 30), 80), "image/jpeg"}};
  for (const auto& [bytes, media_type] : files) {
    write_file(folder.file("picture"), bytes);
    for (const int64_t max_area_px : {0, 600}) {
      const Sent got = sent(folder.file("picture"), max_area_px);
      EXPECT_EQ(got.url.media_type, media_type);
      EXPECT_EQ(got.url.bytes, bytes);
    }
  }
}

TEST(Picture, ALargerOneIsMadeSmallerInItsProportions) {
  const TestFolder folder;
  const std::pair<std::string, std::string> files[] = {
      {image::encode_png(grey(200, 400)), "image/png"},
      {image::encode_jpeg(grey(200, 400), 80), "image/jpeg"}};
  for (const auto& [bytes, media_type] : files) {
    write_file(folder.file("picture"), bytes);
    const Sent got = sent(folder.file("picture"), 20'000);
    EXPECT_EQ(got.url.media_type, media_type);
    EXPECT_EQ(got.picture.height_px, 100);
    EXPECT_EQ(got.picture.width_px, 200);
  }
  write_file(folder.file("strip"), image::encode_png(grey(1, 500)));
  const Sent strip = sent(folder.file("strip"), 100);
  EXPECT_EQ(strip.picture.height_px, 1);
  EXPECT_EQ(strip.picture.width_px, 100);
}

TEST(Picture, WhatIsNoPictureIsRefused) {
  const TestFolder folder;
  EXPECT_THROW(picture_url(folder.file("missing"), 0), InputError);
  write_file(folder.file("text"), "not a picture");
  EXPECT_THROW(picture_url(folder.file("text"), 0), InputError);
  const std::string whole = image::encode_png(grey(20, 30));
  write_file(folder.file("half"), whole.substr(0, whole.size() / 2));
  EXPECT_THROW(picture_url(folder.file("half"), 0), InputError);
}

}  // namespace
}  // namespace lmc::teacher
