// DICOM: tests/golden/dicom has a file of every kind, with the pixels that pydicom reads; pydicom's
// own test files are compared where they are at hand (LMC_TEST_DATA, else ../shared/data).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/check.h"         // InputError
#include "base/files.h"         // read_file
#include "base/json.h"          // read_json
#include "base/random.h"        // Random
#include "base/sha256.h"        // sha256_hex
#include "image/dicom/frame.h"  // samples_of_frame
#include "image/image.h"

namespace lmc::image {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kGolden = LMC_SOURCE_DIR "/tests/golden/dicom/";

std::string real_folder() {
  const char* data = std::getenv("LMC_TEST_DATA");
  return std::string(data != nullptr ? data : LMC_SOURCE_DIR "/../shared/data") +
         "/dicom/pydicom_test_files/";
}

template <class Value>
std::string hash_of(const std::vector<Value>& values) {
  return sha256_hex({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)});
}

// All of them by their hash, or some within 1.
template <class Value>
void expect_kept(const std::vector<Value>& values, const Json& right, const std::string& name) {
  if (right.contains("sha256")) {
    EXPECT_EQ(hash_of(values), right["sha256"].get<std::string>()) << name;
    return;
  }
  const auto step = right["step"].get<size_t>();
  size_t at = 0;
  for (const Json& sample : right["samples"]) {
    ASSERT_LT(at, values.size()) << name;
    EXPECT_NEAR(static_cast<double>(values[at]), sample.get<double>(), 1) << name << " at " << at;
    at += step;
  }
}

Decoded shown(const std::string& bytes, const std::string& name, int64_t frame,
              const std::string& window = "") {
  DecodeOptions options;
  options.view = {frame, window};
  return decode_with_traits(bytes, name, options);
}

DecodeOptions pixels_up_to(int64_t max_pixels) {
  DecodeOptions options;
  options.max_pixels = max_pixels;
  return options;
}

