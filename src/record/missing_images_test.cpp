#include "record/missing_images.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/check.h"          // cat
#include "base/files.h"          // write_file, make_folder
#include "base/passing_error.h"  // PassingError

namespace lmc::record {
namespace {

class MissingImages : public testing::Test {
 protected:
  MissingImages() { make_folder(folder_); }
  ~MissingImages() override { std::filesystem::remove_all(folder_); }

  // Whether the image of question `at` counts as missing alone. The images of `there` are there.
  bool is_alone(size_t count, size_t at, const std::set<size_t>& there, size_t questions_each = 1) {
    std::filesystem::remove_all(folder_);
    make_folder(folder_);
    for (const size_t image : there) write_file(path(image), "x");
    try {
      check_images_are_there(count, at, [&](size_t i) { return path(i / questions_each); });
      return true;
    } catch (const PassingError&) {
      return false;
    }
  }

  std::string path(size_t image) const { return cat(folder_, "/", image, ".png"); }

  const std::string folder_ = testing::TempDir() + "missing_images";
};

TEST_F(MissingImages, OneOfManyIsAlone) {
  EXPECT_TRUE(is_alone(100, 40, {41}));
  EXPECT_TRUE(is_alone(100, 40, {64}));
  EXPECT_FALSE(is_alone(100, 40, {65}));
  EXPECT_FALSE(is_alone(100, 40, {39})) << "those before say nothing of a folder that went away";
}

TEST_F(MissingImages, TowardsTheEndThoseBeforeAreAsked) {
  EXPECT_TRUE(is_alone(100, 98, {76}));
  EXPECT_FALSE(is_alone(100, 98, {74}));
  EXPECT_TRUE(is_alone(3, 2, {0}));
  EXPECT_FALSE(is_alone(3, 2, {}));
  EXPECT_FALSE(is_alone(1, 0, {}));
  EXPECT_TRUE(is_alone(1, 0, {0})) << "it is there, and damaged";
}

TEST_F(MissingImages, ManyQuestionsOnAnImageCountOnce) {
  EXPECT_TRUE(is_alone(300, 0, {20}, 10));
  EXPECT_FALSE(is_alone(300, 0, {26}, 10));
  EXPECT_FALSE(is_alone(300, 0, {}, 300));
}

TEST_F(MissingImages, AQuestionWithoutAnImageSaysNothing) {
  EXPECT_NO_THROW(check_images_are_there(3, 1, [](size_t) { return ""; }));
}

}  // namespace
}  // namespace lmc::record
