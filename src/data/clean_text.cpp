#include "data/clean_text.h"

#include <algorithm>
#include <array>

#include "base/ascii_case.h"  // lower_case

namespace lmc::data {

namespace {

constexpr std::array<std::string_view, 17> kWideBlanks = {
    "\xC2\xA0",     "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84",
    "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A",
    "\xE2\x80\x8B", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80", "\xEF\xBB\xBF"};

bool is_quote(char c) { return c == '\'' || c == '"'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool has_partner(std::string_view text, char quote) {
  return std::count(text.begin(), text.end(), quote) % 2 == 0;
}

std::string_view without_stray_quotes(std::string_view text) {
  while (!text.empty()) {
    const char first = text.front();
    const char last = text.back();
    const bool is_pair = text.size() > 1 && is_quote(first) && first == last &&
                         std::count(text.begin(), text.end(), first) == 2;
    if (is_pair) {
      text = trim(text.substr(1, text.size() - 2));
    } else if (is_quote(first) && !has_partner(text, first)) {
      text = trim(text.substr(1));
    } else if (is_quote(last) && !has_partner(text, last) &&
               !(text.size() > 1 && is_digit(text[text.size() - 2]))) {
      text = trim(text.substr(0, text.size() - 1));
    } else {
      break;
    }
  }
  return text;
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto is_ascii_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  while (true) {
    // Most cells have ASCII at both ends: nothing to look up.
    while (!text.empty() && is_ascii_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_ascii_blank(text.back())) text.remove_suffix(1);
    if (text.empty() || (is_ascii(text.front()) && is_ascii(text.back()))) return text;
    const size_t before = text.size();
    for (const std::string_view blank : kWideBlanks) {
      if (text.starts_with(blank)) text.remove_prefix(blank.size());
      if (text.ends_with(blank)) text.remove_suffix(blank.size());
    }
    if (text.size() == before) return text;
  }
}

std::string_view clean(std::string_view text) { return without_stray_quotes(trim(text)); }

LabelledText split_label(std::string_view cell) {
  const std::string_view whole = clean(cell);
  std::string_view rest = whole;
  // A quote before the label belongs to no text, whether it has a partner or not.
  while (!rest.empty() && (is_quote(rest.front()) || rest.front() == '(')) {
    rest = trim(rest.substr(1));
  }
  if (rest.empty() || rest.front() < 'A' || rest.front() > 'Z') return {std::nullopt, whole};
  const char label = rest.front();
  rest = trim(rest.substr(1));
  if (rest.empty() || std::string_view(":.)").find(rest.front()) == std::string_view::npos) {
    return {std::nullopt, whole};
  }
  return {label, clean(rest.substr(1))};
}

bool is_written_nan(std::string_view text) { return text == "NaN" || text == "nan"; }

bool names_file(std::string_view text) {
  const size_t dot = trim(text).rfind('.');
  if (dot == text.npos || dot == 0) return false;
  const std::string ending = lower_case(trim(text).substr(dot + 1));
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_of_ending = [&](char c) { return is_letter(c) || is_digit(c); };
  return ending.size() >= 2 && ending.size() <= 5 &&
         std::all_of(ending.begin(), ending.end(), is_of_ending) &&
         std::any_of(ending.begin(), ending.end(), is_letter);
}

}  // namespace lmc::data
