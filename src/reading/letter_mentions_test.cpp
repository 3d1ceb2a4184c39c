#include "reading/letter_mentions.h"

#include <gtest/gtest.h>

namespace lmc::reading {
namespace {

const std::map<char, std::string> kOptions{
    {'A', "Pneumothorax"}, {'B', "Pleural effusion"}, {'C', "Mass"}, {'D', "Normal"}};
const std::map<char, char> kRenamed{{'A', 'C'}, {'B', 'D'}, {'C', 'A'}, {'D', 'B'}};

std::string renamed(const std::string& text) {
  const LetterMentions mentions = letter_mentions(text, kOptions);
  return mentions.unclear ? "unclear" : with_letters(text, mentions.places, kRenamed);
}

TEST(LetterMentionsTest, MentionsFollowTheirOptions) {
  EXPECT_EQ(renamed("Option B fits."), "Option D fits.");
  EXPECT_EQ(renamed("Options A, B and C do not."), "Options C, D and A do not.");
  EXPECT_EQ(renamed("The correct option is **B**."), "The correct option is **D**.");
  EXPECT_EQ(renamed("an effusion (B), not option (A)"), "an effusion (D), not option (C)");
  EXPECT_EQ(renamed("A) no air\nB) fluid\n"), "C) no air\nD) fluid\n");
  EXPECT_EQ(renamed("- A. Pneumothorax: no.\n- **B. Pleural effusion**: yes."),
            "- C. Pneumothorax: no.\n- **D. Pleural effusion**: yes.");
  EXPECT_EQ(renamed("Answer: B"), "Answer: D");
  EXPECT_EQ(renamed("The answer is C."), "The answer is A.");
  EXPECT_EQ(renamed("B is correct, A is not."), "D is correct, C is not.");
  EXPECT_EQ(renamed("Thus B is right because C would need a margin."),
            "Thus D is right because A would need a margin.");
  EXPECT_EQ(renamed("consistent with B. Pleural effusion"), "consistent with D. Pleural effusion");
  EXPECT_EQ(renamed("Conclusion: pleural effusion B."), "Conclusion: pleural effusion D.");
  EXPECT_EQ(renamed("choose option d, \xE2\x80\x9Cnormal\xE2\x80\x9D"),
            "choose option b, \xE2\x80\x9Cnormal\xE2\x80\x9D");
}

TEST(LetterMentionsTest, OtherLettersStay) {
  for (const char* text :
       {"Panel B shows hepatitis B.", "A large effusion is seen. A CT confirms it.",
        "B-cell lymphoma, D-dimer and N/A.", "Panels A and B differ.", "A 45-year-old man.",
        "Vitamin D, type A.", "A vitreous mass.", "No letter at all: größer, ABCD."}) {
    EXPECT_EQ(renamed(text), text);
  }
}

TEST(LetterMentionsTest, WhatCannotBeToldIsUnclear) {
  for (const char* text :
       {"A shows air.", "Answer: A mass.", "It could be B after all.", "A and B are wrong.",
        "C. difficile colitis.", "Options A-C are wrong.", "The second option is wrong.",
        "Choice 3 fits.", "the image (B)", "Structure C.", "(b) no", "Only A"}) {
    EXPECT_EQ(renamed(text), "unclear") << text;
  }
}

}  // namespace
}  // namespace lmc::reading
