#include "export/merge.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/check.h"
#include "base/files.h"
#include "spec/model_config.h"
#include "tensorio/safetensors.h"

namespace lmc::exporting {
namespace {

using tensorio::Dtype;

const std::string kCase = LMC_SOURCE_DIR "/tests/golden/model/wide_query";

class Merge : public ::testing::Test {
 protected:
  Merge() { std::filesystem::remove_all(out_); }
  ~Merge() override { std::filesystem::remove_all(out_); }

  Merged merge_to(std::optional<Dtype> dtype, const std::string& adapter = kCase + "/adapter") {
    return merge(
        {kCase, adapter, out_, dtype}, [](int64_t, int64_t) {},
        [](const std::string&, const Merged&) {});
  }

  std::string out_ =
      testing::TempDir() + "merge_" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

float value_at(const tensorio::TensorView& view, int64_t i) {
  if (view.info.dtype == Dtype::kF32) {
    float value = 0;
    std::memcpy(&value, view.bytes.data() + 4 * i, 4);
    return value;
  }
  uint16_t half = 0;
  std::memcpy(&half, view.bytes.data() + 2 * i, 2);
  return view.info.dtype == Dtype::kBF16 ? tensorio::float_from_bf16(half)
                                         : tensorio::float_from_f16(half);
}

// Golden: peft's merge_and_unload (tools/golden/export_merge.py). A change is a sum of rank terms
// in another order and one addition, with DoRA one factor more: a few units in the last place of
// the largest term.
class MergeOfKind : public Merge, public ::testing::WithParamInterface<bool> {};

TEST_P(MergeOfKind, EqualsPeft) {
  const bool dora = GetParam();
  const Merged merged = merge_to(Dtype::kF32, kCase + (dora ? "/dora_adapter" : "/adapter"));
  const tensorio::Checkpoint found(out_), before(kCase);
  const tensorio::SafetensorsFile golden(kCase + (dora ? "/merged_dora" : "/merged") +
                                         ".safetensors");
  ASSERT_GT(golden.tensors().size(), 5U);
  EXPECT_EQ(merged.corrected, static_cast<int64_t>(golden.tensors().size()));
  for (const auto& [name, view] : found.tensors()) {
    const auto changed = golden.tensors().find(name);
    const tensorio::TensorView& expected =
        changed == golden.tensors().end() ? before.tensors().at(name) : changed->second;
    const double allowed = changed == golden.tensors().end() ? 0 : 8 * 0x1p-24;
    for (int64_t i = 0; i < view.info.num_elements(); ++i) {
      ASSERT_NEAR(value_at(view, i), value_at(expected, i), allowed) << name << " at " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, MergeOfKind, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "dora" : "lora"; });

TEST_F(Merge, RoundsOnce) {
  merge_to(Dtype::kBF16);
  const tensorio::Checkpoint found(out_);
  const tensorio::SafetensorsFile golden(kCase + "/merged.safetensors");
  for (const auto& [name, view] : golden.tensors()) {
    const tensorio::TensorView& narrow = found.tensors().at(name);
    ASSERT_EQ(narrow.info.dtype, Dtype::kBF16);
    for (int64_t i = 0; i < view.info.num_elements(); ++i) {
      const float exact = value_at(view, i);
      // Half a unit of eight bits, and what EqualsPeft allows.
      ASSERT_NEAR(value_at(narrow, i), exact, std::abs(exact) * 0x1p-8 + 8 * 0x1p-24) << name;
    }
  }
}

TEST_F(Merge, WithoutAdapterNothingChanges) {
  const Merged merged = merge_to(std::nullopt, "");
  EXPECT_EQ(merged.corrected, 0);
  const tensorio::Checkpoint found(out_), before(kCase);
  for (const auto& [name, view] : found.tensors()) {
    const auto& expected = before.tensors().at(name).bytes;
    EXPECT_TRUE(std::equal(view.bytes.begin(), view.bytes.end(), expected.begin(), expected.end()))
        << name;
  }
  EXPECT_TRUE(file_exists(out_ + "/config.json"));
}

// config.json of this case says "tied", but another head is stored: no reader may drop it.
TEST_F(Merge, AStoredHeadIsKeptAndSaid) {
  const std::string folder = LMC_SOURCE_DIR "/tests/golden/model/merge_three";
  const auto ignore = [](const auto&...) {};
  merge({folder, folder + "/adapter", out_, {}}, ignore, ignore);
  const tensorio::Checkpoint found(out_), before(folder);
  const auto& head = found.tensors().at("lm_head.weight").bytes;
  const auto& expected = before.tensors().at("lm_head.weight").bytes;
  EXPECT_TRUE(std::equal(head.begin(), head.end(), expected.begin(), expected.end()));
  EXPECT_FALSE(spec::read_model_config(out_).tie_word_embeddings);
}

TEST_F(Merge, NumbersThatTheDtypeHasNotAreRefused) {
  const std::string folder = out_ + "_base";
  std::filesystem::remove_all(folder);
  std::filesystem::copy(kCase, folder, std::filesystem::copy_options::recursive);
  const tensorio::Checkpoint base(kCase);
  const auto write_with = [&](float value) {
    std::vector<tensorio::TensorInfo> infos;
    for (const auto& [name, view] : base.tensors()) infos.push_back(view.info);
    tensorio::SafetensorsWriter writer(folder + "/model.safetensors", infos);
    for (const auto& info : infos) {
      const auto& bytes = base.tensors().at(info.name).bytes;
      std::vector<std::byte> copy(bytes.begin(), bytes.end());
      if (info.name == "model.language_model.norm.weight") std::memcpy(copy.data(), &value, 4);
      writer.write(copy);
    }
    writer.finish();
  };
  const auto error_of = [&](std::optional<Dtype> dtype) -> std::string {
    const auto ignore = [](const auto&...) {};
    try {
      merge({folder, "", out_, dtype}, ignore, ignore);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  write_with(1e6F);  // beyond float16
  EXPECT_THAT(error_of(Dtype::kF16), testing::HasSubstr("norm.weight: does not fit into F16"));
  EXPECT_FALSE(file_exists(out_));
  write_with(NAN);
  EXPECT_THAT(error_of({}), testing::HasSubstr("norm.weight: holds NaN"));
  std::filesystem::remove_all(folder);
}

TEST_F(Merge, WholeOrNotAtAll) {
  const auto fails = [](const std::string&, const Merged&) { throw InputError("x", "no"); };
  EXPECT_THROW(merge(
                   {kCase, "", out_, {}}, [](int64_t, int64_t) {}, fails),
               InputError);
  EXPECT_FALSE(file_exists(out_));
  const std::filesystem::path out(out_);
  for (const auto& entry : std::filesystem::directory_iterator(out.parent_path())) {
    EXPECT_NE(entry.path().stem(), out.filename()) << entry.path();
  }
}

TEST_F(Merge, RefusesWhatDoesNotBelong) {
  EXPECT_THROW(merge_to({}, LMC_SOURCE_DIR "/tests/golden/model/odd_tower/adapter"), InputError);
  EXPECT_THROW(merge_to({}, kCase), InputError);  // no adapter folder
  make_folder(out_);
  EXPECT_THROW(merge_to({}), InputError);  // is there already
}

}  // namespace
}  // namespace lmc::exporting
