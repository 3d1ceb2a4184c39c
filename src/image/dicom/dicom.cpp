#include "image/dicom/dicom.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/check.h"         // InputError
#include "image/dicom/frame.h"  // samples_of_frame
#include "image/dicom/grey.h"   // presets_of, shown_grey
#include "image/dicom/table.h"  // palette_of

namespace lmc::image::dicom {

namespace {

constexpr int64_t kMostAsked = int64_t{1} << 40U;  // more than any file states

// A code of the standard is of capital letters; anything else is not repeated.
std::string modality_of(const DataSet& data) {
  const std::string text = data.text(kModality);
  const bool is_code = text.size() >= 2 && text.size() <= 16 &&
                       text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == text.npos;
  return is_code ? text : std::string();
}

std::string burned_in_reason(const DataSet& data) {
  const std::string said = data.text(kBurnedInAnnotation);
  if (said == "YES") return "the file says that text is burned into the pixels";
  if (said == "NO") return {};
  constexpr std::string_view kSecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";
  if (data.text(kSopClass).starts_with(kSecondaryCapture)) {
    return "secondary captures often have text burned into the pixels";
  }
  for (const std::string& word : data.texts(kImageType)) {
    if (word == "SCREEN SAVE") return "screen captures have text burned into the pixels";
  }
  constexpr std::array<std::string_view, 10> kOften = {"US", "IVUS", "XA", "RF", "ES",
                                                       "OT", "XC",   "GM", "OP", "DG"};
  const std::string modality = modality_of(data);
  if (std::find(kOften.begin(), kOften.end(), modality) == kOften.end()) return {};
  return cat("images of modality ", modality, " often have text burned into the pixels");
}

int64_t chosen_frame(int64_t choice, const DataSet& data, int64_t num_frames,
                     std::string_view where) {
  if (choice > num_frames) {
    throw InputError(where, cat("expected a frame of 1 to ", num_frames, ", found ", choice));
  }
  if (choice > 0) return choice;
  const int64_t own = data.word(kRepresentativeFrame).value_or(1);
  return own >= 1 && own <= num_frames ? own : 1;
}

// The top eight of the bits in use; fewer are spread over eight.
uint8_t eight_bits(uint32_t value, int bits) {
  if (bits >= 8) return static_cast<uint8_t>(value >> static_cast<unsigned>(bits - 8));
  return static_cast<uint8_t>(value * 255 / ((1U << static_cast<unsigned>(bits)) - 1));
}

uint8_t rounded(double value) {
  return static_cast<uint8_t>(std::clamp(std::floor(value + 0.5), 0.0, 255.0));
}

// Full-range YCbCr of ITU-R BT.601 (PS3.3 C.7.6.3.1.2).
void ycc_to_rgb(uint8_t* pixel) {
  const double y = pixel[0];
  const double cb = pixel[1] - 128.0;
  const double cr = pixel[2] - 128.0;
  pixel[0] = rounded(y + 1.402 * cr);
  pixel[1] = rounded(y - 0.344136 * cb - 0.714136 * cr);
  pixel[2] = rounded(y + 1.772 * cb);
}

void put_colours(const Samples& samples, std::vector<uint8_t>& rgb) {
  const size_t num_pixels = rgb.size() / 3;
  const bool is_ycc = samples.colours == Colours::kYcc || samples.colours == Colours::kYcc422;
  for (size_t i = 0; i < num_pixels; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      const uint32_t stored = samples.bits_at(samples.place(i, c, num_pixels, 3));
      rgb[3 * i + c] = eight_bits(stored, samples.bits);
    }
    if (is_ycc) ycc_to_rgb(rgb.data() + 3 * i);
  }
}

void put_palette(const Samples& samples, const PixelFormat& format, const DataSet& data,
                 std::vector<uint8_t>& rgb, std::string_view where) {
  for (uint32_t c = 0; c < 3; ++c) {
    const Table palette = palette_of(data, c, format.is_signed, where);
    for (size_t i = 0; i < rgb.size() / 3; ++i) {
      const uint32_t value = palette.at(samples.number_at(i, format.is_signed));
      rgb[3 * i + c] = static_cast<uint8_t>(palette.bits > 8 ? value >> 8U : value);
    }
  }
}

Traits traits_of(const DataSet& data) {
  Traits traits;
  traits.add(Trait::kDicom);
  if (num_frames_of(data) > 1) traits.add(Trait::kFrames);
  if (!burned_in_reason(data).empty()) traits.add(Trait::kBurnedIn);
  return traits;
}

}  // namespace

Shown decode_dicom(std::string_view bytes, const DicomView& view, int64_t max_pixels,
                   std::string_view where) {
  const File file = read_file(bytes, where);
  const DataSet& data = file.data;
  const PixelFormat format = pixel_format_of(file, max_pixels, where);
  Shown shown;
  shown.traits = traits_of(data);
  DicomFacts& facts = shown.facts;
  facts.modality = modality_of(data);
  facts.num_frames = format.num_frames;
  facts.frame = chosen_frame(view.frame, data, format.num_frames, where);
  facts.burned_in = burned_in_reason(data);
  facts.says_burned_in = data.text(kBurnedInAnnotation) == "YES";
  const int64_t frame = facts.frame - 1;
  Window window;
  if (format.is_grey()) {
    facts.presets = presets_of(data, frame, where);
    window = chosen_window(view.window, facts.presets, where);
    facts.window = name_of(window);
  } else if (!view.window.empty()) {
    throw InputError(where, "an image in colour has no window");
  }
  const Samples samples = samples_of_frame(file, format, frame, where);
  Image& image = shown.image;
  image.height_px = format.rows;
  image.width_px = format.columns;
  image.rgb_HWC.resize(static_cast<size_t>(format.rows * format.columns * 3));
  if (format.is_grey()) {
    const std::vector<uint8_t> grey = shown_grey(samples, format, data, frame, window, where);
    for (size_t i = 0; i < grey.size(); ++i) std::fill_n(&image.rgb_HWC[3 * i], 3, grey[i]);
  } else if (format.colours == Colours::kPalette) {
    put_palette(samples, format, data, image.rgb_HWC, where);
  } else {
    put_colours(samples, image.rgb_HWC);
  }
  return shown;
}

FileHead head_of_dicom(std::string_view bytes) {
  const File file = read_what_is_there(bytes);
  FileHead head;
  head.traits = traits_of(file.data);
  try {
    head.num_pixels = counted_pixels(pixel_format_of(file, kMostAsked, ""));
  } catch (const InputError&) {  // it has none that could be shown
  }
  return head;
}

}  // namespace lmc::image::dicom

namespace lmc::image {

std::string summary_of(const DicomFacts& facts) {
  std::string text = facts.modality.empty() ? "DICOM" : "DICOM, " + facts.modality;
  if (facts.num_frames > 1) text += cat(", frame ", facts.frame, " of ", facts.num_frames);
  if (!facts.window.empty()) text += cat(", window ", facts.window);
  return text;
}

}  // namespace lmc::image
