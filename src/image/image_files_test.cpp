// How files become pixels: tests/golden/image_files has a file of every kind, and broken ones are
// made of them here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/check.h"          // InputError
#include "base/files.h"          // read_file
#include "base/json.h"           // read_json
#include "base/random.h"         // Random
#include "base/sha256.h"         // sha256_hex
#include "image/decode.h"        // over_white
#include "image/foreign_file.h"  // foreign_kind_of
#include "image/image.h"
#include "image/orientation.h"  // exif_orientation
#include "image/samples.h"      // rgb_of_samples

namespace lmc::image {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kGolden = LMC_SOURCE_DIR "/tests/golden/image_files/";

std::string hash_of(const std::vector<uint8_t>& bytes) {
  return sha256_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string golden_file(const std::string& name) { return read_file(kGolden + name); }

// A build may read no TIFF.
bool is_read(const std::string& name) {
  return !name.ends_with(".tif") || is_tiff(std::string_view("II*\0", 4));
}

std::string problem_of(std::string_view bytes) {
  try {
    decode(bytes, "p");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(ImageFiles, HaveTheRightPixelsAndTraits) {
  const Json golden = read_json(kGolden + "golden.json");
  for (const auto& [name, right] : golden["files"].items()) {
    if (!is_read(name)) continue;
    const std::string bytes = golden_file(name);
    const Decoded decoded = decode_with_traits(bytes, name);
    EXPECT_EQ(decoded.image.height_px, right["height"]) << name;
    EXPECT_EQ(decoded.image.width_px, right["width"]) << name;
    EXPECT_EQ(hash_of(decoded.image.rgb_HWC), right["sha256"].get<std::string>()) << name;
    EXPECT_EQ(decoded.traits.names(), right["traits"].get<std::vector<std::string>>()) << name;
    EXPECT_EQ(traits_of(bytes), decoded.traits) << name;
    EXPECT_EQ(Traits::of_names(decoded.traits.names()), decoded.traits) << name;
  }
  EXPECT_EQ(golden["files"].size(), 127U);
}

TEST(ImageFiles, OverWhiteEqualsPillowForEveryValueAndAlpha) {
  std::vector<uint8_t> blended;
  for (int value = 0; value < 256; ++value) {
    for (int alpha = 0; alpha < 256; ++alpha) {
      blended.push_back(over_white(static_cast<uint8_t>(value), static_cast<uint8_t>(alpha)));
    }
  }
  EXPECT_EQ(hash_of(blended), read_json(kGolden + "golden.json")["over_white_sha256"]);
}

// The eight orientations of an image of 2 x 3 pixels, numbered row by row.
TEST(ImageFiles, TurnedUpright) {
  Image stored{2, 3, {}};
  for (uint8_t pixel = 0; pixel < 6; ++pixel) stored.rgb_HWC.insert(stored.rgb_HWC.end(), 3, pixel);
  const std::vector<std::vector<int>> upright = {
      {0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}, {5, 4, 3, 2, 1, 0}, {3, 4, 5, 0, 1, 2},
      {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2}, {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Image turned = turned_upright(stored, orientation);
    EXPECT_EQ(turned.height_px, orientation < 5 ? 2 : 3);
    for (size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(turned.rgb_HWC[3 * i + 1], upright[static_cast<size_t>(orientation) - 1][i])
          << orientation << " " << i;
    }
  }
  EXPECT_EQ(turned_upright(stored, 9).rgb_HWC, stored.rgb_HWC);
}

TEST(ImageFiles, MalformedExifTurnsNothing) {
  const auto block = [](const std::string& directory) {
    return std::string("II*\0\x08\0\0\0", 8) + directory;
  };
  const std::string entry("\x12\x01\x03\0\x01\0\0\0\x06\0\0\0", 12);
  const std::string one("\x01\0", 2);
  EXPECT_EQ(exif_orientation(block(one + entry)), 6);
  EXPECT_EQ(exif_orientation("Exif" + std::string(2, '\0') + block(one + entry)), 6);
  EXPECT_EQ(exif_orientation(block("\xff\xff" + entry)), 6) << "fewer entries than promised";
  const std::string whole = block(one + entry);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(exif_orientation(whole.substr(0, size)), std::nullopt) << size;
  }
  std::string far = whole;
  far[7] = '\x7f';  // the directory lies beyond the end
  EXPECT_EQ(exif_orientation(far), std::nullopt);
  std::string other_order = whole;
  other_order.replace(0, 4, "XX*", 4);
  EXPECT_EQ(exif_orientation(other_order), std::nullopt);
  std::string many = whole;
  many[14] = '\xff';  // 255 values, which do not stand where they are said to
  EXPECT_EQ(exif_orientation(many), std::nullopt);
  std::string unknown = whole;
  unknown[12] = 99;  // a type that is not known
  EXPECT_EQ(exif_orientation(unknown), std::nullopt);
  // Any damage: no crash, and the image stays readable.
  const std::string jpeg = golden_file("exif_6.jpg");
  const size_t at = jpeg.find("Exif");
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = jpeg;
    for (int k = 0; k < 4; ++k) {
      damaged[at + static_cast<size_t>(random.integer(0, 60))] =
          static_cast<char>(random.integer(0, 255));
    }
    EXPECT_EQ(decode(damaged, "p").rgb_HWC.size(), size_t{12} * 16 * 3);
  }
}

TEST(ImageFiles, SixteenBitsOfOneValueAndOfNothingVisible) {
  // Gray 0x8080 everywhere: of the whole range.
  EXPECT_THAT(rgb_of_samples({0x80, 0x80, 0x80, 0x80}, 1, 16),
              ElementsAre(128, 128, 128, 128, 128, 128));
  EXPECT_THAT(rgb_of_samples({0, 0}, 1, 16), ElementsAre(0, 0, 0));
  // Gray and alpha, nothing visible: white.
  EXPECT_THAT(rgb_of_samples({0x12, 0x34, 0, 0xff}, 2, 16), ElementsAre(255, 255, 255));
  // Three values: black, the middle rounded, white.
  EXPECT_THAT(rgb_of_samples({0x10, 0x00, 0x10, 0x01, 0x10, 0x02}, 1, 16),
              ElementsAre(0, 0, 0, 128, 128, 128, 255, 255, 255));
  // Colour of eight bits or fewer in use stays as it is.
  EXPECT_THAT(rgb_of_samples({0, 7, 0, 200, 0, 0}, 3, 16), ElementsAre(7, 200, 0));
  EXPECT_THAT(rgb_of_samples({1, 0, 0, 2, 0, 0}, 3, 16), ElementsAre(128, 1, 0));
}

std::string png_chunk(const std::string& type, const std::string& data) {
  const auto number = [](uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255U);
    return bytes;
  };
  const std::string body = type + data;
  const auto checksum = static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())));
  return number(static_cast<uint32_t>(data.size())) + body + number(checksum);
}

