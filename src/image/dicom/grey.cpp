#include "image/dicom/grey.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/ascii_case.h"  // lower_case
#include "base/check.h"       // InputError
#include "image/dicom/table.h"

namespace lmc::image::dicom {

namespace {

constexpr std::string_view kFull = "full";
constexpr size_t kMostPresets = 32;

// Windows that readers of CT use, in Hounsfield units.
struct UsualWindow {
  std::string_view name;
  double center;
  double width;
};

constexpr std::array kCtWindows = {
    UsualWindow{"abdomen", 40, 400},     UsualWindow{"bone", 400, 1800},
    UsualWindow{"brain", 40, 80},        UsualWindow{"lung", -600, 1500},
    UsualWindow{"mediastinum", 50, 350},
};

bool is_same_word(std::string_view a, std::string_view b) {
  return lower_case(std::string_view(a)) == lower_case(std::string_view(b));
}

// The level where a frame's own elements of one kind stand: `group` is the sequence of the kind.
DataSet level_of(const DataSet& data, uint32_t group, int64_t frame, std::string_view where) {
  if (const auto own = data.item(kPerFrameGroups, static_cast<size_t>(frame), where)) {
    if (auto level = own->item(group, 0, where)) return *std::move(level);
  }
  if (const auto shared = data.item(kSharedGroups, 0, where)) {
    if (auto level = shared->item(group, 0, where)) return *std::move(level);
  }
  return data;
}

// Letters, digits and a few signs; what else a preset's name holds is none of its name.
std::string clean_name(std::string_view text, size_t number) {
  constexpr size_t kMostBytes = 32;
  std::string name;
  for (const char c : text.substr(0, kMostBytes)) {
    const bool is_kept = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                         (c >= 'a' && c <= 'z') || c == ' ' || c == '_' || c == '-';
    if (is_kept) name += c;
  }
  while (!name.empty() && name.back() == ' ') name.pop_back();
  return name.empty() || is_same_word(name, kFull) ? cat(number) : name;
}

// "1.5", without zeros behind; from_chars reads the same number again.
std::string decimal(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::string(text.data(), end) : std::string();
}

std::optional<double> number_of(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number =
      error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
  return is_number ? std::optional(value) : std::nullopt;
}

constexpr std::array kFunctions = {
    std::pair{"", WindowFunction::kLinear},
    std::pair{" exact", WindowFunction::kLinearExact},
    std::pair{" sigmoid", WindowFunction::kSigmoid},
};

// "CENTRE,WIDTH", with " exact" or " sigmoid" behind.
std::optional<Window> window_in_numbers(std::string_view choice) {
  Window window;
  for (const auto& [word, function] : kFunctions) {
    if (*word != '\0' && choice.ends_with(word)) {
      window.function = function;
      choice.remove_suffix(std::string_view(word).size());
    }
  }
  const size_t comma = choice.find(',');
  if (comma == choice.npos) return std::nullopt;
  const auto center = number_of(choice.substr(0, comma));
  const auto width = number_of(choice.substr(comma + 1));
  if (!center || !width) return std::nullopt;
  window.center = *center;
  window.width = *width;
  return window;
}

bool has_width(const Window& window) {
  return window.width >= (window.function == WindowFunction::kLinear ? 1.0 : 1e-9);
}

struct Padding {
  int64_t low = 1;
  int64_t high = 0;
  bool has(int64_t stored) const { return stored >= low && stored <= high; }
};

Padding padding_of(const PixelFormat& format, const DataSet& data) {
  const auto value = data.word(kPixelPaddingValue);
  if (!value) return {};
  const auto limit = data.word(kPixelPaddingRangeLimit).value_or(*value);
  const auto number = [&](uint16_t word) {
    return format.is_signed ? int64_t{static_cast<int16_t>(word)} : int64_t{word};
  };
  return {std::min(number(*value), number(limit)), std::max(number(*value), number(limit))};
}

// Stored values to those of the modality: Hounsfield units, optical density.
struct Modality {
  std::optional<Table> table;
  double slope = 1;
  double intercept = 0;

