#include "spec/init_checkpoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/check.h"            // InputError
#include "base/files.h"            // read_file, file_exists
#include "tensorio/safetensors.h"  // SafetensorsFile

namespace lmc::spec {
namespace {

namespace fs = std::filesystem;

const std::string kSource = LMC_SOURCE_DIR "/assets/phantom/student";
// Of its config.json: 6 query heads of 32 share 2 key/value heads; 4 layers.
constexpr int64_t kHeadRows = 32;
constexpr int64_t kGroupRows = 3 * kHeadRows;
constexpr double kRange = 0.09;

class InitCheckpoint : public ::testing::Test {
 protected:
  InitCheckpoint() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(::testing::TempDir()) / (std::string("init_") + info->name());
    fs::remove_all(root_);
  }
  ~InitCheckpoint() override { fs::remove_all(root_); }

  std::string make(const std::string& name, const InitForm& form) const {
    const std::string folder = (root_ / name).string();
    summary_ = init_checkpoint(kSource, kSource + "/config.json", folder, form);
    return folder;
  }

  fs::path root_;
  mutable InitSummary summary_;
};

std::vector<float> values(const tensorio::SafetensorsFile& file, const std::string& name) {
  const auto& view = file.tensors().at(name);
  std::vector<float> numbers(static_cast<size_t>(view.info.num_elements()));
  std::memcpy(numbers.data(), view.bytes.data(), view.bytes.size());
  return numbers;
}

double deviation(const std::vector<float>& numbers) {
  double sum = 0;
  for (const float number : numbers) sum += static_cast<double>(number) * number;
  return std::sqrt(sum / static_cast<double>(numbers.size()));
}

const std::string kLayer = "model.language_model.layers.1.";

TEST_F(InitCheckpoint, SeedDecidesTheBytes) {
  const auto weights = [&](const std::string& name, uint64_t seed) {
    return read_file(make(name, {tensorio::Dtype::kBF16, seed, false}) + "/model.safetensors");
  };
  const std::string first = weights("first", 5);
  EXPECT_EQ(first, weights("again", 5));
  EXPECT_NE(first, weights("other", 6));
  EXPECT_EQ(summary_.num_bytes, 2 * summary_.num_parameters);
  EXPECT_TRUE(file_exists((root_ / "first" / "tokenizer.json").string()));
}

TEST_F(InitCheckpoint, PlainFormHasOneRange) {
  const tensorio::SafetensorsFile file(make("plain", {tensorio::Dtype::kF32, 1, false}) +
                                       "/model.safetensors");
  // The relative error of a deviation over n draws is 1 / sqrt(2 n); n is 24,576 and more.
  for (const char* name : {"self_attn.q_proj.weight", "self_attn.o_proj.weight"}) {
    EXPECT_NEAR(deviation(values(file, kLayer + name)), kRange, 0.03 * kRange) << name;
  }
  for (const float scale : values(file, kLayer + "input_layernorm.weight")) EXPECT_EQ(scale, 1);
}

TEST_F(InitCheckpoint, TrainingFormMatchesQueriesToKeysAndShrinksTheResidual) {
  const tensorio::SafetensorsFile file(make("training", {tensorio::Dtype::kF32, 1, true}) +
                                       "/model.safetensors");
  const auto queries = values(file, kLayer + "self_attn.q_proj.weight");
  const auto keys = values(file, kLayer + "self_attn.k_proj.weight");
  const auto width = static_cast<int64_t>(keys.size()) / (2 * kHeadRows);
  for (int64_t group = 0; group < 2; ++group) {
    const auto query = queries.begin() + group * kGroupRows * width;
    const auto key = keys.begin() + group * kHeadRows * width;
    EXPECT_TRUE(std::equal(key, key + kHeadRows * width, query)) << group;
    EXPECT_FALSE(std::equal(key, key + kHeadRows * width, query + kHeadRows * width)) << group;
  }
  const double residual = kRange / std::sqrt(2.0 * 4);
  EXPECT_NEAR(deviation(values(file, kLayer + "mlp.down_proj.weight")), residual, 0.03 * residual);
  EXPECT_NEAR(deviation(values(file, kLayer + "mlp.up_proj.weight")), kRange, 0.03 * kRange);
}

TEST_F(InitCheckpoint, AFolderWithWeightsIsRefused) {
  make("taken", {});
  EXPECT_THROW(make("taken", {}), InputError);
}

}  // namespace
}  // namespace lmc::spec
