#include "data/prepare.h"

#include <gmock/gmock.h>

#include "base/check.h"   // InputError
#include "base/json.h"    // read_json
#include "base/sha256.h"  // sha256_hex
#include "data/images.h"
#include "data/test_folder.h"
#include "image/image.h"      // encode_png
#include "record/question.h"  // read_questions

namespace lmc::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PrepareTest : public FolderTest {
 protected:
  // A version-2 table of `count` questions on figures f0.png, f1.png, ...; odd ones are of "test".
  std::string table(int count) {
    std::string text =
        "index,Figure_path,Caption,Question,Choice A,Choice B,Choice C,Choice D,Answer,split\n";
    for (int i = 0; i < count; ++i) {
      text += cat(i, ",f", i, ".png,Caption ", i, ",What ", i, "?,A:1,B:2,C:3,D:4,",
                  static_cast<char>('A' + i % 4), ",", i % 2 == 0 ? "train" : "test", "\n");
    }
    return write("t_2.csv", text);
  }

  PrepareOptions options_for(int count) {
    for (int i = 0; i < count; ++i) write(cat("pictures/figures/f", i, ".png"), cat("bytes ", i));
    PrepareOptions options;
    options.pmc_vqa = table(count);
    options.images = folder_ + "/pictures";
    options.out = folder_ + "/out";
    return options;
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const auto& question : record::read_questions(folder_ + "/out/questions.jsonl")) {
      all.push_back(question.id);
    }
    return all;
  }
};

TEST_F(PrepareTest, QuestionsCarryWhereTheirImagesAre) {
  PrepareOptions options = options_for(4);
  std::filesystem::remove(folder_ + "/pictures/figures/f2.png");
  write("pictures/figures/f3.png", "");
  const PrepareResult result = prepare(options);
  EXPECT_EQ(result.questions, 2);
  EXPECT_EQ(result.rejected.at("the image is missing"), 1);
  EXPECT_EQ(result.rejected.at("the image cannot be read"), 1);

  const auto questions = record::read_questions(folder_ + "/out/questions.jsonl");
  ASSERT_EQ(questions.size(), 2U);
  EXPECT_EQ(read_file(questions[1].image), "bytes 1");
  EXPECT_EQ(questions[1].image_sha256, sha256_hex("bytes 1"));
  EXPECT_THAT(read_file(folder_ + "/out/questions.jsonl"),
              HasSubstr("\"image\":\"../pictures/figures/f0.png\""));
  EXPECT_EQ(read_json(folder_ + "/out/result.json")["questions"], 2);
  EXPECT_EQ(read_json(folder_ + "/out/manifest.json")["inputs"][0]["sha256"],
            sha256_hex(read_file(options.pmc_vqa)));
  const std::string rejected = read_file(folder_ + "/out/rejected.jsonl");
  EXPECT_THAT(rejected, HasSubstr("\"row\":3,\"reason\":\"the image is missing\""));
}

TEST_F(PrepareTest, SameInputSameBytes) {
  const PrepareOptions options = options_for(5);
  prepare(options);
  const std::string first = read_file(folder_ + "/out/questions.jsonl");
  prepare(options);
  EXPECT_EQ(read_file(folder_ + "/out/questions.jsonl"), first);
}

TEST_F(PrepareTest, SplitLimitAndSample) {
  PrepareOptions options = options_for(12);
  options.split = "test";
  options.limit = 2;
  const PrepareResult result = prepare(options);
  EXPECT_EQ(result.left_out, 10);
  EXPECT_THAT(ids(), ElementsAre("pmc-vqa-2/1", "pmc-vqa-2/3"));

  options.split = "";
  options.limit = 0;
  options.sample = 5;
  prepare(options);
  const std::vector<std::string> drawn = ids();
  EXPECT_EQ(drawn.size(), 5U);
  prepare(options);
  EXPECT_EQ(ids(), drawn);
  options.seed = 1;
  prepare(options);
  EXPECT_NE(ids(), drawn);

  options.split = "validation";
  EXPECT_THROW(prepare(options), InputError);
}