  double operator()(int64_t stored) const {
    if (table) return table->at(stored);
    return static_cast<double>(stored) * slope + intercept;
  }
};

Modality modality_of(const DataSet& data, bool is_signed, int64_t frame, std::string_view where) {
  Modality modality;
  const DataSet level = level_of(data, kPixelValueSequence, frame, where);
  const std::vector<double> slope = level.decimals(kRescaleSlope);
  const std::vector<double> intercept = level.decimals(kRescaleIntercept);
  if (const auto item = data.item(kModalityLutSequence, 0, where)) {
    modality.table = table_of_item(*item, is_signed, where);
  } else if (!slope.empty() && !intercept.empty() && slope[0] != 0) {
    modality.slope = slope[0];
    modality.intercept = intercept[0];
  }
  return modality;
}

// Of no number, which huge values in a file can lead to: black.
uint8_t to_u8(double share) {
  if (!(share > 0)) return 0;
  return static_cast<uint8_t>(std::floor(std::min(share, 1.0) * 255 + 0.5));
}

// Values of the modality to grey.
class View {
 public:
  // `least` and `greatest`: of the frame's values, for a window of none.
  View(const Window& window, std::optional<Table> table, double least, double greatest)
      : window_(window), table_(std::move(table)), least_(least), greatest_(greatest) {}

  uint8_t operator()(double value) const {
    if (table_) {
      const auto most = static_cast<double>((1U << static_cast<unsigned>(table_->bits)) - 1);
      return to_u8(table_->at(std::llround(std::clamp(value, -1e9, 1e9))) / most);
    }
    if (window_.width == 0) {
      return greatest_ > least_ ? to_u8((value - least_) / (greatest_ - least_)) : to_u8(0);
    }
    double center = window_.center;
    double width = window_.width;
    switch (window_.function) {
      case WindowFunction::kSigmoid:
        return to_u8(1 / (1 + std::exp(-4 * (value - center) / width)));
      case WindowFunction::kLinear:
        center -= 0.5;
        width -= 1;
        break;
      default:
        break;
    }
    if (value <= center - width / 2) return 0;
    if (value > center + width / 2) return 255;
    return to_u8((value - center) / width + 0.5);
  }

