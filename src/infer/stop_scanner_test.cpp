#include "infer/stop_scanner.h"

#include <gtest/gtest.h>

#include "base/random.h"  // Random

namespace lmc::infer {
namespace {

struct Scanned {
  std::string text;
  bool found = false;
  bool operator==(const Scanned&) const = default;
};

Scanned scan(const std::vector<std::string>& stops, const std::vector<std::string>& pieces) {
  StopScanner scanner(stops);
  Scanned result;
  for (const std::string& piece : pieces) result.text += scanner.push(piece);
  result.found = scanner.found();
  if (!result.found) result.text += scanner.finish();
  return result;
}

TEST(StopScanner, WithoutStopsTextPassesAtOnce) {
  StopScanner scanner({});
  EXPECT_EQ(scanner.push("abc"), "abc");
  EXPECT_EQ(scanner.finish(), "");
}

TEST(StopScanner, HoldsBackOnlyWhatMayBecomeAStop) {
  const std::vector<std::string> stops = {"\n\nQ:"};
  StopScanner scanner(stops);
  EXPECT_EQ(scanner.push("one\n"), "one");
  EXPECT_EQ(scanner.push("two\n\n"), "\ntwo");
  EXPECT_EQ(scanner.push("\n"), "\n");
  EXPECT_EQ(scanner.push("Q"), "");
  EXPECT_EQ(scanner.push(": next"), "");
  EXPECT_TRUE(scanner.found());
  EXPECT_EQ(scanner.push("more"), "");
}

TEST(StopScanner, TextHeldBackComesAtTheEnd) {
  EXPECT_EQ(scan({"STOP"}, {"a ST"}), (Scanned{"a ST", false}));
}

TEST(StopScanner, TheStopThatIsCompleteFirstCounts) {
  EXPECT_EQ(scan({"abc", "b"}, {"xabc"}), (Scanned{"xa", true}));
  EXPECT_EQ(scan({"bc", "abc"}, {"xabc"}), (Scanned{"x", true}));
}

// Cutting the same text elsewhere changes nothing.
TEST(StopScanner, PiecesDoNotMatter) {
  const std::vector<std::string> stops = {"abab", "bb", "aaab"};
  Random random(5);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string text;
    const int64_t size = random.integer(0, 12);
    for (int64_t i = 0; i < size; ++i) text += random.chance(0.5) ? 'a' : 'b';
    std::vector<std::string> pieces(1);
    for (const char c : text) {
      if (random.chance(0.4)) pieces.emplace_back();
      pieces.back() += c;
    }
    EXPECT_EQ(scan(stops, pieces), scan(stops, {text})) << text;
  }
}

}  // namespace
}  // namespace lmc::infer
