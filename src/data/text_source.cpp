#include "data/text_source.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

#include "base/ascii_case.h"  // lower_case
#include "base/check.h"       // InputError
#include "base/input_file.h"  // open_input
#include "data/clean_text.h"  // trim
#include "text/unicode.h"     // append_utf8

namespace lmc::data {

namespace {

constexpr size_t kBlockBytes = size_t{1} << 16U;
constexpr size_t kHeadBytes = 512;

// Windows-1252 from 0x80 to 0x9F; 0: undefined. From 0xA0 on it is Latin-1.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// Signs in Windows-1252 that no word has within it, and letters in other code pages: of Eastern
// Europe, of DOS (850) and of the Macintosh.
constexpr std::string_view kForeignLetters =
    "\x80\x82\x84\x86\x87\x89\x8B\x93\x94\x95\x98\x99\x9B\xA0\xA1\xA2\xA3\xA4\xA5\xA6\xA8\xAA\xAC"
    "\xAF\xB3\xB6\xB9\xBA\xBC\xBE\xBF\xD7\xF7";
// Those of them that no word begins behind either; it may behind quotes, a bullet and blanks.
constexpr std::string_view kForeignCapitals =
    "\x80\x82\x86\x87\x89\x94\x98\x99\x9B\xA1\xA2\xA4\xA8\xD7\xF7";
// Letters of Icelandic, and in other code pages of Turkish, Czech and Polish.
constexpr std::string_view kRareLetters = "\xD0\xDD\xDE\xF0\xFD\xFE";

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }
bool is_ascii_letter(unsigned char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_ascii_digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool has(std::string_view set, unsigned char c) {
  return set.find(static_cast<char>(c)) != set.npos;
}

// Of Windows-1252.
bool is_letter(unsigned char c) {
  return is_ascii_letter(c) || (c >= 0xC0 && c != 0xD7 && c != 0xF7) ||
         has("\x8A\x8C\x8E\x9A\x9C\x9E\x9F", c);
}

// Finds, over all blocks of a file, whether it is UTF-8 and whether it may be Windows-1252.
class FormSurvey {
 public:
  void add(std::string_view bytes) {
    for (size_t i = 0; i < bytes.size(); ++i) {
      // Eight ASCII bytes at once: most of every file.
      uint64_t eight = 0;
      while (pending_ == 0 && !is_suspect_ && i + 8 <= bytes.size()) {
        std::memcpy(&eight, bytes.data() + i, 8);
        if ((eight & 0x8080808080808080U) != 0) break;
        i += 8;
        run_ = 0;
      }
      if (i > 0) before_ = byte_of(bytes[i - 1]);
      if (i == bytes.size()) break;
      see(byte_of(bytes[i]));
    }
    if (!bytes.empty()) before_ = byte_of(bytes.back());
  }

  TextForm form() {
    if (pending_ > 0) is_utf8_ = false;
    if (is_utf8_) return TextForm::kUtf8;
    return has_character_ || !is_western_ ? TextForm::kNotUtf8 : TextForm::kWindows1252;
  }

 private:
  void see(unsigned char c) {
    see_utf8(c);
    // A sign within a word: "w\xB9troba" is another code page's letter.
    if (is_suspect_ && is_letter(c)) is_western_ = false;
    if (c < 0x80) {
      is_suspect_ = false;
      run_ = 0;
    } else {
      if (c < 0xA0 && kWindows1252[c - 0x80U] == 0) is_western_ = false;
      // Words in letters beyond ASCII alone are of another script or encoding.
      if (++run_ > 3) is_western_ = false;
      if (has(kRareLetters, c)) is_western_ = false;
      is_suspect_ = is_letter(before_) ? has(kForeignLetters, c)
                                       : !is_ascii_digit(before_) && has(kForeignCapitals, c);
      const bool is_capital = c == 0x8A || c == 0x8C || c == 0x8E || c == 0x9F;
      if (is_capital && before_ >= 'a' && before_ <= 'z') is_western_ = false;
    }
    before_ = c;
  }

  void see_utf8(unsigned char c) {
    if (pending_ > 0) {
      if (c >= lowest_ && c <= highest_) {
        lowest_ = 0x80;
        highest_ = 0xBF;
        if (--pending_ == 0) has_character_ = true;
        return;
      }
      is_utf8_ = false;
      pending_ = 0;
    }
    if (c < 0x80) return;
    lowest_ = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    highest_ = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (c >= 0xC2 && c <= 0xDF) {
      pending_ = 1;
    } else if (c >= 0xE0 && c <= 0xEF) {
      pending_ = 2;
    } else if (c >= 0xF0 && c <= 0xF4) {
      pending_ = 3;
    } else {
      is_utf8_ = false;
    }
  }

  bool is_utf8_ = true;
  bool has_character_ = false;  // a whole one of UTF-8 beyond ASCII
  int pending_ = 0;             // bytes that the character at hand still needs
  unsigned char lowest_ = 0x80;
  unsigned char highest_ = 0xBF;
  bool is_western_ = true;
  bool is_suspect_ = false;
  int run_ = 0;
  unsigned char before_ = 0;
};

// The characters of a head without a byte order mark have a NUL in every second byte: where.
// 0: the first of a pair, 1: the second, -1: neither.
int nul_place(std::string_view head) {
  const size_t pairs = std::min<size_t>(head.size(), 64) / 2;
  std::array<size_t, 2> nuls{};
  for (size_t i = 0; i < 2 * pairs; ++i) nuls[i % 2] += head[i] == 0 ? 1U : 0U;
  if (pairs < 2) return -1;
  // A few characters, such as emoji, have a NUL on the other side.
  if (2 * nuls[1] >= pairs && 8 * nuls[0] <= pairs) return 1;
  if (2 * nuls[0] >= pairs && 8 * nuls[1] <= pairs) return 0;
  return -1;
}

struct Foreign {
  const char* name;
  const char* hint;
};

// What begins so is no table and no JSON.
const Foreign* foreign_file(std::string_view head) {
  using namespace std::string_view_literals;
  static constexpr char kSave[] = "in the program that made it, save it as CSV UTF-8";
  static constexpr std::pair<std::string_view, Foreign> kByBytes[] = {
      {"PK\x03\x04"sv,
       {"a ZIP archive; an Excel workbook (.xlsx) is one",
        "save the sheet as CSV UTF-8, or unpack the archive"}},
      {"\xD0\xCF\x11\xE0"sv, {"an Excel workbook of the old kind (.xls)", kSave}},
      {"\x1F\x8B"sv, {"a gzip archive", "unpack it: gunzip"}},
      {"PAR1"sv, {"a Parquet file", "write it as JSON Lines or CSV, for example with pandas"}},
      {"%PDF"sv, {"a PDF", "the questions are needed as a table or as JSON Lines"}},
      {"SQLite format 3"sv, {"an SQLite data base", "write its table as CSV"}},
      {"\x89PNG"sv, {"an image", "name the file of the questions"}},
      {"\xFF\xD8\xFF"sv, {"an image", "name the file of the questions"}},
      {"\xFF\xFE\0\0"sv, {"text in UTF-32", "save it as UTF-8"}},
      {"\0\0\xFE\xFF"sv, {"text in UTF-32", "save it as UTF-8"}},
      {"version https://git-lfs"sv,
       {"a git-lfs pointer, not the file it stands for", "fetch the file: git lfs pull"}},
      {"{\\rtf"sv, {"a document of a word processor (RTF)", kSave}}};
  for (const auto& [bytes, foreign] : kByBytes) {
    if (head.starts_with(bytes)) return &foreign;
  }
  static constexpr Foreign kPage = {"a web page (HTML)",
                                    "was the address of a page saved instead of the file?"};
  const std::string begin = lower_case(trim(head).substr(0, 32));
  for (const char* tag : {"<!doctype", "<html", "<head", "<?xml", "<table"}) {
    if (begin.starts_with(tag)) return &kPage;
  }
  return nullptr;
}

std::unique_ptr<std::istream> open(const std::string& path) {
  return std::make_unique<std::ifstream>(open_input(path));
}

void append_windows1252(std::string& text, std::string_view bytes) {
  for (const char c : bytes) {
    const unsigned char byte = byte_of(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text::append_utf8(text, byte < 0xA0 ? kWindows1252[byte - 0x80U] : char32_t{byte});
    }
  }
}

}  // namespace

TextSource::TextSource(const std::string& path) : name_(path), file_(open(path)), stream_(*file_) {
  find_form();
}

TextSource::TextSource(std::istream& stream, std::string name)
    : name_(std::move(name)), stream_(stream) {
  find_form();
}

size_t TextSource::read_block() {
  block_.resize(kBlockBytes);
  stream_.read(block_.data(), static_cast<std::streamsize>(block_.size()));
  if (stream_.bad()) throw InputError(name_, "cannot read");
  block_.resize(static_cast<size_t>(stream_.gcount()));
  return block_.size();
}

void TextSource::find_form() {
  read_block();
  const std::string_view head = std::string_view(block_).substr(0, kHeadBytes);
  if (const Foreign* foreign = foreign_file(head)) {
    throw InputError(name_, cat("this is ", foreign->name), foreign->hint);
  }
  size_t mark = 0;
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) {
    form_ = head.starts_with("\xFF\xFE") ? TextForm::kUtf16Le : TextForm::kUtf16Be;
    mark = 2;
  } else if (const int place = nul_place(head); place >= 0) {
    form_ = place == 1 ? TextForm::kUtf16Le : TextForm::kUtf16Be;
  } else {
    const bool is_marked = head.starts_with("\xEF\xBB\xBF");
    if (is_marked) mark = 3;
    FormSurvey survey;
    do {
      survey.add(block_);
    } while (read_block() > 0);
    form_ = survey.form();
    // A file that says it is UTF-8 is no other.
    if (is_marked && form_ == TextForm::kWindows1252) form_ = TextForm::kNotUtf8;
  }
  stream_.clear();
  stream_.seekg(static_cast<std::streamoff>(mark));
  if (!stream_) throw InputError(name_, "cannot read twice", "it must be a file, not a pipe");
}