TEST_F(PrepareTest, BoxesAreJoinedByFigure) {
  PrepareOptions options = options_for(2);
  options.boxes = write("b.jsonl", R"({"figure": "f1.png", "boxes": [{"label": "mass", )"
                                   R"("ltrb_px": [1, 2, 3, 4.5]}]})"
                                   "\n");
  prepare(options);
  const auto questions = record::read_questions(folder_ + "/out/questions.jsonl");
  EXPECT_TRUE(questions[0].boxes.empty());
  ASSERT_EQ(questions[1].boxes.size(), 1U);
  EXPECT_EQ(questions[1].boxes[0].ltrb_px[3], 4.5);
}

TEST_F(PrepareTest, BrokenImagesAreFoundOnRequest) {
  PrepareOptions options = options_for(2);
  image::Image image{2, 3, std::vector<uint8_t>(18, 128)};
  write("pictures/figures/f1.png", image::encode_png(image));
  EXPECT_EQ(prepare(options).questions, 2);
  options.decode_images = true;
  const PrepareResult result = prepare(options);
  EXPECT_EQ(result.questions, 1);
  EXPECT_EQ(result.rejected.at("the image cannot be read"), 1);
}

TEST_F(PrepareTest, KindsOfImagesAreToldWithoutDecoding) {
  const std::string files = LMC_SOURCE_DIR "/tests/golden/image_files/";
  const PrepareOptions options = options_for(3);
  write("pictures/figures/f0.png", read_file(files + "exif_6.png"));
  write("pictures/figures/f1.png", read_file(files + "cmyk_turned.jpg"));
  write("pictures/figures/f2.png", read_file(files + "../dicom/four_frames.dcm"));
  const PrepareResult result = prepare(options);
  const std::map<std::string, int64_t> kinds = {
      {"turned", 2}, {"CMYK", 1}, {"DICOM", 1}, {"several frames", 1}};
  EXPECT_EQ(result.image_kinds, kinds);
  EXPECT_THAT(summary(result), testing::HasSubstr("images, 2: turned"));
  EXPECT_EQ(prepare(options).images_read, 0);
  EXPECT_EQ(prepare(options).image_kinds, kinds) << "as the index knows them";
}

// What an older decoder found is no longer right.
TEST_F(PrepareTest, AnImageOfAnOlderDecoderIsReadAgain) {
  const PrepareOptions options = options_for(2);
  prepare(options);
  const std::string image_index = folder_ + "/out/pictures.jsonl";
  std::string lines = read_file(image_index);
  const std::string version = cat("\"decoder\":", image::kDecodeVersion);
  ASSERT_NE(lines.find(version), lines.npos) << lines;
  lines.replace(lines.find(version), version.size(), "\"decoder\":1");
  write_file(image_index, lines);
  EXPECT_EQ(prepare(options).images_read, 1);
}

// The rows that the first version drew, which held all of them in memory.
TEST_F(PrepareTest, ASampleStaysTheSame) {
  PrepareOptions options = options_for(12);
  options.sample = 5;
  prepare(options);
  EXPECT_THAT(ids(), ElementsAre("pmc-vqa-2/1", "pmc-vqa-2/3", "pmc-vqa-2/6", "pmc-vqa-2/10",
                                 "pmc-vqa-2/11"));
}

TEST_F(PrepareTest, RowsAlone) {
  PrepareOptions options = options_for(3);
  std::filesystem::remove_all(folder_ + "/pictures");
  options.no_images = true;
  EXPECT_EQ(prepare(options).questions, 3);
  const auto questions = record::read_questions(folder_ + "/out/questions.jsonl");
  EXPECT_EQ(questions[2].image, folder_ + "/pictures/f2.png");
  EXPECT_EQ(questions[2].image_sha256, "");
  EXPECT_FALSE(file_exists(folder_ + "/out/pictures.jsonl"));
  options.decode_images = true;
  EXPECT_THROW(prepare(options), InputError);
}

