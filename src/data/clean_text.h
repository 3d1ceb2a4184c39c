// Takes off what stands around the text of a cell: blanks of every kind, stray quotes, option
// labels.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lmc::data {

// Without blanks at both ends: ASCII, no-break (U+00A0), U+2000 to U+200B, U+202F, U+205F, U+3000
// and U+FEFF.
std::string_view trim(std::string_view text);

// trim(), and without quotes that are left over from a quoted list: a pair around everything, and a
// quote at either end that has no partner. A quote after a digit stays: it means a prime or inches.
std::string_view clean(std::string_view text);

struct LabelledText {
  std::optional<char> label;  // none: the text begins with no label
  std::string_view text;
};

// "A: Red", " 'A:Red ", "(A) Red", "A. Red": the capital letter and the clean text after it.
LabelledText split_label(std::string_view cell);

// "NaN" or "nan": as pandas writes a missing value when it is made to be text.
bool is_written_nan(std::string_view text);

// Whether the text ends as a file's name does: ".jpg", ".png", ".dcm".
bool names_file(std::string_view text);

}  // namespace lmc::data