std::string before_data(const std::string& png, const std::string& chunks) {
  std::string more = png;
  return more.insert(png.find("IDAT") - 4, chunks);
}

TEST(ImageFiles, TextsThatUnfoldToMuchAreNotKept) {
  const std::string zeros(size_t{64} << 20U, '\0');
  std::string packed(compressBound(zeros.size()), '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                     reinterpret_cast<const Bytef*>(zeros.data()), zeros.size()),
            Z_OK);
  packed.resize(size);
  std::string chunks;
  for (const char* keyword : {"Raw profile type exif", "XML:com.adobe.xmp", "Comment"}) {
    for (int i = 0; i < 30; ++i) {
      chunks += png_chunk("zTXt", keyword + std::string(2, '\0') + packed);
    }
  }
  const std::string png = golden_file("plain.png");
  const Decoded decoded = decode_with_traits(before_data(png, chunks), "p");
  EXPECT_TRUE(decoded.traits.is_plain());
  EXPECT_EQ(decoded.image.rgb_HWC, decode(png, "p").rgb_HWC);
  // A profile of more than libpng's eight megabytes is passed over, too.
  const std::string large = png_chunk("iCCP", std::string(size_t{9} << 20U, 'x'));
  EXPECT_EQ(decode(before_data(png, large), "p").rgb_HWC, decoded.image.rgb_HWC);
}

TEST(ImageFiles, CutShort) {
  const std::string png = golden_file("plain.png");
  EXPECT_EQ(decode(png.substr(0, png.size() - 12), "p").rgb_HWC, decode(png, "p").rgb_HWC)
      << "without its end mark all pixels are there, as for Pillow";
  for (const char* name : {"plain.jpg", "plain.png", "rgba.png", "gray_16_full.png", "rgba.webp"}) {
    const std::string bytes = golden_file(name);
    EXPECT_THROW(decode(bytes.substr(0, bytes.size() * 2 / 3), name), InputError) << name;
  }
}

