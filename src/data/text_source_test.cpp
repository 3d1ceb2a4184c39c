#include "data/text_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/check.h"  // InputError

namespace lmc::data {
namespace {

using namespace std::string_literals;

std::string read(const std::string& bytes, TextForm form) {
  std::istringstream stream(bytes);
  TextSource source(stream, "t.txt");
  EXPECT_EQ(source.form(), form);
  std::string text;
  while (source.append_block(text)) {
  }
  return text;
}

// Both byte orders of UTF-16 from code units.
std::string utf16(std::u16string_view units, bool is_little) {
  std::string bytes;
  for (const char16_t unit : units) {
    const char low = static_cast<char>(unit & 0xFFU);
    const char high = static_cast<char>(unit >> 8U);
    bytes += is_little ? low : high;
    bytes += is_little ? high : low;
  }
  return bytes;
}

TEST(TextSource, Utf8IsHandedOnWithoutItsMark) {
  EXPECT_EQ(read("plain", TextForm::kUtf8), "plain");
  EXPECT_EQ(read("\xEF\xBB\xBFgr\u00F6\u00DFer", TextForm::kUtf8), "gr\u00F6\u00DFer");
  EXPECT_EQ(read("\u809D\u810F \U0001F600", TextForm::kUtf8), "\u809D\u810F \U0001F600");
  EXPECT_EQ(read("", TextForm::kUtf8), "");
  // A character that two blocks share.
  for (size_t filler = (1 << 16) - 4; filler <= 1 << 16; ++filler) {
    const std::string text = std::string(filler, 'x') + "\u809D\u810F";
    EXPECT_EQ(read(text, TextForm::kUtf8), text);
  }
}

TEST(TextSource, Windows1252IsDecodedAsAWhole) {
  EXPECT_EQ(read("37 \xB0"
                 "C, \xB5-map, Gr\xF6\xDF"
                 "e",
                 TextForm::kWindows1252),
            "37 \u00B0C, \u00B5-map, Gr\u00F6\u00DFe");
  EXPECT_EQ(read("the patient\x92s \x93node\x94 \x96 5\x80", TextForm::kWindows1252),
            "the patient\u2019s \u201Cnode\u201D \u2013 5\u20AC");
  EXPECT_EQ(read("\x84"
                 "Ja\x93 \x95"
                 "one, 5\xA0"
                 "cm, \x80 5, 2\xD7 \xA7",
                 TextForm::kWindows1252),
            "\u201EJa\u201C \u2022one, 5\u00A0cm, \u20AC 5, 2\u00D7 \u00A7");
  EXPECT_EQ(read("na\xEFve caf\xE9, 3\xD7"
                 "4 mm\xB2, mean\xB1"
                 "SD",
                 TextForm::kWindows1252),
            "na\u00EFve caf\u00E9, 3\u00D74 mm\u00B2, mean\u00B1SD");
}

TEST(TextSource, WhatMayBeAnotherEncodingIsNotGuessed) {
  const std::string chinese_gbk = "\xB8\xCE\xD4\xE0";  // liver
  const std::string russian_1251 = "\xEF\xE5\xF7\xE5\xED\xFC";
  const std::string polish_1250 = "w\xB9troba";
  const std::string mac_roman = "M\x9Fller, Ges\x8Ashwulst";
  for (const std::string& bytes :
       {chinese_gbk, russian_1251, polish_1250, mac_roman, "undefined \x81"s, "K\x94rper, DOS"s,
        "le c\x93t\x82, DOS"s, "\x99l, DOS"s,
        "39 \xA1"
        "C, Macintosh"s,
        "d\xFDm, Czech"s, "ba\xF0lant\xFD, Turkish"s, "\xD7\xF3, Chinese"s,
        "both gr\u00F6\u00DFer and Gr\xF6\xDF"
        "e"s,
        "\xEF\xBB\xBFsays UTF-8, Gr\xF6\xDF"
        "e"s}) {
    EXPECT_THAT(read(bytes, TextForm::kNotUtf8), testing::Not(testing::HasSubstr("\uFFFD")));
  }
}

TEST(TextSource, Utf16IsDecoded) {
  const std::u16string text = u"id\timage\nGr\u00F6\u00DFe \u809D \xD83D\xDE00";
  const std::string wanted = "id\timage\nGr\u00F6\u00DFe \u809D \U0001F600";
  for (const bool is_little : {true, false}) {
    const TextForm form = is_little ? TextForm::kUtf16Le : TextForm::kUtf16Be;
    EXPECT_EQ(read(utf16(u"\uFEFF" + text, is_little), form), wanted);
    EXPECT_EQ(read(utf16(text, is_little), form), wanted);
    // A pair that two blocks share.
    const std::u16string filler((1 << 15) - 1, u'x');
    EXPECT_EQ(read(utf16(filler + u"\xD83D\xDE00", is_little), form),
              std::string(filler.size(), 'x') + "\U0001F600");
  }
  // Half characters are no text, and no U+FFFD.
  EXPECT_FALSE(
      is_utf8(read("\xFF\xFE"
                   "a\0b"s,
                   TextForm::kUtf16Le)));
  EXPECT_FALSE(is_utf8(read(utf16(u"\uFEFF"
                                  "a\xD83D"
                                  "b",
                                  true),
                            TextForm::kUtf16Le)));
}

TEST(TextSource, WhatIsNoTextIsCalledByItsName) {
  const std::pair<std::string, const char*> cases[] = {
      {"PK\x03\x04\x14\0"s, "Excel workbook (.xlsx)"},
      {"\xD0\xCF\x11\xE0\xA1\xB1"s, "(.xls)"},
      {"\x1F\x8B\x08"s, "gzip"},
      {"PAR1"s, "Parquet"},
      {"%PDF-1.7"s, "PDF"},
      {"<!DOCTYPE html><html>"s, "web page"},
      {"\n <HTML lang=en>"s, "web page"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"s, "git-lfs pointer"},
      {"\xFF\xFE\0\0i\0\0\0"s, "UTF-32"},
      {"\x89PNG\r\n"s, "image"}};
  for (const auto& [bytes, name] : cases) {
    std::istringstream stream(bytes);
    try {
      TextSource source(stream, "t.csv");
      FAIL() << name;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(),
                  testing::AllOf(testing::HasSubstr("t.csv: this is"), testing::HasSubstr(name)));
    }
  }
}

TEST(TextSource, StrictUtf8) {
  for (const char* text : {"", "a", "\u00E9", "\uFFFD", "\U0010FFFF"}) EXPECT_TRUE(is_utf8(text));
  // Overlong, a surrogate, beyond the last character, cut short, a lone continuation.
  for (const char* text : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xE2\x82", "\x80", "a\xFF"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

}  // namespace
}  // namespace lmc::data
