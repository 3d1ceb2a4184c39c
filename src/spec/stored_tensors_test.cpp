#include "spec/stored_tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "base/check.h"  // InputError
#include "base/files.h"  // make_folder

namespace lmc::spec {
namespace {

using tensorio::Dtype;

constexpr const char* kHead = "lm_head.weight";
constexpr const char* kEmbedding = "model.language_model.embed_tokens.weight";

class StoredTensorsTest : public testing::Test {
 protected:
  StoredTensorsTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + cat("lmc_stored_", test->name(), "_", ::getpid());
    std::filesystem::remove_all(folder_);
    make_folder(folder_);
  }
  ~StoredTensorsTest() override { std::filesystem::remove_all(folder_); }

  // Values are exact in bf16, so that they are the same in both.
  void write(const std::map<std::string, std::vector<float>>& tensors, bool head_in_bf16 = false) {
    std::vector<tensorio::TensorInfo> infos;
    std::string data;
    for (const auto& [name, values] : tensors) {
      const bool narrow = head_in_bf16 && name.ends_with(kHead);
      infos.push_back({name, narrow ? Dtype::kBF16 : Dtype::kF32, {std::ssize(values)}});
      for (const float value : values) {
        const uint16_t bits = tensorio::bf16_from_float(value);
        data.append(
            narrow ? reinterpret_cast<const char*>(&bits) : reinterpret_cast<const char*>(&value),
            narrow ? 2 : 4);
      }
    }
    tensorio::SafetensorsWriter writer(folder_ + "/model.safetensors", infos);
    writer.write(std::as_bytes(std::span(data)));
    writer.finish();
  }

  struct Outcome {
    bool tied = false;
    bool head_is_left = false;
  };
  Outcome outcome(bool said_tied) const {
    const tensorio::Checkpoint checkpoint(folder_);
    StoredTensors stored = stored_tensors(checkpoint);
    ModelConfig config;
    config.tie_word_embeddings = said_tied;
    const bool tied = config_for(config, stored).tie_word_embeddings;
    return {tied, stored.contains(kHead)};
  }

  std::string folder_;
};

TEST_F(StoredTensorsTest, AHeadOfItsOwnCounts) {
  for (const bool narrow : {false, true}) {
    write({{kEmbedding, {1, 2, 3}}, {kHead, {1, 2, 3.5}}}, narrow);
    EXPECT_FALSE(outcome(true).tied);
    EXPECT_TRUE(outcome(true).head_is_left);
    write({{kEmbedding, {1, 2, 3}}, {kHead, {1, 2, 3}}}, narrow);
    EXPECT_TRUE(outcome(true).tied);
    EXPECT_FALSE(outcome(true).head_is_left);
    EXPECT_FALSE(outcome(false).tied);
    EXPECT_TRUE(outcome(false).head_is_left);
  }
  write({{"model.embed_tokens.weight", {1, 2}}, {"language_model.lm_head.weight", {1, 2}}});
  EXPECT_TRUE(outcome(true).tied);
  write({{kEmbedding, {1, 2}}});
  EXPECT_TRUE(outcome(true).tied);
}

TEST_F(StoredTensorsTest, KnowWhereTheyCameFrom) {
  write({{"_orig_mod.model.visual.module.blocks.0.norm1.weight", {1}},
         {"model.rotary_emb.inv_freq", {1}}});
  const tensorio::Checkpoint checkpoint(folder_);
  const StoredTensors stored = stored_tensors(checkpoint);
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(stored.begin()->first, "model.visual.blocks.0.norm1.weight");
  EXPECT_EQ(stored.begin()->second.where,
            folder_ +
                "/model.safetensors: tensor "
                "_orig_mod.model.visual.module.blocks.0.norm1.weight");
}

TEST_F(StoredTensorsTest, TwoNamesForOneTensorAreAnError) {
  write({{"model.norm.weight", {1}}, {"model.language_model.norm.weight", {2}}});
  const tensorio::Checkpoint checkpoint(folder_);
  try {
    stored_tensors(checkpoint);
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("is stored a second time"));
  }
}

}  // namespace
}  // namespace lmc::spec