TEST(ImageFiles, TooManyPixelsAreRefusedBeforeTheyAreRead) {
  for (const char* name : {"plain.jpg", "plain.png", "plain.webp"}) {
    const std::string bytes = golden_file(name);
    EXPECT_NO_THROW(decode_with_traits(bytes, name, 192));
    EXPECT_THROW(decode_with_traits(bytes, name, 191), InputError) << name;
  }
  std::string bomb = golden_file("plain.png");
  bomb.replace(16, 8, "\0\0\x75\x30\0\0\x75\x30", 8);  // 30,000 x 30,000
  const std::string ihdr = png_chunk("IHDR", bomb.substr(16, 13));
  bomb.replace(8, ihdr.size(), ihdr);
  EXPECT_THAT(problem_of(bomb), HasSubstr("too large"));
}

TEST(ImageFiles, DamagedOnesOfEveryKindNeverCrash) {
  const Json golden = read_json(kGolden + "golden.json");
  Random random(2);
  int refused = 0;
  for (const auto& [name, right] : golden["files"].items()) {
    const std::string whole = golden_file(name);
    for (int i = 0; i < 40; ++i) {
      std::string broken = whole;
      for (int64_t changes = random.integer(1, 6); changes > 0; --changes) {
        broken[static_cast<size_t>(random.integer(0, static_cast<int64_t>(broken.size()) - 1))] =
            static_cast<char>(random.integer(0, 255));
      }
      try {
        const Image image = decode_with_traits(broken, name, 1 << 20).image;
        EXPECT_EQ(image.rgb_HWC.size(), static_cast<size_t>(image.height_px * image.width_px * 3));
      } catch (const InputError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 300);
}

TEST(ForeignFiles, AreCalledByTheirNames) {
  using namespace std::string_literals;
  const auto box = [](const std::string& brand) {
    return "\0\0\0\x1c"s + "ftyp" + brand + "\0\0\0\0"s;
  };
  const std::vector<std::pair<std::string, std::string>> files = {
      {"", "empty file"},
      {std::string(4096, '\0'), "file of zero bytes"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 5\n", "git-lfs pointer"},
      {"/annex/objects/SHA256E-s5--12.jpg\n", "git-annex pointer"},
      {"<!DOCTYPE HTML PUBLIC>", "HTML page"},
      {"\xEF\xBB\xBF\r\n <Html lang=en>", "HTML page"},
      {"<?xml version=\"1.0\"?><svg/>", "SVG or other XML"},
      {"{\"error\": \"rate limit\"}", "JSON text"},
      {"\x5c\x01\0\0"s + std::string(340, '\0') + "n+1\0"s, "NIfTI volume"},
      {"BM\x36\0\0\0\0\0\0\0\x36\0\0\0"s + std::string(40, '\1'), "BMP"},
      {"\0\0\0\x0CjP  \r\n\x87\n"s, "JPEG 2000"},
      {"\xFF\x4F\xFF\x51\0"s, "JPEG 2000"},
      {"\xFF\x0A\xFA"s, "JPEG XL"},
      {box("avif"), "AVIF"},
      {box("heic"), "HEIC"},
      {box("mif1"), "HEIC"},
      {box("isom"), "video"},
      {"RIFF\x10\0\0\0WAVEfmt "s, "RIFF file other than WebP"},
      {"8BPS\0\1"s, "Photoshop document"},
      {"%PDF-1.7\n", "PDF"},
      {"PK\x03\x04\x14\0"s, "zip archive"},
      {"\x1F\x8B\x08\0"s, "gzip archive"},
      {"\x93NUMPY\x01\0"s, "NumPy array"},
  };
  for (const auto& [bytes, name] : files) {
    EXPECT_THAT(problem_of(bytes), HasSubstr(cat("found: ", name, " ("))) << name;
    EXPECT_EQ(problem_of(bytes).find('\n'), std::string::npos) << name;
    const size_t kind = foreign_kind_of(bytes);
    ASSERT_GT(kind, 0U) << name;
    EXPECT_EQ(foreign_kind_named(foreign_kind(kind).name), kind) << name;
  }
  EXPECT_THAT(problem_of("BMW is a car, and this is a text"), HasSubstr("found another file"));
  EXPECT_EQ(foreign_kind_of("BMW is a car, and this is a text"), 0U);
  EXPECT_EQ(foreign_kind_named("no such kind"), 0U);
  for (const char* name : {"plain.jpg", "plain.png", "plain.webp", "rgba.webp", "exif_8.png"}) {
    EXPECT_EQ(foreign_kind_of(golden_file(name)), 0U) << name;
  }
}

}  // namespace
}  // namespace lmc::image
