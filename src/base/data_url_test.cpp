#include "base/data_url.h"

#include <gtest/gtest.h>

#include "base/check.h"   // InputError
#include "base/random.h"  // Random

namespace lmc {
namespace {

std::string random_bytes(Random& random, int64_t max_size) {
  std::string bytes(static_cast<size_t>(random.integer(0, max_size)), '\0');
  for (char& c : bytes) c = static_cast<char>(random.integer(0, 255));
  return bytes;
}

TEST(Base64, TestVectorsOfTheRfc) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text, "test"), bytes);
  }
}

TEST(Base64, RoundTripOfRandomBytes) {
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string bytes = random_bytes(random, 64);
    EXPECT_EQ(base64_decode(base64_encode(bytes), "test"), bytes);
  }
}

// As MIME, mail programs, web pages and shells write it.
TEST(Base64, SpellingsThatLoseNothing) {
  for (const char* text :
       {"Zm9vYmE=", "Zm9vYmE", "Zm9v\r\nYmE=", " Zm9v YmE = ", "Zm9v\n\tYmE\n"}) {
    EXPECT_EQ(base64_decode(text, "test"), "fooba") << text;
  }
  EXPECT_EQ(base64_decode("-_-_", "test"), base64_decode("+/+/", "test"));
  EXPECT_EQ(base64_decode("Zg", "test"), "f");
  EXPECT_EQ(base64_decode("\n", "test"), "");
}

TEST(Base64, WhatMayHaveLostSomething) {
  for (const char* text : {"Z", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm9v=", "Zh",
                           "Zg==Zg==", "=Zm9", "Zm=v", "Zm9v!", "Zm9v%"}) {
    EXPECT_THROW(base64_decode(text, "test"), InputError) << text;
  }
}

// Line breaks after every 76 characters, as `base64` and MIME have them.
TEST(Base64, WrappedLines) {
  Random random(4);
  for (int i = 0; i < 50; ++i) {
    const std::string bytes = random_bytes(random, 1000);
    const std::string text = base64_encode(bytes);
    std::string wrapped;
    for (size_t at = 0; at < text.size(); at += 76) wrapped += text.substr(at, 76) + "\r\n";
    EXPECT_EQ(base64_decode(wrapped, "test"), bytes);
  }
}

// Text that decodes says the same as the plain spelling of what it decodes to.
TEST(Base64, WhatDecodesEncodesToTheSameDigits) {
  Random random(2);
  constexpr std::string_view kLetters = "ABab01+/= ";
  const auto digits_of = [](std::string text) {
    std::erase_if(text, [](char c) { return c == '=' || c == ' '; });
    return text;
  };
  int num_accepted = 0;
  for (int i = 0; i < 50000; ++i) {
    std::string text(static_cast<size_t>(random.integer(0, 3) * 4), 'A');
    for (char& c : text) c = kLetters[static_cast<size_t>(random.integer(0, 9))];
    try {
      EXPECT_EQ(digits_of(base64_encode(base64_decode(text, "test"))), digits_of(text));
      ++num_accepted;
    } catch (const InputError&) {
    }
  }
  EXPECT_GT(num_accepted, 1000);
}

TEST(DataUrl, ReadsWhatItMakes) {
  const DataUrl parsed = parse_data_url(make_data_url("image/png", "\x89PNG"), 100, "test");
  EXPECT_EQ(parsed.media_type, "image/png");
  EXPECT_EQ(parsed.bytes, "\x89PNG");
  EXPECT_EQ(parse_data_url("DATA:Image/JPEG;name=x;BASE64,Zm9v", 100, "test").media_type,
            "image/jpeg");
}

TEST(DataUrl, FormsOfClients) {
  for (const char* url :
       {"data:image/png;base64,Zm9vYg==", "data:IMAGE/PNG;charset=utf-8;base64,Zm9vYg==",
        "data:image/png;base64,Zm9v\nYg==\n",
        "data:image/png; base64, Zm9vYg==", " data:image/png;base64,Zm9vYg",
        "Data:image/png;Base64,Zm9vYg%3D%3D", "data:image/png;base64,Zm9v%0AYg%3d%3d"}) {
    const DataUrl parsed = parse_data_url(url, 4, "test");
    EXPECT_EQ(parsed.media_type, "image/png") << url;
    EXPECT_EQ(parsed.bytes, "foob") << url;
  }
}

TEST(DataUrl, RefusesOtherForms) {
  for (const char* url :
       {"", "data:", "data:image/png", "data:image/png,abc", "data:;base64,Zm9v",
        "data:image;base64,Zm9v", "data:image/png;base64", "data:image/png;base64,Zm9vY",
        "http://example.org/a.png", "data:im@ge/png;base64,Zm9v", "data:image/png;base64,Zm9v?",
        "data:image/png;base64,Zm9v%"}) {
    EXPECT_THROW(parse_data_url(url, 100, "test"), InputError) << url;
  }
}

TEST(DataUrl, HoldsAtMostTheLimit) {
  for (size_t size = 0; size < 12; ++size) {
    const std::string url = make_data_url("image/png", std::string(size, 'x'));
    EXPECT_EQ(parse_data_url(url, size, "test").bytes.size(), size);
    if (size > 0) EXPECT_THROW(parse_data_url(url, size - 1, "test"), InputError);
  }
}

// Cuts, flips and insertions of a good URL: it parses or is refused, and never quotes its data.
TEST(DataUrl, DamagedUrlsAreRefusedOrRead) {
  Random random(3);
  for (int i = 0; i < 20000; ++i) {
    std::string url = make_data_url("image/png", random_bytes(random, 24));
    for (int64_t edit = random.integer(1, 3); edit > 0 && !url.empty(); --edit) {
      const auto at = static_cast<size_t>(random.integer(0, static_cast<int64_t>(url.size()) - 1));
      switch (random.integer(0, 2)) {
        case 0:
          url.resize(at);
          break;
        case 1:
          url[at] = static_cast<char>(random.integer(0, 255));
          break;
        default:
          url.insert(at, 1, static_cast<char>(random.integer(0, 255)));
      }
    }
    try {
      EXPECT_LE(parse_data_url(url, 64, "test").bytes.size(), 64u);
    } catch (const InputError& error) {
      EXPECT_LT(std::string(error.what()).size(), 120u);
    }
  }
}

}  // namespace
}  // namespace lmc