TEST_F(PrepareTest, RowIdsCanBeTraced) {
  const PrepareResult result = prepare(options_for(3));
  const std::string listed = read_file(folder_ + "/out/row_ids.txt");
  EXPECT_EQ(listed, "pmc-vqa-2/0\npmc-vqa-2/1\npmc-vqa-2/2\n");
  EXPECT_EQ(result.row_ids_sha256, sha256_hex(listed));
  EXPECT_EQ(read_json(folder_ + "/out/result.json")["row_ids_sha256"], sha256_hex(listed));
}

TEST_F(PrepareTest, AnImageIsReadOnce) {
  PrepareOptions options = options_for(4);
  EXPECT_EQ(prepare(options).images_read, 4);
  const std::string first = read_file(folder_ + "/out/questions.jsonl");
  EXPECT_EQ(prepare(options).images_read, 0);
  EXPECT_EQ(read_file(folder_ + "/out/questions.jsonl"), first);
  // One that changed is read again; so is one whose line a kill cut short.
  write("pictures/figures/f1.png", "other bytes");
  EXPECT_EQ(prepare(options).images_read, 1);
  const std::string image_index = folder_ + "/out/pictures.jsonl";
  const std::string lines = read_file(image_index);
  write_file(image_index, lines.substr(0, lines.size() - 5));
  EXPECT_EQ(prepare(options).images_read, 1);
  const auto questions = record::read_questions(folder_ + "/out/questions.jsonl");
  EXPECT_EQ(questions[1].image_sha256, sha256_hex("other bytes"));
  // Decoding is more than was known; what cannot be decoded is known afterwards, too.
  options.decode_images = true;
  write("pictures/figures/f0.png", image::encode_png({2, 3, std::vector<uint8_t>(18, 128)}));
  EXPECT_EQ(prepare(options).images_read, 4);
  EXPECT_EQ(prepare(options).images_read, 0);
}

TEST_F(PrepareTest, TracksAreNamedAndChecked) {
  PrepareOptions options = options_for(4);
  options.track = "test_2";
  const PrepareResult result = prepare(options);
  EXPECT_EQ(result.questions, 4);
  EXPECT_EQ(result.notes.at("not the track test_2: expected 33430 rows"), 4);
  EXPECT_EQ(read_json(folder_ + "/out/result.json")["track"], "test_2");
  options.track = "test_clean";
  EXPECT_TRUE(prepare(options).notes.contains(
      "not the track test_clean: the table is of the other version"));
  options.track = "test_3";
  EXPECT_THROW(prepare(options), InputError);
}

TEST_F(PrepareTest, TheTrackOfASampleDrawsIt) {
  PrepareOptions options;
  options.pmc_vqa = table(2100);
  options.no_images = true;
  options.track = "test_2_sample";
  options.out = folder_ + "/out";
  EXPECT_EQ(prepare(options).questions, 2000);
  const std::vector<std::string> of_track = ids();
  options.track = "";
  options.sample = 2000;
  prepare(options);
  EXPECT_EQ(ids(), of_track);
}

TEST_F(PrepareTest, ALongTableIsWrittenInOrder) {
  PrepareOptions options;
  std::string text =
      "index,Figure_path,Caption,Question,Choice A,Choice B,Choice C,Choice D,Answer,split\n";
  for (int i = 0; i < 5000; ++i) {  // more than two batches, every seventh row spoilt
    text += cat(i, ",f.png,,What?,A:1,B:2,C:3,D:4,", i % 7 == 0 ? "E" : "A", ",train\n");
  }
  options.pmc_vqa = write("t_2.csv", text);
  options.no_images = true;
  options.out = folder_ + "/out";
  const PrepareResult result = prepare(options);
  EXPECT_EQ(result.questions, 4285);
  EXPECT_EQ(result.num_rejected(), 715);
  int next = 0;
  for (const std::string& id : ids()) {
    if (next % 7 == 0) ++next;
    ASSERT_EQ(id, cat("pmc-vqa-2/", next++));
  }
  int64_t row = 1;
  for_each_line(folder_ + "/out/rejected.jsonl", [&](size_t, std::string_view line) {
    EXPECT_EQ(parse_json(line, "line")["row"], row);
    row += 7;
  });
}

