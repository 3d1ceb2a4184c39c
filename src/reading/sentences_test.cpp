#include "reading/sentences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace lmc::reading {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> found;
  for (const TextSpan& span : sentences(text)) found.emplace_back(span.of(text));
  return found;
}

TEST(Sentences, EndWithTheirMark) {
  EXPECT_THAT(split("Left lung: clear. Right base: effusion! Is it B? Yes."),
              ElementsAre("Left lung: clear.", "Right base: effusion!", "Is it B?", "Yes."));
  EXPECT_THAT(split("  one without an end"), ElementsAre("one without an end"));
  EXPECT_THAT(split("He said \"no.\" Then (it grew.) And **so.** End"),
              ElementsAre("He said \"no.\"", "Then (it grew.)", "And **so.**", "End"));
  EXPECT_THAT(split("Wait... What?!"), ElementsAre("Wait...", "What?!"));
}

TEST(Sentences, FullStopsInsideStay) {
  EXPECT_THAT(
      split("Fig. 2 shows 2.5 cm of T2.1 signal. No. 6 is approx. two. Dr Li agrees."),
      ElementsAre("Fig. 2 shows 2.5 cm of T2.1 signal.", "No. 6 is approx. two.", "Dr Li agrees."));
  EXPECT_THAT(split("1. The lung is clear.\n2. The heart is wide."),
              ElementsAre("1. The lung is clear.", "2. The heart is wide."));
}

TEST(Sentences, EndWithTheirLine) {
  EXPECT_THAT(split("Findings\n\n- a nodule\n- an effusion\r\nAnswer: B\n"),
              ElementsAre("Findings", "- a nodule", "- an effusion", "Answer: B"));
  EXPECT_THAT(split("The lung\nis clear.\nThe heart is not."),
              ElementsAre("The lung\nis clear.", "The heart is not."));
}

TEST(Sentences, OfOtherScripts) {
  EXPECT_THAT(split("左肺清晰。右侧积液！答案是B？"),
              ElementsAre("左肺清晰。", "右侧积液！", "答案是B？"));
}

TEST(Sentences, WhatHoldsNoWordIsNone) {
  EXPECT_THAT(split(""), IsEmpty());
  EXPECT_THAT(split(" \n\n "), IsEmpty());
  EXPECT_THAT(split("<think>\nIt is clear.\n</think>\n\n---\nAnswer: A"),
              ElementsAre("It is clear.", "Answer: A"));
  EXPECT_THAT(split("...!?"), IsEmpty());
}

// Every byte stands in at most one span, and no word is lost.
TEST(Sentences, LeaveNoWordOut) {
  const std::string text = "a. B\nC! d<x>e\xFF f.. (g.) \n\n h";
  size_t end = 0;
  std::string words;
  for (const TextSpan& span : sentences(text)) {
    EXPECT_LE(end, span.begin);
    EXPECT_LT(span.begin, span.end);
    end = span.end;
    words += span.of(text);
  }
  for (const char c : {'a', 'B', 'C', 'd', 'e', 'f', 'g', 'h'}) {
    EXPECT_NE(words.find(c), std::string::npos) << c;
  }
}

}  // namespace
}  // namespace lmc::reading
