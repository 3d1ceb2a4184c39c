#include "grounding/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/check.h"            // InputError
#include "grounding/image_swap.h"  // swapped_images

namespace lmc::grounding {
namespace {

record::Question question_of(const std::string& id, const std::string& image,
                             const std::string& modality = "") {
  record::Question question;
  question.id = id;
  question.image_sha256 = image;
  question.options = {{'A', "one"}, {'B', "two"}, {'C', "three"}, {'D', "four"}};
  question.answer = 'D';
  question.modality = modality;
  return question;
}

// Questions 2k and 2k + 1 share an image.
std::vector<record::Question> pairs(int count) {
  std::vector<record::Question> questions;
  for (int i = 0; i < count; ++i) {
    questions.push_back(question_of(cat("q", i), cat("p", i / 2), i % 3 == 0 ? "CT" : "MR"));
  }
  return questions;
}

TEST(ImageSwap, NobodyKeepsTheirImage) {
  const auto questions = pairs(21);
  for (const bool within_modality : {false, true}) {
    std::set<ImageSwap> different;
    for (uint64_t seed = 0; seed < 20; ++seed) {
      const ImageSwap swap = swapped_images(questions, within_modality, seed);
      EXPECT_EQ(swap, swapped_images(questions, within_modality, seed));
      different.insert(swap);
      std::set<size_t> donors;
      for (size_t i = 0; i < swap.size(); ++i) {
        ASSERT_TRUE(swap[i]) << i;
        EXPECT_NE(questions[*swap[i]].image_sha256, questions[i].image_sha256);
        if (within_modality) {
          EXPECT_EQ(questions[*swap[i]].modality, questions[i].modality);
        }
        EXPECT_TRUE(donors.insert(*swap[i]).second);
      }
    }
    EXPECT_EQ(different.size(), 20U);
  }
}

// 5 of 8 questions have one image: the 3 others can lend theirs, so 2 get none.
TEST(ImageSwap, WhatCannotBeAvoidedIsLeftOut) {
  std::vector<record::Question> questions;
  for (int i = 0; i < 8; ++i) {
    questions.push_back(question_of(cat("q", i), i < 5 ? "same" : cat("p", i)));
  }
  for (uint64_t seed = 0; seed < 20; ++seed) {
    int none = 0;
    for (const auto& donor : swapped_images(questions, false, seed)) none += donor ? 0 : 1;
    EXPECT_EQ(none, 2);
  }
}

TEST(Condition, RotationMovesOptionsAndAnswer) {
  const record::Question question = question_of("q", "p");
  const record::Question moved = rotated(question, 1);
  EXPECT_EQ(moved.options.at('A'), "four");
  EXPECT_EQ(moved.options.at('B'), "one");
  EXPECT_EQ(moved.answer, 'A');
  for (int64_t places = 1; places < 4; ++places) {
    const record::Question other = rotated(question, places);
    for (const auto& [letter, text] : other.options) {
      EXPECT_EQ(question.options.at(letter_before_rotation(question, places, letter)), text);
    }
    EXPECT_EQ(letter_before_rotation(question, places, other.answer), question.answer);
  }
}

TEST(Condition, HiddenOptionStaysTheAnswer) {
  const record::Question hidden = with_option_hidden(question_of("q", "p"));
  EXPECT_EQ(hidden.options.at('D'), "None of these");
  EXPECT_EQ(hidden.answer, 'D');
}

TEST(Condition, NamesChooseAndAreChecked) {
  const auto questions = pairs(4);
  const auto chosen = conditions_from_names({"shuffled", "grey"}, questions);
  EXPECT_THAT(chosen,
              testing::ElementsAre(Condition::kReal, Condition::kGrey, Condition::kShuffled));
  // All but caption, which no question has.
  EXPECT_EQ(conditions_from_names({}, questions).size(), 13U);
  const auto message = [&](const std::string& name) -> std::string {
    try {
      conditions_from_names({name}, questions);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("shufled"), testing::HasSubstr("did you mean shuffled?"));
  EXPECT_THAT(message("caption"), testing::HasSubstr("no question has a caption"));
}

TEST(Condition, PlanGoesQuestionByQuestion) {
  const auto questions = pairs(4);
  const auto asks =
      plan_asks(questions, conditions_from_names({"shuffled", "rotation"}, questions), 2, 7);
  ASSERT_EQ(asks.size(), 4U * (1 + 2 + 3));
  EXPECT_EQ(asks[0].condition, Condition::kReal);
  EXPECT_EQ(asks[1].condition, Condition::kShuffled);
  EXPECT_EQ(asks[2].variant, 1);
  EXPECT_EQ(asks[5].condition, Condition::kRotation);
  EXPECT_EQ(asks[5].variant, 3);
  EXPECT_EQ(asks[6].question, 1U);
}

}  // namespace
}  // namespace lmc::grounding