TEST_F(PrepareTest, NothingUsableIsAnError) {
  PrepareOptions options = options_for(2);
  options.images = folder_;  // the wrong one
  try {
    prepare(options);
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("none of 2 rows"), HasSubstr("image is missing")));
  }
  EXPECT_FALSE(file_exists(folder_ + "/out/questions.jsonl"));
  EXPECT_TRUE(file_exists(folder_ + "/out/rejected.jsonl"));
}

TEST_F(PrepareTest, ExactlyOneSource) {
  PrepareOptions options = options_for(1);
  options.jsonl = options.pmc_vqa;
  EXPECT_THROW(prepare(options), InputError);
  options.jsonl = options.pmc_vqa = "";
  EXPECT_THROW(prepare(options), InputError);
}

TEST_F(PrepareTest, OwnQuestions) {
  write("a.png", "a");
  PrepareOptions options;
  options.jsonl = write(
      "own.jsonl",
      R"({"image": "a.png", "question": "Which?", "options": ["x", "y"], "answer": "B"})"
      "\n"
      R"({"id": "q7", "image": "a.png", "question": "Which?", "options": {"A": "x", "C": "z"}, )"
      R"("answer": "C", "split": "test", "group": "patient 3", "caption": "c"})"
      "\nnot json\n"
      R"({"image": "a.png", "question": "Which?", "options": ["x"], "answer": "A"})"
      "\n");
  options.out = folder_ + "/out";
  const PrepareResult result = prepare(options);
  EXPECT_EQ(result.num_rejected(), 2);
  const auto questions = record::read_questions(folder_ + "/out/questions.jsonl");
  ASSERT_EQ(questions.size(), 2U);
  EXPECT_THAT(questions[0].id, testing::MatchesRegex("own/[0-9a-f]{12}"));
  EXPECT_EQ(questions[0].options.at('B'), "y");
  EXPECT_EQ(questions[1].id, "q7");
  EXPECT_EQ(questions[1].group, "patient 3");
  EXPECT_EQ(questions[1].source, "jsonl:own.jsonl");
}

TEST_F(PrepareTest, FoldersThatArchivesUnpackTo) {
  write("zip/images/images/deep.jpg", "x");
  write("zip/images/one.jpg", "x");
  write("secret.txt", "x");
  EXPECT_EQ(find_image(folder_ + "/zip", "deep.jpg"), folder_ + "/zip/images/images/deep.jpg");
  EXPECT_EQ(find_image(folder_ + "/zip", "one.jpg"), folder_ + "/zip/images/one.jpg");
  EXPECT_EQ(find_image(folder_ + "/zip", "two.jpg"), "");
  EXPECT_EQ(find_image(folder_ + "/zip", "../secret.txt"), "");
  EXPECT_TRUE(leads_out(folder_ + "/zip", "images/../../secret.txt"));
  // An absolute name is as good as a relative one, and no better.
  const std::string inside = std::filesystem::absolute(folder_ + "/zip/images/one.jpg");
  EXPECT_EQ(find_image(folder_ + "/zip", inside), inside);
  const std::string outside = std::filesystem::absolute(folder_ + "/secret.txt");
  EXPECT_EQ(find_image(folder_ + "/zip", outside), "");
  EXPECT_EQ(find_image(folder_ + "/zip", inside + "/../../../secret.txt"), "");
  EXPECT_TRUE(leads_out(folder_ + "/zip", outside));
  EXPECT_FALSE(leads_out("/", outside));
  EXPECT_FALSE(leads_out("", outside));
}

TEST_F(PrepareTest, WholeVqaRad) {
  PrepareOptions options;
  options.vqa_rad = shared_data() + "/vqa_rad/VQA_RAD_Dataset_Public.json";
  if (!file_exists(options.vqa_rad)) GTEST_SKIP() << "needs " << options.vqa_rad;
  options.out = folder_ + "/out";
  const PrepareResult result = prepare(options);
  EXPECT_EQ(result.questions, 1281);
  EXPECT_EQ(result.num_rejected(), 2248 - 1281) << summary(result);
}

}  // namespace
}  // namespace lmc::data
