#include "record/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"  // InputError, cat
#include "base/files.h"  // write_file

namespace lmc::record {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string written(const std::string& name, const std::string& text) {
  std::string path = testing::TempDir() + "review_" +
                     testing::UnitTest::GetInstance()->current_test_info()->name() + "_" + name;
  write_file(path, text);
  return path;
}

ReviewKey key() {
  return {"5e0f1c2a9b34",
          "ledger.jsonl",
          120,
          30,
          {{1, "q7", true, "", "B", "B", "ABCD"}, {2, "q3", false, "gold-leak", "A", "A", "AB"}}};
}

std::string error_of(const std::string& path) {
  std::vector<std::string> faults;
  try {
    read_ratings(path, key(), faults);
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no InputError";
  return "";
}

TEST(Review, KeyKeepsEveryField) {
  const std::string path = written("key.json", to_pretty_text(to_json(key())));
  const ReviewKey again = read_review_key(path);
  EXPECT_EQ(to_json(again), to_json(key()));
  EXPECT_EQ(again.items[1].reason, "gold-leak");
  EXPECT_EQ(again.accepted_in_ledger, 120);
  EXPECT_THROW(read_review_key(written("no.json", "{\"sheet\": \"x\"}")), InputError);
}

// As the page saves it.
TEST(Review, RatingsAsThePageSavesThem) {
  const std::string path = written("r.json", R"({
  "schema": 1,
  "sheet": "5e0f1c2a9b34",
  "rater": "Dr. Müller",
  "items": [
    {"item": 1, "findings": "partly", "leads": "yes", "acceptable": "no", "answer": "C", "comment": "<b>"},
    {"item": 2, "findings": "cannot tell", "leads": "", "acceptable": "", "answer": "", "comment": ""}
  ]
}
)");
  std::vector<std::string> faults;
  const Ratings ratings = read_ratings(path, key(), faults);
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(ratings.rater, "Dr. Müller");
  ASSERT_EQ(ratings.items.size(), 2U);
  EXPECT_EQ(ratings.items[0].findings, "partly");
  EXPECT_EQ(ratings.items[0].answer, "C");
  EXPECT_EQ(ratings.items[1].findings, "cannot tell");
  EXPECT_EQ(ratings.items[1].acceptable, "");
}

TEST(Review, EveryFaultIsOneLine) {
  const std::string path = written("r.json", R"({"sheet": "5e0f1c2a9b34", "rater": "AB", "items": [
    {"item": 2, "findings": "maybe", "leads": "yes", "answer": "C"},
    {"item": 2, "acceptable": "yes"},
    {"item": 3, "acceptable": "yes"},
    {"item": 1, "acceptable": "Yes", "answer": "AB"}]})");
  std::vector<std::string> faults;
  const Ratings ratings = read_ratings(path, key(), faults);
  EXPECT_THAT(
      faults,
      ElementsAre(cat(path, ", item 2: \"findings\" is \"maybe\", which is none of the choices"),
                  cat(path, ", item 2: \"answer\" is \"C\", expected a letter of AB"),
                  cat(path, ", item 2: stands twice; the first counts"),
                  cat(path, ", item 3: is not on the sheet, which has 2"),
                  cat(path, ", item 1: \"acceptable\" is \"Yes\", which is none of the choices"),
                  cat(path, ", item 1: \"answer\" is \"AB\", expected a letter of ABCD")));
  ASSERT_EQ(ratings.items.size(), 2U);
  EXPECT_EQ(ratings.items[0].leads, "yes");
  EXPECT_EQ(ratings.items[0].findings, "");
}

TEST(Review, FilesThatHoldNoRatingsOfTheSheet) {
  EXPECT_THAT(error_of(written("a", R"({"sheet": "000000000000", "rater": "AB", "items": []})")),
              HasSubstr("expected ratings of sheet 5e0f1c2a9b34, found sheet 000000000000"));
  EXPECT_THAT(error_of(written("b", R"({"sheet": "5e0f1c2a9b34", "rater": "", "items": []})")),
              HasSubstr("expected a name"));
  EXPECT_THAT(error_of(written(
                  "c", "{\"sheet\": \"5e0f1c2a9b34\", \"rater\": \"\\u001b[2J\", \"items\": []}")),
              HasSubstr("expected a name of one line, found \"\\u001b[2J\""));
  EXPECT_THAT(error_of(written("d", R"({"sheet": "5e0f1c2a9b34", "rater": "AB"})")),
              HasSubstr("\"items\" is missing"));
  EXPECT_THAT(error_of(written("e", R"({"schema": 2, "sheet": "5e0f1c2a9b34"})")),
              HasSubstr("expected schema 1"));
  EXPECT_THAT(error_of(written("f", "<html>")), HasSubstr("found a web page"));
  EXPECT_THAT(error_of(written("f", "[1,")), HasSubstr("not valid JSON"));
}

}  // namespace
}  // namespace lmc::record
