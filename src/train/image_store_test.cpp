// Images of a training run and the cache of what a frozen vision tower makes of them.
#include "train/image_store.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/check.h"
#include "base/files.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "image/image.h"
#include "train/samples.h"

namespace lmc::train {
namespace {

namespace fs = std::filesystem;

const std::string kStudent = LMC_SOURCE_DIR "/assets/phantom/student";

class ImageStoreTest : public ::testing::Test {
 protected:
  ImageStoreTest() {
    folder_ = testing::TempDir() + "pictures_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    make_folder(folder_);
  }
  ~ImageStoreTest() override { fs::remove_all(folder_); }

  std::string image(const std::string& name, int shade) const {
    image::Image made;
    made.width_px = 96;
    made.height_px = 64;
    for (int i = 0; i < 96 * 64 * 3; ++i) {
      made.rgb_HWC.push_back(static_cast<uint8_t>((i * shade) % 251));
    }
    const std::string path = folder_ + "/" + name;
    write_file(path, image::encode_png(made));
    return path;
  }

  ImageStore images(torch::Dtype dtype = torch::kFloat32) {
    return ImageStore(processor_, model_.get(), folder_ + "/cache", dtype);
  }

  std::vector<std::string> cached_files() const {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ + "/cache")) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
    return files;
  }

  static void expect_same(const model::VisionFeatures& a, const model::VisionFeatures& b) {
    EXPECT_TRUE(a.merged_MH.equal(b.merged_MH));
    ASSERT_EQ(a.deepstack_MH.size(), b.deepstack_MH.size());
    for (size_t k = 0; k < a.deepstack_MH.size(); ++k) {
      EXPECT_TRUE(a.deepstack_MH[k].equal(b.deepstack_MH[k])) << k;
    }
  }

  std::string folder_;
  prompt::Processor processor_{kStudent};
  std::unique_ptr<model::Qwen3Vl> model_ = model::Qwen3Vl::load(kStudent, {});
};

TEST_F(ImageStoreTest, AWarmCacheGivesTheBytesOfAColdOne) {
  const std::string path = image("one.png", 7);
  for (const torch::Dtype dtype : {torch::kFloat32, torch::kBFloat16}) {
    ImageStore cold = images(dtype);
    const auto made = cold.features(cold.read(path, ""));
    EXPECT_EQ(cold.made(), 1);
    ImageStore warm = images(dtype);
    const auto grid = warm.read(path, "");
    EXPECT_TRUE(grid->pixel_values_PF.empty()) << "no pixels are needed";
    const auto found = warm.features(grid);
    EXPECT_EQ(warm.found(), 1);
    EXPECT_EQ(warm.made(), 0);
    expect_same(made, found);
    // Without a cache nothing is rounded to its dtype.
    ImageStore none(processor_, model_.get(), "", dtype);
    const auto plain = none.features(none.read(path, ""));
    EXPECT_EQ(plain.merged_MH.equal(found.merged_MH), dtype == torch::kFloat32);
  }
  EXPECT_EQ(cached_files().size(), 2U) << "one folder a dtype";
}

TEST_F(ImageStoreTest, TheSameContentIsOneEntryWhateverItsName) {
  const std::string one = image("one.png", 7), copy = image("copy.png", 7);
  const std::string other = image("other.png", 9);
  ImageStore some = images();
  const auto of_one = some.features(some.read(one, ""));
  expect_same(of_one, some.features(some.read(copy, "")));
  EXPECT_FALSE(of_one.merged_MH.equal(some.features(some.read(other, "")).merged_MH));
  EXPECT_EQ(cached_files().size(), 2U);
}

TEST_F(ImageStoreTest, SamplesOfAnImageHoldOneObject) {
  const std::string path = image("one.png", 7);
  ImageStore some = images();
  const auto first = some.read(path, "");
  EXPECT_EQ(some.read(path, ""), first);
}

TEST_F(ImageStoreTest, PixelsGoOnceTheFeaturesAreMade) {
  // Room for every image, and for less than one: then features are made again, from the file.
  for (const int64_t kept : {kMaxCachedTokens, int64_t{1}}) {
    ImageStore some(processor_, model_.get(), "", torch::kFloat32, kept);
    const auto one = some.read(image("one.png", 7), "");
    const auto other = some.read(image("other.png", 9), "");
    EXPECT_FALSE(one->pixel_values_PF.empty());
    const int64_t patches = one->num_patches();
    const auto made = some.features(one);
    EXPECT_TRUE(one->pixel_values_PF.empty());
    EXPECT_EQ(one->pixel_values_PF.capacity(), 0U) << "nor is their memory kept";
    EXPECT_EQ(one->num_patches(), patches) << "what else is known of it stays";
    some.features(other);
    expect_same(made, some.features(one));
    EXPECT_EQ(some.made(), kept == 1 ? 3 : 2);
  }
}

TEST_F(ImageStoreTest, ThreadsThatAskForOneImageMakeItOnce) {
  ImageStore some(processor_, model_.get(), "", torch::kFloat32);
  const auto one = some.read(image("one.png", 7), "");
  std::vector<model::VisionFeatures> found(4);
  parallel_for(
      found.size(), [&](size_t i) { found[i] = some.features(one); }, 4);
  EXPECT_EQ(some.made(), 1);
  for (const auto& features : found) expect_same(found[0], features);
}

TEST_F(ImageStoreTest, ADamagedEntryIsMadeAnew) {
  const std::string path = image("one.png", 7);
  ImageStore cold = images();
  const auto made = cold.features(cold.read(path, ""));
  const std::string entry = cached_files().at(0);
  const std::string whole = read_file(entry);
  for (const size_t size : {size_t{0}, size_t{5}, whole.size() / 2}) {
    write_file(entry, whole.substr(0, size));
    ImageStore again = images();
    expect_same(made, again.features(again.read(path, "")));
    EXPECT_EQ(again.made(), 1) << size << " bytes were left";
    EXPECT_EQ(read_file(entry), whole);
  }
}

TEST_F(ImageStoreTest, AChangedFileIsRefused) {
  const std::string path = image("one.png", 7);
  const std::string hash = sha256_hex_of_file(path);
  ImageStore some = images();
  EXPECT_NO_THROW(some.read(path, hash));
  image("one.png", 8);
  ImageStore later = images();
  EXPECT_THROW(later.read(path, hash), InputError);
}

}  // namespace
}  // namespace lmc::train
