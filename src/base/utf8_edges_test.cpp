#include "base/utf8_edges.h"

#include <gtest/gtest.h>

namespace lmc {
namespace {

TEST(Utf8Edges, OneMarkIsTakenOff) {
  EXPECT_EQ(without_byte_order_mark("\uFEFFa"), "a");
  EXPECT_EQ(without_byte_order_mark("\uFEFF\uFEFFa"), "\uFEFFa");
  EXPECT_EQ(without_byte_order_mark("\xEF\xBB"), "\xEF\xBB");
}

TEST(Utf8Edges, NoCharacterIsCut) {
  EXPECT_EQ(whole_characters("a\u00E4b", 4), "a\u00E4b");
  EXPECT_EQ(whole_characters("a\u00E4b", 3), "a\u00E4");
  EXPECT_EQ(whole_characters("a\u00E4b", 2), "a");
  EXPECT_EQ(whole_characters("\u00E4", 1), "");
}

}  // namespace
}  // namespace lmc
