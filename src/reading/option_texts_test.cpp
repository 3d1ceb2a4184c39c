#include "reading/option_texts.h"

#include <gtest/gtest.h>

namespace lmc::reading {
namespace {

std::map<char, std::string> lettered(const std::vector<std::string>& texts) {
  std::map<char, std::string> options;
  for (const std::string& text : texts) {
    options[static_cast<char>('A' + options.size())] = text;
  }
  return options;
}

char named(const std::vector<std::string>& texts, std::string_view text) {
  return OptionTexts(lettered(texts)).named_by(text).value_or('-');
}

TEST(OptionTexts, FoldsCaseHyphensAndSignsWhereNoOptionNeedsThem) {
  const std::vector<std::string> texts = {"T-cell lymphoma", "70% stenosis", "Crohn's disease",
                                          "IFN-\u03B3"};
  EXPECT_EQ(named(texts, "t cell Lymphoma"), 'A');
  EXPECT_EQ(named(texts, "70 stenosis"), 'B');
  EXPECT_EQ(named(texts, "crohns disease"), 'C');
  EXPECT_EQ(named(texts, "IFN gamma"), 'D');
  EXPECT_EQ(named(texts, "lymphoma"), '-');
}

TEST(OptionTexts, AnotherSignIsAnotherText) {
  EXPECT_EQ(named({"> 5 cm", "< 3 cm"}, "5 cm"), 'A');
  EXPECT_EQ(named({"> 5 cm", "< 3 cm"}, "< 5 cm"), '-');
  EXPECT_EQ(named({"CD4+ cells", "CD8- cells"}, "CD4- cells"), '-');
}

TEST(OptionTexts, KeepsSignsWhereOptionsDifferInNothingElse) {
  const std::vector<std::string> cells = {"CD4+", "CD4-", "CD4", "CD8"};
  EXPECT_EQ(named(cells, "cd4+"), 'A');
  EXPECT_EQ(named(cells, "CD4\u2212"), 'B');  // a minus
  EXPECT_EQ(named(cells, "CD4 +"), 'A');
  EXPECT_EQ(named(cells, "CD4"), 'C');
  const std::vector<std::string> joined = {"CD4-CD8+", "CD4+CD8-", "CD4-CD8-", "CD4+CD8+"};
  for (size_t i = 0; i < joined.size(); ++i) {
    EXPECT_EQ(named(joined, joined[i]), static_cast<char>('A' + i)) << joined[i];
  }
}

TEST(OptionTexts, KeepsLettersWhereOptionsDifferInCaseOnly) {
  EXPECT_EQ(named({"mM", "MM"}, "MM"), 'B');
  EXPECT_EQ(named({"mM", "MM"}, "mm"), '-');
  EXPECT_EQ(named({"mM", "MM", "Right"}, "right"), 'C');
}

TEST(OptionTexts, OptionsThatCannotBeToldApartAreNeverNamed) {
  EXPECT_EQ(named({"Cyst", "Cyst", "Abscess"}, "Cyst"), '-');
  EXPECT_EQ(named({"Cyst", "Cyst", "Abscess"}, "abscess"), 'C');
  EXPECT_EQ(named({"Cyst", "cyst"}, "cyst"), 'B');
  EXPECT_EQ(named({"Cyst", "cyst"}, "CYST"), '-');
  // A label tells them apart.
  const OptionTexts texts(lettered({"Cyst", "Cyst"}));
  const TextAtoms atoms(reply_words("cyst"), TextAtoms::Of::kReply);
  EXPECT_EQ(texts.end_of_labelled('B', atoms, 0), 1U);
  EXPECT_FALSE(texts.longest_at(atoms, 0));
}

TEST(OptionTexts, SignsHaveMoreThanOneForm) {
  const std::vector<std::string> sizes = {"\u2265 5 cm", "\u2264 5 cm"};
  for (const char* text : {">= 5 cm", "\\geq 5 cm", "\u22675 cm", "&ge; 5 cm", "\u2A7E 5 cm"}) {
    EXPECT_EQ(named(sizes, text), 'A') << text;
  }
  EXPECT_EQ(named({"K\u2191", "K\u2193"}, "K \u2B07\uFE0F"), 'B');
  EXPECT_EQ(named({"Stage \u2161", "Stage \u2162"}, "Stage III"), 'B');
  EXPECT_EQ(named({"Ca\u00B2\u207A", "K\u207A"}, "Ca^{2+}"), 'A');
  EXPECT_EQ(named({"CO\u2082", "O\u2082"}, "CO_2"), 'A');
  EXPECT_EQ(named({"10\u00B2", "10\u00B3"}, "10^3"), 'B');
  EXPECT_EQ(named({"A\u2032", "A\u2033"}, "A\u2033"), 'B');
}

TEST(OptionTexts, NamesThatHoldALetter) {
  const OptionTexts texts(lettered({"C. difficile", "Vitamin D", "A and B", "None of the above"}));
  EXPECT_TRUE(texts.is_name("c", "difficile"));
  EXPECT_TRUE(texts.is_name("vitamin", "d"));
  EXPECT_FALSE(texts.is_name("a", "and"));
  EXPECT_FALSE(texts.is_name("a", "difficile"));
  EXPECT_EQ(texts.none_option(), 'D');
}

// What is written exactly as an option names it, whatever it is written with.
TEST(OptionTexts, AnOptionsOwnTextNamesIt) {
  const std::vector<std::string> odd = {"+",    "-",   "(+)",    "a b", "a  b",   "A b",
                                        "5'",   "5",   "*5*",    "?",   "\u2191", "\u2193",
                                        "Yes.", "Yes", "\u2460", "1"};
  for (size_t i = 0; i < odd.size(); ++i) {
    EXPECT_EQ(named(odd, odd[i]), static_cast<char>('A' + i)) << odd[i];
  }
}

TEST(OptionTexts, SignsAloneAreFoundBehindAStatement) {
  const OptionTexts texts(lettered({"(+)", "++", "-", "Unclear"}));
  EXPECT_EQ(texts.by_signs(":+"), 'A');
  EXPECT_EQ(texts.by_signs(": \"++\"."), 'B');
  EXPECT_EQ(texts.by_signs("\u2212"), 'C');
  EXPECT_EQ(texts.by_signs("?"), std::nullopt);
  EXPECT_EQ(texts.by_signs(""), std::nullopt);
  EXPECT_EQ(texts.by_signs("- 2 cm"), std::nullopt);
  // Written the same but for their brackets, they are told apart by their letters alone.
  EXPECT_EQ(OptionTexts(lettered({"(+)", "+"})).by_signs("+"), std::nullopt);
}

// A capital that labels no option is a text, and one that does is a letter.
TEST(OptionTexts, LettersThatLabelNothing) {
  EXPECT_EQ(named({"X", "Y", "Z"}, "Y"), 'B');
  EXPECT_EQ(OptionTexts(lettered({"X", "Y"})).named_by("x"), std::nullopt);
}

}  // namespace
}  // namespace lmc::reading
