#include "data/clean_text.h"

#include <gtest/gtest.h>

namespace lmc::data {
namespace {

TEST(CleanText, BlanksOfEveryKindAreTrimmed) {
  EXPECT_EQ(trim("\t \xC2\xA0\xE2\x80\x8A"
                 "a \xC2\xA0 b\xE2\x80\x83\r\n"),
            "a \xC2\xA0 b");
  EXPECT_EQ(trim(" \xC2\xA0 "), "");
  EXPECT_EQ(trim("\xC2\xB5m"), "\xC2\xB5m") << "begins with a byte of a blank, but is none";
}

TEST(CleanText, StrayQuotesGoAndMeantOnesStay) {
  EXPECT_EQ(clean("'One patient"), "One patient");
  EXPECT_EQ(clean(" Four patients ' "), "Four patients");
  EXPECT_EQ(clean("\" \"What is it?\" \""), "\" \"What is it?\" \"") << "two pairs: left alone";
  EXPECT_EQ(clean(" \"What is it?\" "), "What is it?");
  EXPECT_EQ(clean("Cushing's disease'"), "Cushing's disease'") << "has a partner";
  EXPECT_EQ(clean("Cushing's disease"), "Cushing's disease");
  EXPECT_EQ(clean("the 5'"), "the 5'");
  EXPECT_EQ(clean("\""), "");
  EXPECT_EQ(clean("'low' or 'high'"), "'low' or 'high'");
}

TEST(CleanText, LabelsAreSplitOff) {
  const auto expect = [](std::string_view cell, std::optional<char> label, std::string_view text) {
    const LabelledText found = split_label(cell);
    EXPECT_EQ(found.label, label) << cell;
    EXPECT_EQ(found.text, text) << cell;
  };
  expect(" A:Diffuse uptake ", 'A', "Diffuse uptake");
  expect(" B: Red", 'B', "Red");
  expect(
      "\xC2\xA0"
      "C : Light blue\xE2\x80\x8A",
      'C', "Light blue");
  expect(" 'A:One patient ", 'A', "One patient");
  expect(" \"A: Focal pattern ", 'A', "Focal pattern");
  expect("D. T: thymus", 'D', "T: thymus");
  expect("(A) Yes", 'A', "Yes");
  expect("A: ", 'A', "");
  expect("T2: axial", std::nullopt, "T2: axial");
  expect("None", std::nullopt, "None");
  expect("B cells", std::nullopt, "B cells");
  expect("A: N/A", 'A', "N/A");
  expect("", std::nullopt, "");
}

}  // namespace
}  // namespace lmc::data
