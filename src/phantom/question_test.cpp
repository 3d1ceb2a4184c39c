#include "phantom/question.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/check.h"            // InputError
#include "phantom/dataset.h"       // question_at
#include "phantom/rule_solver.h"   // solve
#include "phantom/text_guesser.h"  // TextGuesser

namespace lmc::phantom {
namespace {

const Part kParts[] = {{"single", "train"}, {"composite", "train"}};

TEST(Question, SolverOnTrueFindingsAnswersEveryQuestion) {
  for (const Part& part : kParts) {
    for (int64_t i = 0; i < 1500; ++i) {
      const Question question = question_at(part, i, 1);
      const std::string& option = question.options[static_cast<size_t>(question.answer - 'A')];
      ASSERT_EQ(solve(question.text, question.findings), option) << question.text << "\n"
                                                                 << caption(question.findings);
    }
  }
}

TEST(Question, SolverRefusesOtherText) {
  EXPECT_THROW(solve("How are you?", {}), InputError);
  EXPECT_THROW(solve("Count one point for each zone.", {}), InputError);
}

TEST(Question, OptionsAreFourDifferentTexts) {
  for (const Part& part : kParts) {
    for (int64_t i = 0; i < 400; ++i) {
      const Question question = question_at(part, i, 2);
      const std::set<std::string> texts(question.options.begin(), question.options.end());
      ASSERT_EQ(texts.size(), static_cast<size_t>(kNumOptions)) << question.text;
    }
  }
}

TEST(Question, LettersAreBalancedWithinEachKind) {
  for (const Part& part : kParts) {
    const size_t num_kinds = part.sort == "single" ? single_kinds().size() : rule_families().size();
    std::map<std::string, std::map<char, int>> letters;
    for (size_t i = 0; i < num_kinds * 50; ++i) {
      const Question question = question_at(part, static_cast<int64_t>(i), 3);
      ++letters[question.kind][question.answer];
    }
    ASSERT_EQ(letters.size(), num_kinds);
    // 50 of a kind: twelve rounds of four, and two left over.
    for (const auto& [kind, counts] : letters) {
      for (const char letter : {'A', 'B', 'C', 'D'}) {
        const auto it = counts.find(letter);
        ASSERT_NE(it, counts.end()) << kind;
        EXPECT_GE(it->second, 12) << kind << " " << letter;
        EXPECT_LE(it->second, 13) << kind << " " << letter;
      }
    }
  }
}

TEST(Question, ReasoningEndsInTheOptionAndItsLetter) {
  for (const Part& part : kParts) {
    for (int64_t i = 0; i < 400; ++i) {
      const Question question = question_at(part, i, 4);
      const std::string& option = question.options[static_cast<size_t>(question.answer - 'A')];
      EXPECT_TRUE(
          question.reasoning.ends_with(cat(" Conclusion: ", option, " ", question.answer, ".")))
          << question.reasoning;
      EXPECT_EQ(question.reasoning.find("Answer"), std::string::npos);
    }
  }
}

// The share of questions a guesser gets right that has learnt from the words of `train`.
template <class QuestionAt>
double guessed_fraction(int64_t num_train, int64_t num_test, QuestionAt question_of) {
  TextGuesser guesser;
  for (int64_t i = 0; i < num_train; ++i) guesser.learn(question_of("train", i));
  int64_t right = 0;
  for (int64_t i = 0; i < num_test; ++i) {
    const Question question = question_of("test", i);
    if (guesser.guess(question) == question.answer) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(num_test);
}

// Guessing at random is right in a quarter of n questions, give or take sqrt(3/16 / n) standard
// deviations; four of them are left in fewer than 1 of 15,000 runs, and the seed is fixed.
TEST(Question, WordsAloneGiveNothingAway) {
  constexpr int64_t kTest = 1600;
  const double bound = 0.25 + 4 * std::sqrt(0.25 * 0.75 / kTest);
  for (const char* sort : {"single", "composite"}) {
    const double share = guessed_fraction(3200, kTest, [&](const char* split, int64_t i) {
      return question_at({sort, split}, i, 5);
    });
    EXPECT_LT(share, bound) << sort;
  }
}

TEST(Question, TheGuesserFindsAGiveaway) {
  const double bound = 0.25 + 4 * std::sqrt(0.25 * 0.75 / 400);
  // Three of four right answers are "none": the words alone then say most of it.
  const double share = guessed_fraction(1600, 400, [](const char* split, int64_t i) {
    Random random = Random::named(6, split, static_cast<uint64_t>(i));
    const int outcome = random.chance(0.75) ? 3 : static_cast<int>(random.integer(0, 3));
    return make_composite("priority", {outcome, static_cast<int>(i % 4)}, random);
  });
  EXPECT_GT(share, bound);
  EXPECT_GT(share, 0.6);
}

}  // namespace
}  // namespace lmc::phantom
