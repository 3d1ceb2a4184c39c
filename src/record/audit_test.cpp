#include "record/audit.h"

#include <gtest/gtest.h>

namespace lmc::record {
namespace {

TEST(Audit, IsReadAsItWasWritten) {
  Audit audit;
  audit.source = "test_clean.csv";
  audit.track = "test_clean";
  audit.rows = 12;
  audit.questions = 9;
  audit.left_out = 1;
  audit.rejected = {{"a choice is empty", 2, {{3, "Choice B"}, {7, "Choice D"}}}};
  audit.notes = {{"odd", 4}};
  audit.splits = {{"test",
                   9,
                   {{'A', 4}, {'C', 5}},
                   'C',
                   {5, 9, 5.0 / 9, {0.27, 0.81}},
                   {3, 9, 1.0 / 3, {0.12, 0.65}},
                   0.31}};
  audit.duplicates = {1, 1, 2, 3, 1, {{2, 8, "What is it?"}}};
  audit.images = {true, 6, 5, 4, 1, 1, 1, 2, 3, 1, {{0, 2}, {28, 4}}, {{"turned", 2, {"a.jpg"}}}};
  audit.near_distance = 4;
  audit.parts = {"test", "train: train"};
  audit.overlaps = {{"test", "train: train", 1, 2, 3, 4, 5}};
  audit.near_pairs = {{"test", "a.png", "train: train", "b.png", 2}};
  const Json json = to_json(audit);
  EXPECT_EQ(to_json(audit_from_json(parse_json(to_text(json), "audit.json"), "audit.json")), json);
  EXPECT_EQ(json["splits"][0]["gold_letters"]["C"], 5);
  EXPECT_EQ(json["overlaps"][0]["near_pairs"], 3);
  EXPECT_EQ(json["pictures"]["kinds"][0]["first"][0], "a.jpg");
  Json older = json;
  older["pictures"].erase("kinds");
  EXPECT_TRUE(audit_from_json(older, "audit.json").images.kinds.empty());
}

TEST(Audit, WrongFilesAreNamed) {
  EXPECT_THROW(audit_from_json(Json::array(), "audit.json"), InputError);
  EXPECT_THROW(audit_from_json({{"source", "x"}}, "audit.json"), InputError);
}

}  // namespace
}  // namespace lmc::record