std::string problem_of(const std::string& bytes, const DecodeOptions& options = {}) {
  try {
    decode_with_traits(bytes, "p", options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// A build may be without OpenJPEG and CharLS.
bool is_read(const std::string& bytes) {
  return problem_of(bytes).find("not read by this build") == std::string::npos;
}

void compare(const std::string& folder, const std::string& name, const Json& right) {
  SCOPED_TRACE(name);
  const std::string bytes = read_file(folder + name);
  if (!is_read(bytes)) return;
  if (right.contains("problem")) {
    // Refused in one line, or read although pydicom does not.
    EXPECT_EQ(problem_of(bytes).find('\n'), std::string::npos);
    return;
  }
  const dicom::File file = dicom::read_file(bytes, name);
  const dicom::PixelFormat format = dicom::pixel_format_of(file, kMaxPixels, name);
  for (const auto& [number, golden] : right["shown"].items()) {
    const int64_t frame = std::stoll(number);
    const Decoded decoded = shown(bytes, name, frame);
    EXPECT_EQ(decoded.image.height_px, golden["height"]);
    EXPECT_EQ(decoded.image.width_px, golden["width"]);
    EXPECT_EQ(decoded.traits, traits_of(bytes));
    EXPECT_GE(num_pixels_of(bytes), decoded.image.height_px * decoded.image.width_px);
    ASSERT_TRUE(decoded.dicom.has_value());
    EXPECT_EQ(decoded.dicom->num_frames, right["frames"]);
    EXPECT_EQ(decoded.dicom->frame, frame);
    if (golden.contains("stored")) {
      const dicom::Samples samples = dicom::samples_of_frame(file, format, frame - 1, name);
      std::vector<int64_t> values;
      for (size_t i = 0; i < samples.size(); ++i) {
        values.push_back(samples.number_at(i, format.is_signed));
      }
      expect_kept(values, golden["stored"], name);
    }
    if (golden.contains("shown")) expect_kept(decoded.image.rgb_HWC, golden["shown"], name);
    if (golden.contains("window")) {
      EXPECT_EQ(decoded.dicom->window, golden["window"].get<std::string>());
    }
  }
  EXPECT_EQ(shown(bytes, name, 0).dicom->frame, right["own_frame"]);
}

TEST(Dicom, ShowsEveryKindAsPydicomDoes) {
  const Json golden = read_json(kGolden + "golden.json")["made"];
  for (const auto& [name, right] : golden.items()) {
    EXPECT_FALSE(right.contains("problem")) << name;
    compare(kGolden, name, right);
  }
  EXPECT_EQ(golden.size(), 51U);
}

TEST(Dicom, RealFilesAsPydicomShowsThem) {
  const std::string folder = real_folder();
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  const Json golden = read_json(kGolden + "golden.json")["pydicom_test_files"];
  int compared = 0;
  for (const auto& [name, right] : golden.items()) {
    if (!std::filesystem::exists(folder + name)) continue;
    compare(folder, name, right);
    ++compared;
  }
  EXPECT_EQ(compared, 78);
}

TEST(Dicom, WindowsAreChosenByNameNumberOrWidth) {
  const std::string bytes = read_file(kGolden + "two_windows.dcm");
  const Decoded own = shown(bytes, "p", 0);
  ASSERT_EQ(own.dicom->presets.size(), 7U);  // two of the file, five usual ones of CT
  EXPECT_EQ(own.dicom->presets[0].name, "SOFT TISSUE");
  EXPECT_EQ(own.dicom->presets[1].name, "LUNG");
  EXPECT_TRUE(own.dicom->presets[1].is_of_file);
  EXPECT_FALSE(own.dicom->presets[2].is_of_file);
  EXPECT_EQ(own.dicom->window, "40,400");
  EXPECT_EQ(own.dicom->modality, "CT");
  const Decoded lung = shown(bytes, "p", 0, "lung");
  EXPECT_EQ(lung.dicom->window, "-600.5,1500");
  EXPECT_NE(lung.image.rgb_HWC, own.image.rgb_HWC);
  for (const char* same : {"2", "LUNG", "-600.5,1500", " -600.5 , 1500.0 "}) {
    EXPECT_EQ(shown(bytes, "p", 0, same).image.rgb_HWC, lung.image.rgb_HWC) << same;
  }
  EXPECT_EQ(shown(bytes, "p", 0, "brain").dicom->window, "40,80");
  EXPECT_EQ(shown(bytes, "p", 0, "full").dicom->window, "full");
  // What was used chooses the same again.
  for (const char* name :
       {"sigmoid.dcm", "linear_exact.dcm", "view_table.dcm", "mono2_range.dcm"}) {
    const std::string file = read_file(kGolden + name);
    const Decoded first = shown(file, name, 0);
    EXPECT_EQ(shown(file, name, 0, first.dicom->window).image.rgb_HWC, first.image.rgb_HWC) << name;
  }
  const auto problem = [&](const std::string& window) {
    DecodeOptions options;
    options.view.window = window;
    return problem_of(bytes, options);
  };
  EXPECT_THAT(problem("liver"), HasSubstr("full, SOFT TISSUE, LUNG, abdomen"));
  EXPECT_THAT(problem("40,0"), HasSubstr("width"));
  EXPECT_THAT(problem("40"), HasSubstr("no such window"));
  EXPECT_THAT(problem("40,nan"), HasSubstr("no such window"));
  DecodeOptions colour;
  colour.view.window = "40,400";
  EXPECT_THAT(problem_of(read_file(kGolden + "rgb.dcm"), colour), HasSubstr("colour"));
}

TEST(Dicom, FramesAreChosen) {
  const std::string bytes = read_file(kGolden + "four_frames.dcm");
  EXPECT_EQ(shown(bytes, "p", 0).dicom->frame, 3) << "its representative frame";
  EXPECT_NE(shown(bytes, "p", 1).image.rgb_HWC, shown(bytes, "p", 4).image.rgb_HWC);
  DecodeOptions options;
  options.view.frame = 5;
  EXPECT_THAT(problem_of(bytes, options), HasSubstr("a frame of 1 to 4"));
  EXPECT_THAT(traits_of(bytes).names(), ElementsAre("DICOM", "several frames"));
  EXPECT_EQ(summary_of(*shown(bytes, "p", 2).dicom), "DICOM, CT, frame 2 of 4, window 2000,2500");
}

TEST(Dicom, WarnsOfTextInThePixels) {
  const auto reason = [](const std::string& name) {
    return shown(read_file(kGolden + name), name, 0).dicom->burned_in;
  };
  EXPECT_THAT(reason("burned_in.dcm"), HasSubstr("the file says"));
  EXPECT_THAT(reason("not_burned_in.dcm"), IsEmpty()) << "ultrasound that says it has none";
  EXPECT_THAT(reason("screen_save.dcm"), HasSubstr("screen"));
  EXPECT_THAT(reason("rgb.dcm"), HasSubstr("OT"));
  EXPECT_THAT(reason("mono2_range.dcm"), IsEmpty());
}

// Names, numbers and dates of the made files all hold this word, or these digits.
void expect_no_identity(const std::string& text, const std::string& name) {
  for (const char* secret : {"entinel", "ENTINEL", "Jane", "4711", "19470311", "20200229"}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << name << ": " << text;
  }
}

TEST(Dicom, IdentityNeverComesOut) {
  const Json golden = read_json(kGolden + "golden.json")["made"];
  Random random(7);
  for (const auto& [name, right] : golden.items()) {
    const std::string bytes = read_file(kGolden + name);
    ASSERT_THAT(name == "deflated.dcm" ? "Sentinel" : bytes, HasSubstr("Sentinel"));
    if (!is_read(bytes)) continue;
    const DicomFacts facts = *shown(bytes, name, 0).dicom;
    expect_no_identity(summary_of(facts) + facts.burned_in + facts.modality, name);
    for (const Window& preset : facts.presets) expect_no_identity(preset.name, name);
    // Nor does it in what is said of damaged files.
    for (int i = 0; i < 60; ++i) {
      std::string broken = bytes.substr(
          0, static_cast<size_t>(random.integer(140, static_cast<int64_t>(bytes.size()))));
      for (int k = 0; k < 4; ++k) {
        broken[static_cast<size_t>(random.integer(132, static_cast<int64_t>(broken.size()) - 1))] =
            static_cast<char>(random.integer(0, 255));
      }
      expect_no_identity(problem_of(broken), name);
    }
  }
}

TEST(Dicom, LimitsHoldBeforeMemoryIsTaken) {
  const std::string bytes = read_file(kGolden + "mono2_range.dcm");
  EXPECT_THAT(problem_of(bytes, pixels_up_to(34 * 38 - 1)), HasSubstr("too large"));
  EXPECT_EQ(problem_of(bytes, pixels_up_to(34 * 38)), "");
  // In JPEG 2000, colour takes 27 bytes a pixel, not 13.
  const std::string packed = read_file(kGolden + "jpeg_2000_rgb.dcm");
  EXPECT_THAT(problem_of(packed, pixels_up_to(34 * 38 * 27 / 13)), HasSubstr("too large"));
  if (is_read(packed)) {
    EXPECT_EQ(problem_of(packed, pixels_up_to(34 * 38 * 27 / 13 + 1)), "");
  }
  // A size that the pixels do not fill.
  const auto with_word = [&](uint32_t tag, uint16_t value) {
    std::string changed = bytes;
    std::string head;
    for (const uint32_t part : {tag >> 16U, tag & 0xffffU}) {
      head += static_cast<char>(part & 0xffU);
      head += static_cast<char>(part >> 8U);
    }
    const size_t at = changed.find(head + "US") + 8;
    changed[at] = static_cast<char>(value & 0xffU);
    changed[at + 1] = static_cast<char>(value >> 8U);
    return changed;
  };
  EXPECT_THAT(problem_of(with_word(dicom::kRows, 35)), HasSubstr("end too early"));
  EXPECT_THAT(problem_of(with_word(dicom::kRows, 0)), HasSubstr("empty"));
  EXPECT_THAT(problem_of(with_word(dicom::kBitsStored, 17)), HasSubstr("cannot be used"));
  EXPECT_THAT(problem_of(with_word(dicom::kSamplesPerPixel, 3)), HasSubstr("samples a pixel"));
  // Sequences in sequences, without end.
  std::string deep = bytes.substr(0, bytes.find(std::string("\x28\0\x02\0US", 6)));
  for (int i = 0; i < 2000; ++i) {
    deep += std::string("\x28\0\x10\x30SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff", 20);
  }
  EXPECT_THAT(problem_of(deep), HasSubstr("nest"));
}

TEST(Dicom, EveryCutIsRefusedInOneLine) {
  for (const char* name : {"mono2_range.dcm", "jpeg_2000.dcm", "jpeg_ls.dcm", "lossless_4.dcm",
                           "rle_16.dcm", "enhanced.dcm", "deflated.dcm"}) {
    const std::string bytes = read_file(kGolden + name);
    // Behind the pixels there may be padding alone.
    for (size_t size = 0; size + 600 < bytes.size(); size += 7) {
      const std::string problem = problem_of(bytes.substr(0, size));
      EXPECT_NE(problem, "") << name << " " << size;
      EXPECT_EQ(problem.find('\n'), std::string::npos) << name << " " << size;
    }
  }
}

// Thousands of changed files, those of pydicom too where they are at hand: no crash, no time
// without end, no pixels that are not there.
TEST(Dicom, DamagedFilesNeverCrash) {
  std::vector<std::string> paths;
  for (const std::string& folder : {kGolden, real_folder()}) {
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const bool is_small = entry.file_size() < 300'000;
      if (entry.path().extension() == ".dcm" && is_small) paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  Random random(11);
  int refused = 0;
  for (const std::string& path : paths) {
    const std::string whole = read_file(path);
    for (int i = 0; i < 40; ++i) {
      std::string broken = whole;
      if (random.integer(0, 3) == 0) {
        broken.resize(static_cast<size_t>(random.integer(0, static_cast<int64_t>(whole.size()))));
      }
      for (int64_t changes = random.integer(1, 8); changes > 0 && !broken.empty(); --changes) {
        broken[static_cast<size_t>(random.integer(0, static_cast<int64_t>(broken.size()) - 1))] =
            static_cast<char>(random.integer(0, 255));
      }
      try {
        const Image image = decode_with_traits(broken, path, pixels_up_to(1 << 20)).image;
        EXPECT_EQ(image.rgb_HWC.size(), static_cast<size_t>(image.height_px * image.width_px * 3));
      } catch (const InputError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 500);
}

TEST(Dicom, ReportsAndPlansHaveNoPixels) {
  const std::string bytes = read_file(kGolden + "mono2_range.dcm");
  const size_t pixels = bytes.find(std::string("\xe0\x7f\x10\0OW", 6));
  ASSERT_NE(pixels, std::string::npos);
  EXPECT_THAT(problem_of(bytes.substr(0, pixels)), HasSubstr("DICOM without pixels"));
}

}  // namespace
}  // namespace lmc::image