const char* TextSource::note() const {
  switch (form_) {
    case TextForm::kWindows1252:
      return "letters were read as Windows-1252: the file is not UTF-8";
    case TextForm::kUtf16Le:
    case TextForm::kUtf16Be:
      return "the file is UTF-16";
    default:
      return nullptr;
  }
}

bool TextSource::append_block(std::string& text) {
  if (read_block() == 0) {
    if (rest_.empty()) return false;
    text += '\xFF';  // half a character: its line is not text
    rest_.clear();
    return true;
  }
  if (form_ == TextForm::kUtf16Le || form_ == TextForm::kUtf16Be) {
    rest_ += block_;
    append_utf16(text, rest_);
  } else if (form_ == TextForm::kWindows1252) {
    append_windows1252(text, block_);
  } else {
    text += block_;
  }
  return true;
}

// Leaves in rest_ what is not a whole character yet.
void TextSource::append_utf16(std::string& text, std::string_view bytes) {
  const size_t high = form_ == TextForm::kUtf16Le ? 1 : 0;
  const auto unit_at = [&](size_t at) {
    return static_cast<char32_t>(byte_of(bytes[at + high]) << 8U | byte_of(bytes[at + 1 - high]));
  };
  size_t at = 0;
  while (at + 2 <= bytes.size()) {
    const char32_t unit = unit_at(at);
    const bool is_lead = unit >= 0xD800 && unit < 0xDC00;
    if (is_lead && at + 4 > bytes.size()) break;
    const char32_t next = is_lead ? unit_at(at + 2) : 0;
    if (is_lead && next >= 0xDC00 && next < 0xE000) {
      text::append_utf8(text, 0x10000 + ((unit - 0xD800) << 10U) + (next - 0xDC00));
      at += 4;
      continue;
    }
    if (unit >= 0xD800 && unit < 0xE000) {
      text += '\xFF';  // half of a pair: its line is not text
    } else {
      text::append_utf8(text, unit);
    }
    at += 2;
  }
  rest_.erase(0, at);
}

bool is_utf8(std::string_view text) {
  FormSurvey survey;
  survey.add(text);
  return survey.form() == TextForm::kUtf8;
}

}  // namespace lmc::data
