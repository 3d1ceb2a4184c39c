#include "base/printable.h"

#include <gtest/gtest.h>

#include "base/check.h"  // InputError

namespace lmc {
namespace {

TEST(Printable, WhatATerminalObeysIsWritten) {
  EXPECT_EQ(printable("a\x1b[31mb\x07\x7f"), "a\\x1B[31mb\\x07\\x7F");
  EXPECT_EQ(printable("two\r\nlines\there"), "two  lines here");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2J \xE2\x80\xAE"
                      "gpj.exe"),
            "\\u{009B}2J \\u{202E}gpj.exe");
  EXPECT_EQ(printable("\xE2\x81\xA6 \xD8\x9C \xE2\x80\xA8"), "\\u{2066} \\u{061C} \\u{2028}");
}

TEST(Printable, TextOfAnyScriptStays) {
  for (const char* text :
       {"gr\xC3\xB6\xC3\x9F"
        "er",
        "\xE8\x82\xBA\xE7\x82\x8E", "\xF0\x9F\xA9\xBB", "\xE2\x80\x9Cquoted\xE2\x80\x9D"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, BytesThatAreNoUtf8AreWritten) {
  EXPECT_EQ(printable("gr\xF6\xDF"), "gr\\xF6\\xDF");
  EXPECT_EQ(printable("\xC0\xAF \xED\xA0\x80 \xF5\x80\x80\x80 \xE2\x80"),
            "\\xC0\\xAF \\xED\\xA0\\x80 \\xF5\\x80\\x80\\x80 \\xE2\\x80");
}

TEST(Printable, QuotesAreShortened) {
  const std::string long_word(5000, 'x');
  EXPECT_EQ(printable_with_short_quotes("found \"" + long_word + "\", expected \"a\"", 10),
            "found \"xxxxxxxxxx... (5000 bytes)\", expected \"a\"");
  EXPECT_EQ(printable_with_short_quotes("an open \" quote", 10), "an open \" quote");
}

TEST(InputErrorText, IsOneShortLine) {
  const InputError error("f.json:3", "expected \"A\", found \"" + std::string(200, 'q') + "\x1b\"");
  EXPECT_EQ(error.what(),
            "f.json:3: expected \"A\", found \"" + std::string(80, 'q') + "... (201 bytes)\"");
  EXPECT_LT(std::string(InputError("f", std::string(100'000, '.')).what()).size(), 2100u);
}

}  // namespace
}  // namespace lmc
