#include "client/image_url.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <thread>

#include "base/check.h"                // InputError
#include "base/data_url.h"             // parse_data_url
#include "base/json.h"                 // read_json
#include "base/sha256.h"               // sha256_hex
#include "client/scripted_endpoint.h"  // TestFolder
#include "image/foreign_file.h"        // foreign_kind_of

namespace lmc::client {
namespace {

image::Image grey(int64_t height_px, int64_t width_px) {
  return {height_px, width_px,
          std::vector<uint8_t>(static_cast<size_t>(height_px * width_px * 3), 128)};
}

struct Sent {
  DataUrl url;
  image::Image image;
};

Sent sent(const std::string& path, int64_t max_area_px) {
  Sent sent{parse_data_url(image_url(path, max_area_px), size_t{1} << 20, "test"), {}};
  sent.image = image::decode(sent.url.bytes, "test");
  return sent;
}

// A segment or chunk with a name in it, and a name behind the end.
constexpr char kName[] = "ROE^RICHARD";

std::string jpeg_with_names(const std::string& jpeg) {
  const auto segment = [](char marker, const std::string& text) {
    const size_t size = text.size() + 2;
    return cat('\xff', marker, static_cast<char>(size >> 8), static_cast<char>(size & 255U), text);
  };
  std::string exif("Exif\0\0II*\0", 10);
  return cat(jpeg.substr(0, 2), segment('\xe1', exif + kName), segment('\xe1', cat("http", kName)),
             segment('\xed', cat("Photoshop 3.0", kName)), segment('\xfe', kName), jpeg.substr(2),
             kName);
}

std::string png_with_names(const std::string& png) {
  const auto chunk = [](const std::string& type, const std::string& data) {
    std::string size(4, '\0');
    for (size_t i = 0; i < 4; ++i) size[3 - i] = static_cast<char>(data.size() >> 8 * i & 255U);
    std::string sum(4, '\0');
    const std::string body = type + data;
    uint32_t crc = 0xFFFFFFFF;
    for (const char c : body) {
      crc ^= static_cast<unsigned char>(c);
      for (int k = 0; k < 8; ++k) crc = crc >> 1U ^ (crc & 1U ? 0xEDB88320 : 0);
    }
    for (size_t i = 0; i < 4; ++i) sum[3 - i] = static_cast<char>(~crc >> 8 * i & 255U);
    return size + body + sum;
  };
  const size_t header = 8 + 25;
  return cat(png.substr(0, header), chunk("tEXt", std::string("Patient\0", 8) + kName),
             chunk("iTXt", std::string("XML:com.adobe.xmp\0\0\0\0\0", 22) + kName),
             chunk("prVt", kName), png.substr(header), kName);
}

TEST(Image, PixelsAloneAreSent) {
  const TestFolder folder;
  image::Image picture = grey(20, 30);
  for (size_t i = 0; i < picture.rgb_HWC.size(); ++i) {
    picture.rgb_HWC[i] = static_cast<uint8_t>(100 + i % 90);
  }
  const std::string png = image::encode_png(picture);
  const std::string jpeg = image::encode_jpeg(picture, 80);
  const std::pair<std::string, std::string> files[] = {{png, png_with_names(png)},
                                                       {jpeg, jpeg_with_names(jpeg)}};
  for (const auto& [clean, named] : files) {
    ASSERT_EQ(image::decode(named, "named").rgb_HWC, image::decode(clean, "clean").rgb_HWC);
    ASSERT_NE(named.find(kName), named.npos);
    for (const int64_t max_area_px : {0, 600, 150}) {
      write_file(folder.file("clean"), clean);
      write_file(folder.file("named"), named);
      const Sent got = sent(folder.file("named"), max_area_px);
      EXPECT_EQ(got.url.bytes.find("ROE"), named.npos);
      EXPECT_EQ(got.url.bytes, sent(folder.file("clean"), max_area_px).url.bytes);
      if (max_area_px == 150) continue;
      EXPECT_EQ(got.url.bytes, &clean == &files[0].first
                                   ? image::encode_png(picture)
                                   : image::encode_jpeg(image::decode(jpeg, "clean"), 95));
    }
  }
}

// What quality 95 changes: its tables divide each coefficient by at most 12 (luminance) and 10
// (chrominance), and half of that is lost at most. A pixel is a sum over the 64 coefficients of an
// orthonormal basis, so the root mean square of the change is no more than that of the coefficients:
// 6 in Y, 5 in Cb and Cr, which come with a factor of at most 1.772 into blue; and half a level each
// for rounding to whole numbers, twice. Uniform over the steps, it is a third of that and less.
TEST(Image, AJpegChangesLittle) {
  const std::string path = LMC_SOURCE_DIR "/tests/golden/image/rgb.jpg";
  const image::Image before = image::decode(read_file(path), path);
  const image::Image after = sent(path, 0).image;
  ASSERT_EQ(after.rgb_HWC.size(), before.rgb_HWC.size());
  double squares = 0;
  for (size_t i = 0; i < before.rgb_HWC.size(); ++i) {
    squares += std::pow(int{before.rgb_HWC[i]} - int{after.rgb_HWC[i]}, 2);
  }
  const double rms = std::sqrt(squares / static_cast<double>(before.rgb_HWC.size()));
  EXPECT_LT(rms, (6 + 1.772 * 5) / std::sqrt(3) + 1);
}

TEST(Image, ALargerOneIsMadeSmallerInItsProportions) {
  const TestFolder folder;
  const std::pair<std::string, std::string> files[] = {
      {image::encode_png(grey(200, 400)), "image/png"},
      {image::encode_jpeg(grey(200, 400), 80), "image/jpeg"}};
  for (const auto& [bytes, media_type] : files) {
    write_file(folder.file("picture"), bytes);
    const Sent got = sent(folder.file("picture"), 20'000);
    EXPECT_EQ(got.url.media_type, media_type);
    EXPECT_EQ(got.image.height_px, 100);
    EXPECT_EQ(got.image.width_px, 200);
  }
  write_file(folder.file("strip"), image::encode_png(grey(1, 500)));
  const Sent strip = sent(folder.file("strip"), 100);
  EXPECT_EQ(strip.image.height_px, 1);
  EXPECT_EQ(strip.image.width_px, 100);
}

// Whatever a teacher would decode in its own way is sent as the pixels that the student sees.
TEST(Image, WhatIsNotPlainIsSentAsItsPixels) {
  const std::string files = LMC_SOURCE_DIR "/tests/golden/image_files/";
  const TestFolder folder;
  const ImageUrlCache cache(folder.file("cache"));
  int as_png = 0;
  const Json golden = read_json(files + "golden.json");
  for (const auto& [name, right] : golden["files"].items()) {
    const std::string bytes = read_file(files + name);
    if (image::foreign_kind_of(bytes) > 0) continue;  // TIFF, in a build without libtiff
    const Sent got = sent(files + name, 0);
    if (right["traits"].empty() && name.ends_with(".jpg")) {
      EXPECT_EQ(got.url.media_type, "image/jpeg") << name;
      continue;
    }
    ++as_png;
    EXPECT_EQ(got.url.media_type, "image/png") << name;
    EXPECT_TRUE(image::traits_of(got.url.bytes).is_plain()) << name;
    EXPECT_EQ(got.image.rgb_HWC, image::decode(bytes, name).rgb_HWC) << name;
    EXPECT_EQ(cache.get(files + name, sha256_hex(bytes), 0), image_url(files + name, 0)) << name;
    // Too large for the area: made smaller from the same pixels, and no JPEG either.
    const Sent smaller = sent(files + name, 48);
    EXPECT_EQ(smaller.url.media_type, "image/png") << name;
    EXPECT_EQ(smaller.image.height_px > smaller.image.width_px,
              got.image.height_px > got.image.width_px)
        << name;
  }
  EXPECT_GT(as_png, 60);
}

TEST(Image, WhatIsNoImageIsRefused) {
  const TestFolder folder;
  EXPECT_THROW(image_url(folder.file("missing"), 0), InputError);
  write_file(folder.file("text"), "not an image");
  EXPECT_THROW(image_url(folder.file("text"), 0), InputError);
  const std::string whole = image::encode_png(grey(20, 30));
  write_file(folder.file("half"), whole.substr(0, whole.size() / 2));
  EXPECT_THROW(image_url(folder.file("half"), 0), InputError);
}

std::vector<std::string> entries_of(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  }
  return paths;
}

TEST(ImageUrlCache, GivesWhatImageUrlGives) {
  const TestFolder folder;
  const ImageUrlCache cache(folder.file("cache"));
  for (const std::string& bytes :
       {image::encode_png(grey(20, 30)), image::encode_jpeg(grey(20, 30), 80)}) {
    const std::string path = folder.file("picture");
    write_file(path, bytes);
    for (const int64_t max_area_px : {0, 600, 150}) {
      const std::string url = image_url(path, max_area_px);
      EXPECT_EQ(cache.get(path, sha256_hex(bytes), max_area_px), url);
      EXPECT_EQ(cache.get(path, sha256_hex(bytes), max_area_px), url);
      EXPECT_EQ(cache.get(path, "", max_area_px), url);
    }
  }
  EXPECT_EQ(entries_of(folder.file("cache")).size(), 6u);  // two files in three areas
}

// What is in the cache is not decoded again: a broken file that is said to be whole passes.
TEST(ImageUrlCache, DecodesOnce) {
  const TestFolder folder;
  const ImageUrlCache cache(folder.file("cache"));
  const std::string whole = image::encode_png(grey(20, 30));
  const std::string half = whole.substr(0, whole.size() / 2);
  write_file(folder.file("whole"), whole);
  write_file(folder.file("half"), half);
  cache.get(folder.file("whole"), "", 0);
  const std::string entry = entries_of(folder.file("cache")).at(0);
  EXPECT_THROW(cache.get(folder.file("half"), "", 0), InputError);

  std::string forged = entry;
  const std::string hash = sha256_hex(whole), other = sha256_hex(half);
  forged.replace(forged.find(hash), hash.size(), other);
  forged.replace(forged.rfind('/') - 2, 2, other.substr(0, 2));
  make_folder(std::filesystem::path(forged).parent_path().string());
  write_file(forged, read_file(entry));
  EXPECT_EQ(cache.get(folder.file("half"), "", 0), image_url(folder.file("whole"), 0));
}

TEST(ImageUrlCache, ADamagedEntryIsMadeAnew) {
  const TestFolder folder;
  const ImageUrlCache cache(folder.file("cache"));
  const std::string path = folder.file("picture");
  write_file(path, image::encode_jpeg(grey(200, 400), 80));
  const std::string url = cache.get(path, "", 20'000);
  const std::string entry = entries_of(folder.file("cache")).at(0);
  const std::string bytes = read_file(entry);
  const std::string half = bytes.substr(0, bytes.size() / 2);
  for (const std::string& damaged : {std::string(), std::string("text"), bytes.substr(0, 20),
                                     bytes.substr(0, bytes.find('\n') + 1), half,
                                     half + std::string(bytes.size() - half.size(), '\0')}) {
    write_file(entry, damaged);
    EXPECT_EQ(cache.get(path, "", 20'000), url);
    EXPECT_EQ(read_file(entry), bytes);
  }
}

TEST(ImageUrlCache, AnImageThatChanged) {
  const TestFolder folder;
  const ImageUrlCache cache(folder.file("cache"));
  const std::string path = folder.file("picture");
  const std::string before = image::encode_png(grey(20, 30));
  write_file(path, before);
  cache.get(path, sha256_hex(before), 0);
  write_file(path, image::encode_png(grey(20, 31)));
  EXPECT_THROW(cache.get(path, sha256_hex(before), 0), InputError);
  EXPECT_NO_THROW(cache.get(path, "", 0));
}

TEST(ImageUrlCache, ManyThreadsAtOnce) {
  const TestFolder folder;
  const ImageUrlCache cache(folder.file("cache"));
  const std::string path = folder.file("picture");
  write_file(path, image::encode_jpeg(grey(64, 64), 80));
  const std::string url = image_url(path, 1000);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) right += cache.get(path, "", 1000) == url ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 80);
  EXPECT_EQ(entries_of(folder.file("cache")).size(), 1u);  // and no temporary files
}

TEST(ImageUrlCache, ADicomFileIsNeverSent) {
  const TestFolder folder;
  const ImageUrlCache cache(folder.file("cache"));
  const std::string path = folder.file("picture.dcm");
  // Also one whose preamble makes it a JPEG, as "dual-personality" files do.
  for (std::string file : {std::string(128, '\0'), image::encode_jpeg(grey(20, 30), 80)}) {
    file.resize(128, '\0');
    write_file(path, file + "DICM");
    for (const int64_t max_area_px : {0, 100}) {
      EXPECT_THROW(image_url(path, max_area_px), InputError);
      EXPECT_THROW(cache.get(path, "", max_area_px), InputError);
    }
  }
  EXPECT_TRUE(entries_of(folder.file("cache")).empty());
}

TEST(ImageUrlCache, OfDicomThePixelsAloneAreSentWhereAllowed) {
  const std::string files = LMC_SOURCE_DIR "/tests/golden/dicom/";
  const TestFolder folder;
  const ImageUrlCache cache(folder.file("cache"), DicomPixels::kSent);
  // Also one whose preamble makes it a JPEG.
  std::string dual = read_file(files + "two_windows.dcm");
  const std::string jpeg = image::encode_jpeg(grey(20, 30), 80);
  dual.replace(0, 128, jpeg.substr(0, 128));
  const std::string path = folder.file("dual.dcm");
  write_file(path, dual);
  for (const std::string& file : {files + "two_windows.dcm", path}) {
    const std::string url = cache.get(file, "", 0);
    const DataUrl sent = parse_data_url(url, url.size(), "test");
    EXPECT_EQ(sent.media_type, "image/png");
    EXPECT_EQ(sent.bytes.find("entinel"), std::string::npos);
    EXPECT_EQ(image::decode(sent.bytes, "test").rgb_HWC, image::read_image(file).rgb_HWC);
    EXPECT_EQ(image_url(file, 0, DicomPixels::kSent), url);
    EXPECT_EQ(cache.get(file, "", 0), url) << "as it was kept";
  }
  EXPECT_THROW(cache.get(files + "burned_in.dcm", "", 0), InputError);
}

}  // namespace
}  // namespace lmc::client
