#include "report/audit_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lmc::report {
namespace {

using testing::HasSubstr;
using testing::Not;

record::Audit audit() {
  record::Audit audit;
  audit.source = "<b>.csv";
  audit.track = "test_clean";
  audit.rows = 226948;
  audit.questions = 226000;
  audit.rejected = {{"a choice is empty", 948, {{3, "Choice <B>"}}}};
  audit.splits = {{"te<st",
                   9,
                   {{'A', 4}, {'C', 5}},
                   'C',
                   {5, 9, 5.0 / 9, {0.27, 0.81}},
                   {8, 9, 8.0 / 9, {0.57, 0.98}},
                   0.31}};
  audit.images.looked_at = true;
  audit.images.sizes = {{0, 2}, {28, 4}};
  audit.images.kinds = {{"not a picture: DICOM", 1, {"a<b>.dcm"}},
                        {"turned", 1234, {"phone.jpg", "camera.jpg"}}};
  audit.overlaps = {{"train", "test", 1, 2, 3, 4, 5}, {"train", "validation", 0, 0, 0, 0, 0}};
  audit.near_pairs = {{"train", "gone<1>.png", "test", "gone2.png", 2}};
  return audit;
}

TEST(AuditPage, ShowsWhatWasFound) {
  const std::string page = audit_page(audit(), "/nowhere");
  EXPECT_THAT(page, HasSubstr("226,948"));
  EXPECT_THAT(page, HasSubstr("<li>3: Choice &lt;B&gt;</li>"));
  EXPECT_THAT(page, HasSubstr("scores 55.6 %: the floor that a model must beat."));
  EXPECT_THAT(page, HasSubstr("lengths give the answer away"));
  EXPECT_THAT(page, HasSubstr("share 2 images, 3 near-duplicate pairs and 5 groups"));
  EXPECT_THAT(page, HasSubstr("1 pair of parts: nothing in common"));
  EXPECT_THAT(page, HasSubstr("(cannot be shown)"));
  EXPECT_THAT(page, HasSubstr("evaluation track test_clean"));
  EXPECT_THAT(page, HasSubstr("<td data-label=\"images\">1,234</td>"));
  EXPECT_THAT(page, HasSubstr("turned upright, as its EXIF orientation says"));
  EXPECT_THAT(page, HasSubstr("phone.jpg, camera.jpg"));
  EXPECT_THAT(page, HasSubstr("a&lt;b&gt;.dcm"));
}

TEST(AuditPage, IsSelfContainedAndEscaped) {
  const std::string page = audit_page(audit(), "/nowhere");
  for (const char* raw :
       {"<b>.csv", "Choice <B>", "te<st", "gone<1>", "http://", "https://", "<script"}) {
    EXPECT_THAT(page, Not(HasSubstr(raw)));
  }
}

TEST(AuditPage, SaysThatImagesWereNotLookedAt) {
  record::Audit rows_only = audit();
  rows_only.images = {};
  rows_only.near_pairs.clear();
  EXPECT_THAT(audit_page(rows_only, "/nowhere"), HasSubstr("Images were not looked at"));
}

}  // namespace
}  // namespace lmc::report
