#include "data/audit.h"

#include <gmock/gmock.h>

#include "base/check.h"  // InputError
#include "data/prepare.h"
#include "data/test_folder.h"
#include "image/preprocess.h"  // resize_bicubic

namespace lmc::data {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr char kHeader[] = "id,question,image,A,B,C,answer,split,group\n";

class AuditTest : public FolderTest {
 protected:
  // An image with a light disc at `place` per cent from the left.
  static image::Image disc(int64_t side, int64_t place) {
    image::Image image{side, side, {}};
    for (int64_t y = 0; y < side; ++y) {
      for (int64_t x = 0; x < side; ++x) {
        const int64_t dx = x - place * side / 100;
        const int64_t dy = y - side * 2 / 5;
        const bool is_inside = dx * dx + dy * dy < side * side / 16;
        image.rgb_HWC.insert(image.rgb_HWC.end(), 3,
                             static_cast<uint8_t>((is_inside ? 200 : 30) + x * 40 / side));
      }
    }
    return image;
  }

  record::Audit audit_of(const std::string& table, const std::string& out,
                         const std::vector<std::string>& against = {}) {
    PrepareOptions options;
    options.csv = write(out + ".csv", kHeader + table);
    options.images = folder_;
    options.out = folder_ + "/" + out;
    options.audit = true;
    options.against = against;
    prepare(options);
    return record::audit_from_json(read_json(options.out + "/audit.json"), "audit.json");
  }
};

TEST_F(AuditTest, LettersLengthsAndFaults) {
  write("a.png", image::encode_png(disc(64, 40)));
  const record::Audit audit = audit_of(
      "1,Q1?,a.png,the longest one,y,z,A,train,\n"
      "2,Q2?,a.png,x,the longest one,z,A,train,\n"
      "3,Q3?,a.png,x,\xC3\xA9\xC3\xA9,zzz,C,train,\n"  // accents are no length
      "4,Q4?,a.png,x,y,z,B,test,\n"
      "5,Q5?,a.png,x,y,z,D,test,\n"
      "6,Q6?,b.png,x,y,z,A,test,\n",
      "set");
  EXPECT_EQ(audit.rows, 6);
  EXPECT_EQ(audit.questions, 4);
  ASSERT_EQ(audit.rejected.size(), 2U);
  EXPECT_EQ(audit.rejected[0].reason, kBadGold);
  EXPECT_EQ(audit.rejected[0].first[0].row, 5);
  EXPECT_EQ(audit.rejected[0].first[0].detail, "D");
  EXPECT_EQ(audit.rejected[1].first[0].detail, "b.png");
  EXPECT_EQ(audit.images.rows_missing, 1);

  ASSERT_EQ(audit.splits.size(), 2U);
  const record::AuditedSplit& train = audit.splits[1];
  EXPECT_EQ(train.name, "train");
  EXPECT_THAT(train.gold_letters, UnorderedElementsAre(Pair('A', 2), Pair('C', 1)));
  EXPECT_EQ(train.best_letter, 'A');
  EXPECT_EQ(train.best_constant.correct, 2);
  EXPECT_EQ(train.longest_option.correct, 2);
  // Longest: A, B, C once each; gold: A 2/3, C 1/3.
  EXPECT_NEAR(train.longest_option_chance, 1.0 / 3 * 2 / 3 + 1.0 / 3 * 1 / 3, 1e-12);
}

TEST_F(AuditTest, RepeatedQuestions) {
  write("a.png", image::encode_png(disc(64, 40)));
  const record::Audit audit = audit_of(
      "1,What is it?,a.png,x,y,z,A,,\n"
      "2,what  is it?,a.png,X,y,z,B,,\n"  // the same, another letter and text
      "3,What is it?,a.png,y,x,z,B,,\n"   // other options, the same gold text as row 1
      "4,What is it?,a.png,p,q,r,A,,\n"   // other options, another gold text
      "5,Where is it?,a.png,x,y,z,A,,\n",
      "set");
  EXPECT_EQ(audit.duplicates.same_question, 1);
  EXPECT_EQ(audit.duplicates.other_gold_letter, 1);
  EXPECT_EQ(audit.duplicates.other_gold_text, 2);
  EXPECT_EQ(audit.duplicates.shared_texts, 1);
  EXPECT_EQ(audit.duplicates.contested_texts, 1);
  ASSERT_EQ(audit.duplicates.first.size(), 2U);
  EXPECT_EQ(audit.duplicates.first[0].first_row, 1);
  EXPECT_EQ(audit.duplicates.first[0].second_row, 2);
}

TEST_F(AuditTest, ImagesSharedBetweenSplitsAndSets) {
  const image::Image original = disc(300, 40);
  write("a.png", image::encode_png(original));
  write("same_file.png", image::encode_png(original));
  const std::string jpeg = image::encode_jpeg(original, 90);
  write("recoded.jpg", jpeg);
  write("same_pixels.png", image::encode_png(image::decode(jpeg, "jpeg")));
  write("small.png", image::encode_png(image::resize_bicubic(original, {100, 100})));
  write("other.png", image::encode_png(disc(1200, 70)));
  write("tiny.png", image::encode_png(disc(17, 40)));
  write("broken.png", "\x89PNG\r\n\x1a\n");
  const std::string set =
      "1,Q1?,a.png,x,y,z,A,train,PMC1\n"
      "2,Q2?,recoded.jpg,x,y,z,A,train,PMC2\n"
      "3,Q1?,same_file.png,x,y,z,A,test,PMC1\n"
      "4,Q4?,same_pixels.png,x,y,z,A,test,PMC4\n"
      "5,Q5?,other.png,x,y,z,A,test,PMC5\n"
      "6,Q6?,tiny.png,x,y,z,A,test,PMC5\n"
      "7,Q7?,broken.png,x,y,z,A,test,PMC5\n";
  const record::Audit audit = audit_of(set, "set");
  EXPECT_EQ(audit.questions, 7) << "an audit rejects nothing";
  EXPECT_EQ(audit.images.files, 7);
  EXPECT_EQ(audit.images.distinct_files, 6);
  EXPECT_EQ(audit.images.distinct_pixels, 4);
  EXPECT_EQ(audit.images.undecodable, 1);
  EXPECT_EQ(audit.images.below_28_px, 1);
  EXPECT_EQ(audit.images.above_1024_px, 1);
  EXPECT_EQ(audit.images.not_comparable, 1);
  ASSERT_EQ(audit.overlaps.size(), 1U);
  const record::Overlap& splits = audit.overlaps[0];
  EXPECT_EQ(splits.first, "train");
  EXPECT_EQ(splits.second, "test");
  EXPECT_EQ(splits.same_files, 1);
  EXPECT_EQ(splits.same_pixels, 2);
  EXPECT_EQ(splits.near_pairs, 2) << "the drawn image and its JPEG, in both directions";
  EXPECT_EQ(splits.same_texts, 1);
  EXPECT_EQ(splits.same_groups, 1);

  const record::Audit second =
      audit_of("1,Q9?,small.png,x,y,z,A,test,PMC1\n", "second", {folder_ + "/set"});
  ASSERT_EQ(second.overlaps.size(), 2U);
  EXPECT_EQ(second.overlaps[0].first, "test");
  EXPECT_EQ(second.overlaps[0].second, "set: train");
  EXPECT_EQ(second.overlaps[0].same_pixels, 0);
  EXPECT_EQ(second.overlaps[0].near_pairs, 2);
  EXPECT_EQ(second.overlaps[0].same_groups, 1);
  ASSERT_FALSE(second.near_pairs.empty());
  EXPECT_EQ(second.near_pairs[0].first_image, "../small.png");
  EXPECT_THAT(second.near_pairs[0].second_image, HasSubstr("../"));
}

TEST_F(AuditTest, KindsOfImages) {
  const std::string files = LMC_SOURCE_DIR "/tests/golden/image_files/";
  write("turned.jpg", read_file(files + "exif_6.jpg"));
  write("both.png", read_file(files + "rgba_turned.png"));
  write("deep.png", read_file(files + "gray_16_of_12.png"));
  write("plain.jpg", read_file(files + "plain.jpg"));
  write("pointer.jpg", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n");
  const record::Audit audit = audit_of(
      "1,Q1?,turned.jpg,x,y,z,A,train,\n"
      "2,Q2?,turned.jpg,x,y,z,A,train,\n"  // a file counts once
      "3,Q3?,both.png,x,y,z,A,train,\n"
      "4,Q4?,deep.png,x,y,z,A,test,\n"
      "5,Q5?,plain.jpg,x,y,z,A,test,\n"
      "6,Q6?,pointer.jpg,x,y,z,A,test,\n",
      "set");
  std::map<std::string, int64_t> kinds;
  for (const record::ImageKind& kind : audit.images.kinds) kinds[kind.kind] = kind.images;
  EXPECT_THAT(kinds, UnorderedElementsAre(Pair("turned", 2), Pair("transparency", 1),
                                          Pair("16-bit grey", 1),
                                          Pair("not a picture: git-lfs pointer", 1)));
  EXPECT_THAT(audit.images.kinds.back().first,
              testing::ElementsAre("../turned.jpg", "../both.png"));
  EXPECT_EQ(read_json(folder_ + "/set/result.json")["picture_kinds"]["turned"], 2);
}

TEST_F(AuditTest, ManySplitsAreFolded) {
  std::string table;
  for (int i = 0; i < 100; ++i) table += cat(i, ",Q?,a.png,x,y,z,A,s", i, ",\n");
  write("a.png", image::encode_png(disc(64, 40)));
  const record::Audit audit = audit_of(table, "set");
  EXPECT_EQ(audit.parts.size(), 33U);
  EXPECT_EQ(audit.splits.size(), 33U);
  EXPECT_EQ(audit.parts.back(), "(further ones)");
}

TEST_F(AuditTest, AgainstNeedsAnAudit) {
  PrepareOptions options;
  options.csv = write("t.csv", std::string(kHeader) + "1,Q?,a.png,x,y,z,A,,\n");
  options.out = folder_ + "/out";
  options.against = {folder_};
  EXPECT_THROW(prepare(options), InputError);
}

}  // namespace
}  // namespace lmc::data
