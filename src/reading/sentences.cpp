#include "reading/sentences.h"

#include <algorithm>
#include <array>

namespace lmc::reading {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_small_letter(char c) { return c >= 'a' && c <= 'z'; }

// Bytes of the mark that may end a sentence at `i`; 0: there is none.
size_t mark_bytes(std::string_view text, size_t i) {
  if (text[i] == '.' || text[i] == '!' || text[i] == '?' || text[i] == '\n') return 1;
  constexpr std::array<std::string_view, 4> kFullwidth = {"\u3002", "\uFF0E", "\uFF01", "\uFF1F"};
  const auto starts = [&](std::string_view mark) { return text.substr(i).starts_with(mark); };
  return std::any_of(kFullwidth.begin(), kFullwidth.end(), starts) ? 3 : 0;
}

bool is_end(std::string_view text, size_t begin, size_t i, size_t mark) {
  const std::string_view rest = text.substr(i + mark);
  if (text[i] == '\n') return !goes_on_after_break(rest);
  if (text[i] != '.') return true;
  const std::string_view before = text.substr(begin, i - begin);
  const bool counts_a_list =
      !before.empty() && std::all_of(before.begin(), before.end(), is_digit) && !rest.empty();
  return !counts_a_list &&
         (rest.empty() || rest[0] == ' ' || rest[0] == '\n' || mark > 1 ||
          std::string_view("\"')]*").find(rest[0]) != rest.npos) &&
         ends_sentence(rest);
}

// A letter, a digit or a character beyond ASCII, outside of tags.
bool has_word(std::string_view text) {
  bool in_tag = false;
  for (const char c : text) {
    if (c == '<') in_tag = true;
    const auto byte = static_cast<unsigned char>(c);
    const bool is_word = is_digit(c) || is_small_letter(c) || (c >= 'A' && c <= 'Z') || byte >= 128;
    if (is_word && !in_tag) return true;
    if (c == '>') in_tag = false;
  }
  return false;
}

}  // namespace

bool ends_sentence(std::string_view rest) {
  if (rest.empty() || rest[0] != ' ') return true;
  const size_t next = rest.find_first_not_of(' ');
  return next == rest.npos || !(is_digit(rest[next]) || is_small_letter(rest[next]));
}

bool goes_on_after_break(std::string_view rest) {
  return !rest.empty() && is_small_letter(rest[0]);
}

std::vector<TextSpan> sentences(std::string_view text) {
  std::vector<TextSpan> spans;
  size_t begin = 0;
  const auto close = [&](size_t end) {
    const size_t first = std::min(text.find_first_not_of(kBlanks, begin), end);
    const size_t last = text.find_last_not_of(kBlanks, end - 1);
    if (first < end && has_word(text.substr(first, end - first)))
      spans.push_back({first, last + 1});
    begin = end;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    // Blanks before a sentence are none of it.
    if (i == begin && kBlanks.find(text[i]) != kBlanks.npos) {
      ++begin;
      continue;
    }
    const size_t mark = mark_bytes(text, i);
    if (mark == 0 || !is_end(text, begin, i, mark)) continue;
    size_t end = i + mark;
    // What closes belongs to what it closes.
    while (text[i] != '\n' && end < text.size() &&
           std::string_view("\"')]*.!?").find(text[end]) != std::string_view::npos) {
      ++end;
    }
    close(end);
    i = end - 1;
  }
  if (begin < text.size()) close(text.size());
  return spans;
}

}  // namespace lmc::reading
