#include "report/review_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "base/check.h"          // InputError, cat
#include "base/files.h"          // write_file, read_file
#include "image/image.h"         // encode_png
#include "record/explanation.h"  // Explanation

namespace lmc::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kHostile[] = "</script><script>alert(1)</script>\" onload='x' <img src=http://x>";

class ReviewSheetTest : public testing::Test {
 protected:
  ReviewSheetTest() { make_folder(folder_); }
  ~ReviewSheetTest() override { std::filesystem::remove_all(folder_); }

  // Question k has the explanation `reasons[k]` was given for; "" is accepted.
  ReviewSheetOptions options(const std::vector<std::string>& reasons, int64_t items) {
    const image::Image grey{8, 8, std::vector<uint8_t>(size_t{8} * 8 * 3, 128)};
    write_file(folder_ + "/p.png", image::encode_png(grey));
    std::string questions;
    std::string ledger;
    for (size_t k = 0; k < reasons.size(); ++k) {
      record::Question question;
      question.id = cat("set/row", k);
      question.image = "p.png";
      question.image_sha256 = "00";
      question.question = cat("Question ", k, "? ", kHostile);
      question.options = {{'A', "one"}, {'B', kHostile}, {'C', "three"}};
      question.answer = 'C';
      question.split = "train";
      questions += to_text(record::to_json(question)) + "\n";
      record::Explanation line;
      line.question_id = question.id;
      line.accepted = reasons[k].empty();
      line.reason = reasons[k];
      line.reasoning = cat("Reasoning ", k, ". ", kHostile);
      line.answer = "B";
      line.teacher = "secret-teacher-235B";
      ledger += to_text(record::to_json(line)) + "\n";
    }
    ReviewSheetOptions options;
    options.questions = folder_ + "/questions.jsonl";
    options.explanations = folder_ + "/ledger.jsonl";
    options.out = folder_ + "/sheet.html";
    options.items = items;
    write_file(options.questions, questions);
    write_file(options.explanations, ledger);
    return options;
  }

  const std::string folder_ = testing::TempDir() + "review_sheet_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

std::vector<std::string> mixture() {
  std::vector<std::string> reasons(60);
  for (int i = 0; i < 30; ++i) reasons.push_back("gold-leak");
  for (int i = 0; i < 4; ++i) reasons.push_back("cites-caption");
  for (const char* unread : {"truncated", "wrong-answer", "refused", "empty", "no-answer"}) {
    for (int i = 0; i < 20; ++i) reasons.push_back(unread);
  }
  return reasons;
}

TEST_F(ReviewSheetTest, HalfAcceptedHalfRejectedByEachRule) {
  const ReviewSheetResult result = write_review_sheet(options(mixture(), 20));
  EXPECT_EQ(result.accepted, 10);
  EXPECT_EQ(result.rejected, 10);
  const record::ReviewKey key = record::read_review_key(result.key);
  EXPECT_EQ(key.accepted_in_ledger, 60);
  EXPECT_EQ(key.rejected_in_ledger, 34);
  std::map<std::string, int> by_reason;
  std::string order;
  for (const record::ReviewItem& item : key.items) {
    ++by_reason[item.reason];
    order += item.accepted ? '+' : '-';
    EXPECT_EQ(item.gold, "C");
    EXPECT_EQ(item.answer, "B");
    EXPECT_EQ(item.options, "ABC");
  }
  EXPECT_EQ(by_reason,
            (std::map<std::string, int>{{"", 10}, {"cites-caption", 4}, {"gold-leak", 6}}));
  EXPECT_THAT(order, Not(testing::AnyOf("++++++++++----------", "----------++++++++++")));
  EXPECT_THAT(summary(result), HasSubstr("20 explanations, 10 accepted and 10 rejected"));
}

TEST_F(ReviewSheetTest, OneSideShortTheOtherFills) {
  std::vector<std::string> reasons(30);
  reasons[3] = reasons[4] = "gold-leak";
  EXPECT_EQ(write_review_sheet(options(reasons, 10)).rejected, 2);
  std::filesystem::remove_all(folder_ + "/sheet.html");
  std::filesystem::remove_all(folder_ + "/sheet.key.json");
  const ReviewSheetResult all = write_review_sheet(options({"", "gold-leak", "gold-leak"}, 50));
  EXPECT_EQ(all.accepted, 1);
  EXPECT_EQ(all.rejected, 2);
}

TEST_F(ReviewSheetTest, ThePageIsBlindEscapedAndSelfContained) {
  const ReviewSheetResult result = write_review_sheet(options(mixture(), 12));
  const std::string page = read_file(result.page);
  for (const char* told : {"secret-teacher", "set/row", "gold-leak", "cites-caption", "is-gold\"",
                           "src=\"http", "alert(1)</script>", "<img src="}) {
    EXPECT_THAT(page, Not(HasSubstr(told))) << told;
  }
  EXPECT_THAT(page, HasSubstr("data:image/png;base64,"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'; img-src data:"));
  EXPECT_THAT(page, HasSubstr(cat("data-sheet=\"", result.sheet, "\"")));
  EXPECT_THAT(page, HasSubstr("name=\"answer-12\" value=\"C\""));
  EXPECT_THAT(page, Not(HasSubstr("name=\"answer-13\"")));
  EXPECT_THAT(page, HasSubstr("<legend>Acceptable for teaching</legend>"));
}

TEST_F(ReviewSheetTest, TheSeedDecidesAndNothingIsOverwritten) {
  ReviewSheetOptions one = options(mixture(), 20);
  const ReviewSheetResult first = write_review_sheet(one);
  EXPECT_THROW(write_review_sheet(one), InputError);
  one.out = folder_ + "/again.html";
  const ReviewSheetResult same = write_review_sheet(one);
  EXPECT_EQ(read_file(same.page), read_file(first.page));
  one.out = folder_ + "/other.html";
  one.seed = 1;
  EXPECT_NE(write_review_sheet(one).sheet, first.sheet);
  one.out = folder_ + "/none.html";
  one.split = "validation";
  EXPECT_THROW(write_review_sheet(one), InputError);
  one.items = 0;
  EXPECT_THROW(write_review_sheet(one), InputError);
}

}  // namespace
}  // namespace lmc::report
