#include "base/ascii_case.h"

#include <gtest/gtest.h>

namespace lmc {
namespace {

TEST(AsciiCase, LettersOfAsciiAlone) {
  EXPECT_EQ(lower_case("AZ[`az{@09"), "az[`az{@09");
  EXPECT_EQ(lower_case("\u00C4B\u0130"), "\u00C4b\u0130");
  EXPECT_EQ(lower_case(""), "");
}

TEST(AsciiCase, BeginningsInAnyCase) {
  EXPECT_TRUE(starts_with_any_case("<!DocType HTML>", "<!doctype html"));
  EXPECT_FALSE(starts_with_any_case("<htm", "<html"));
  EXPECT_FALSE(starts_with_any_case("[a", "{a"));  // they differ by the bit that tells cases apart
}

}  // namespace
}  // namespace lmc