 private:
  Window window_;
  std::optional<Table> table_;
  double least_;
  double greatest_;
};

struct Range {
  int64_t least = INT64_MAX;
  int64_t greatest = INT64_MIN;
};

// Of the stored values without padding.
Range stored_range(const Samples& samples, bool is_signed, const Padding& padding) {
  Range range;
  for (size_t i = 0; i < samples.size(); ++i) {
    const int64_t value = samples.number_at(i, is_signed);
    if (padding.has(value)) continue;
    range.least = std::min(range.least, value);
    range.greatest = std::max(range.greatest, value);
  }
  return range;
}

// What is black and what is white where no window says it, in values of the modality. Eight bits or
// fewer stand for themselves, as in any other image; more are stretched.
std::pair<double, double> full_range(const Modality& modality, const Range& stored, int bits,
                                     bool is_signed) {
  std::pair<double, double> ends{modality(stored.least), modality(stored.greatest)};
  if (modality.table) {  // need not rise
    const auto& entries = modality.table->entries;
    const auto [least, greatest] = std::minmax_element(entries.begin(), entries.end());
    ends = {*least, *greatest};
  } else if (bits <= 8 && !is_signed) {
    ends = {modality(0), modality((int64_t{1} << bits) - 1)};
  }
  return {std::min(ends.first, ends.second), std::max(ends.first, ends.second)};
}

}  // namespace

std::vector<Window> presets_of(const DataSet& data, int64_t frame, std::string_view where) {
  std::vector<Window> presets;
  const DataSet level = level_of(data, kFrameVoiLutSequence, frame, where);
  const size_t num_tables = level.num_items(kVoiLutSequence, kMostPresets, where);
  for (size_t i = 0; i < num_tables; ++i) {
    const auto item = level.item(kVoiLutSequence, i, where);
    Window window{clean_name(item->text(kLutExplanation), presets.size() + 1)};
    window.table = static_cast<int>(i);
    presets.push_back(std::move(window));
  }
  const std::vector<double> centers = level.decimals(kWindowCenter);
  const std::vector<double> widths = level.decimals(kWindowWidth);
  const std::vector<std::string> names = level.texts(kWindowExplanation);
  const std::string function = level.text(kVoiLutFunction);
  for (size_t i = 0; i < std::min(centers.size(), widths.size()); ++i) {
    if (presets.size() >= kMostPresets) break;
    Window window{clean_name(i < names.size() ? names[i] : "", presets.size() + 1)};
    window.center = centers[i];
    window.width = widths[i];
    if (function == "SIGMOID") window.function = WindowFunction::kSigmoid;
    if (function == "LINEAR_EXACT") window.function = WindowFunction::kLinearExact;
    if (has_width(window)) presets.push_back(std::move(window));
  }
  if (data.text(kModality) == "CT") {
    for (const UsualWindow& usual : kCtWindows) {
      Window window{std::string(usual.name)};
      window.center = usual.center;
      window.width = usual.width;
      window.is_of_file = false;
      presets.push_back(std::move(window));
    }
  }
  return presets;
}

Window chosen_window(std::string_view choice, const std::vector<Window>& presets,
                     std::string_view where) {
  if (choice.empty()) {
    // The usual windows of CT are offered, not taken: they would hide what a file is about.
    return !presets.empty() && presets[0].is_of_file ? presets[0] : Window{};
  }
  if (is_same_word(choice, kFull)) return {};
  for (size_t i = 0; i < presets.size(); ++i) {
    if (is_same_word(choice, presets[i].name) || choice == cat(i + 1)) return presets[i];
  }
  std::string names(kFull);
  for (const Window& preset : presets) names += ", " + preset.name;
  if (const auto window = window_in_numbers(choice)) {
    if (has_width(*window)) return *window;
    throw InputError(where, "a window's width must be at least 1");
  }
  throw InputError(where, cat("there is no such window; expected CENTRE,WIDTH or one of: ", names));
}

std::string name_of(const Window& window) {
  if (window.table >= 0) return window.name;
  if (window.width == 0) return std::string(kFull);
  std::string text = cat(decimal(window.center), ",", decimal(window.width));
  for (const auto& [word, function] : kFunctions) {
    if (function == window.function) text += word;
  }
  return text;
}

std::vector<uint8_t> shown_grey(const Samples& samples, const PixelFormat& format,
                                const DataSet& data, int64_t frame, const Window& window,
                                std::string_view where) {
  const bool is_signed = format.is_signed;
  const Padding padding = padding_of(format, data);
  const Modality modality = modality_of(data, is_signed, frame, where);
  const Range range = stored_range(samples, is_signed, padding);
  std::vector<uint8_t> shown(samples.size(), 0);
  if (range.least > range.greatest) return shown;  // nothing but padding
  std::optional<Table> table;
  if (window.table >= 0) {
    const DataSet level = level_of(data, kFrameVoiLutSequence, frame, where);
    const auto item = level.item(kVoiLutSequence, static_cast<size_t>(window.table), where);
    const bool may_be_negative = modality(range.least) < 0 || is_signed;
    if (item) table = table_of_item(*item, may_be_negative, where);
  }
  const auto [least, greatest] = full_range(modality, range, samples.bits, is_signed);
  const View view(window, std::move(table), least, greatest);
  const bool is_turned_over = format.colours == Colours::kGreyFromWhite;
  const auto grey_of = [&](int64_t value) {
    const uint8_t grey = view(modality(value));
    return is_turned_over ? static_cast<uint8_t>(255 - grey) : grey;
  };
  // Of up to 16 bits each value is worked out once.
  constexpr int64_t kMostInTable = 1 << 16;
  std::vector<uint8_t> greys;
  if (range.greatest - range.least < kMostInTable) {
    for (int64_t value = range.least; value <= range.greatest; ++value) {
      greys.push_back(grey_of(value));
    }
  }
  for (size_t i = 0; i < shown.size(); ++i) {
    const int64_t value = samples.number_at(i, is_signed);
    if (padding.has(value)) continue;
    shown[i] = greys.empty() ? grey_of(value) : greys[static_cast<size_t>(value - range.least)];
  }
  return shown;
}

}  // namespace lmc::image::dicom
