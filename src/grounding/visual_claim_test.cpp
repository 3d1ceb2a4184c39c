#include "grounding/visual_claim.h"

#include <gtest/gtest.h>

namespace lmc::grounding {
namespace {

TEST(VisualClaim, NamesWhatIsSeen) {
  EXPECT_TRUE(makes_visual_claim("Left lung: upper two nodules, middle clear.\n\nAnswer: A"));
  EXPECT_TRUE(makes_visual_claim("I look. The image shows a mass. So it is B.\n\nAnswer: B"));
  EXPECT_TRUE(makes_visual_claim("There are opacities in both lower lobes"));
  EXPECT_TRUE(makes_visual_claim("<think>A hyperdense lesion is visible.</think>\n\nAnswer: C"));
}

TEST(VisualClaim, NotGeneralKnowledgeNorEmptyTalk) {
  EXPECT_FALSE(makes_visual_claim("Answer: B"));
  EXPECT_FALSE(makes_visual_claim(""));
  EXPECT_FALSE(makes_visual_claim("The image is needed. It must be B.\n\nAnswer: B"));
  EXPECT_FALSE(makes_visual_claim("Pneumonia typically shows an opacity in the lower lobe."));
  EXPECT_FALSE(makes_visual_claim("If the left lung had an opacity, it were A.\nAnswer: B"));
  EXPECT_FALSE(makes_visual_claim("Sarcoidosis is a disease of the young.\n\nAnswer: B"));
  // Two kinds of words, but in two sentences.
  EXPECT_FALSE(makes_visual_claim("This is the left. A mass, then."));
  // The answer line is not part of the reasoning.
  EXPECT_FALSE(makes_visual_claim("It follows.\n\nAnswer: B. left lung opacity"));
}

}  // namespace
}  // namespace lmc::grounding
