// What is known of a DICOM file beside its pixels, and how its grey is shown. Nothing here names a
// patient: names, numbers, dates and UIDs are never read (image/dicom/data_set.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::image {

// How a window turns values into grey (DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3).
enum class WindowFunction : uint8_t { kLinear, kLinearExact, kSigmoid };

struct Window {
  std::string name;  // "LUNG", "2" where the file names none; empty: no preset
  double center = 0;
  double width = 0;
  WindowFunction function = WindowFunction::kLinear;
  int table = -1;          // 0 and up: a table of the file in place of center and width
  bool is_of_file = true;  // false: one of those that are usual for such images
};

// What to show of a DICOM file; other files have no such choice.
struct DicomView {
  int64_t frame = 0;   // from 1; 0: the file's own choice, else the first
  std::string window;  // "CENTRE,WIDTH", a preset's name or number, "full"; empty: the file's own
};

struct DicomFacts {
  std::string modality;  // "CT"; empty: not said
  int64_t num_frames = 1;
  int64_t frame = 1;  // the one shown, from 1
  // Tables and windows of the file, the first of which is the file's own choice; for CT the usual
  // windows behind them.
  std::vector<Window> presets;
  // What was used, as it can be given back as `DicomView::window`: "40,400", "40,400 sigmoid",
  // "LUNG", "full" (from the least to the greatest value of the frame). Empty: colour.
  std::string window;
  // Why there may be writing in the pixels, which can name the patient; empty: no sign of it.
  std::string burned_in;
  bool says_burned_in = false;  // the file itself says that there is
};

// One line for people: "CT, frame 3 of 20, window 40,400".
std::string summary_of(const DicomFacts& facts);

}  // namespace lmc::image
