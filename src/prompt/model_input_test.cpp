#include "prompt/model_input.h"

#include <gtest/gtest.h>

#include "base/check.h"           // InternalError
#include "prompt/golden_cases.h"  // grids_from

namespace lmc::prompt {
namespace {

constexpr int32_t kImage = 9;
constexpr int64_t kMerge = 2;

TEST(MropePositions, LikeTransformers) {
  const Json golden = read_json(golden_folder() + "/cases.json");
  const Json config = read_json(golden_folder() + "/model/config.json");
  ASSERT_GE(golden["rope"].size(), 4u);
  for (const Json& one : golden["rope"]) {
    std::array<std::vector<int32_t>, 3> positions;
    const int32_t next = mrope_positions(one["ids"].get<std::vector<int32_t>>(),
                                         config["image_token_id"].get<int32_t>(), kMerge,
                                         grids_from(one["grids"]), positions);
    EXPECT_EQ(Json(positions), one["positions"]);
    EXPECT_EQ(next, one["next_position"].get<int32_t>());
  }
}

// Worked by hand: an image of 2 x 3 tokens between texts, rows and columns told apart.
TEST(MropePositions, ByHand) {
  std::array<std::vector<int32_t>, 3> positions;
  const std::vector<int32_t> ids{1, kImage, kImage, kImage, kImage, kImage, kImage, 2};
  EXPECT_EQ(
      mrope_positions(ids, kImage, kMerge, grids_from(parse_json("[[1,4,6]]", "")), positions), 5);
  EXPECT_EQ(positions[0], (std::vector<int32_t>{0, 1, 1, 1, 1, 1, 1, 4}));
  EXPECT_EQ(positions[1], (std::vector<int32_t>{0, 1, 1, 1, 2, 2, 2, 4}));
  EXPECT_EQ(positions[2], (std::vector<int32_t>{0, 1, 2, 3, 1, 2, 3, 4}));
}

TEST(MropePositions, TokensAndGridsMustAgree) {
  std::array<std::vector<int32_t>, 3> positions;
  const auto run = [&](const std::vector<int32_t>& ids, const char* grids) {
    mrope_positions(ids, kImage, kMerge, grids_from(parse_json(grids, "")), positions);
  };
  EXPECT_NO_THROW(run({kImage}, "[[1,2,2]]"));
  EXPECT_THROW(run({kImage}, "[]"), InternalError);
  EXPECT_THROW(run({1}, "[[1,2,2]]"), InternalError);
  EXPECT_THROW(run({kImage, 1}, "[[1,2,4]]"), InternalError);
  EXPECT_THROW(run({kImage}, "[[1,2,4]]"), InternalError);
  EXPECT_THROW(run({kImage}, "[[1,0,0]]"), InternalError);
}

}  // namespace
}  // namespace lmc::prompt
