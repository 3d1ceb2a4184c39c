// Device files of the golden checkpoints, and what the engine over them says, against transformers
// and against itself: the same sequence in pieces, forked, alone and beside others.
#include "export/device_export.h"

#include <gmock/gmock.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/check.h"              // InputError
#include "base/device_file.h"        // DeviceFile
#include "base/files.h"              // read_file, write_file
#include "runtime/device_engine.h"   // DeviceEngine
#include "runtime/kernels/tiers.h"   // tier_names
#include "runtime/vision_forward.h"  // vision_forward
#include "support/golden_prompt.h"   // GoldenPrompt
#include "support/tier_cases.h"      // TierCase, all_tier_cases

namespace lmc::exporting {
namespace {

using infer::Feed;
using infer::SequenceId;
using runtime::DeviceEngine;
using testing::HasSubstr;
using tests::golden_folder;
using tests::GoldenPrompt;
using tests::kTolerance;
using tests::relative_rms;
using tests::values;

std::string temporary(const std::string& name) {
  return testing::TempDir() + cat("lmc_device_export_", ::getpid(), "_", name, ".lmcd");
}

DeviceExported export_to(const std::string& out, const std::string& folder,
                         const std::string& weights, const std::string& adapter = "") {
  std::filesystem::remove(out);
  return export_device(
      {folder, adapter, out, weights}, [](int64_t, int64_t) {},
      [](const std::string&, const DeviceExported&) {
        return std::map<std::string, std::string>();
      });
}

// A golden case on a tier.
class DeviceEngineTest : public testing::TestWithParam<tests::TierCase> {
 protected:
  void SetUp() override {
    const auto& [name, tier] = GetParam();
    if (runtime::find_tier(tier) == nullptr) GTEST_SKIP() << "no " << tier << " here";
    golden_.emplace(name);
    open("f32");
  }
  ~DeviceEngineTest() override { std::filesystem::remove(path_); }

  void open(const std::string& weights, runtime::KvForm kv = runtime::KvForm::kAuto) {
    const auto& [name, tier] = GetParam();
    export_to(path_, golden_folder(name), weights);
    runtime::DeviceOptions options{tier, 2};
    options.kv = kv;
    engine_.emplace(path_, options);
    std::vector<const image::PatchGrid*> images;
    for (const image::PatchGrid& image : golden_->images) images.push_back(&image);
    features_ = engine_->encode(images);
  }

  size_t length() const { return golden_->ids.size(); }
  bool is_image(size_t i) const { return golden_->ids[i] == engine_->info().image_token_id; }
  bool may_cut(size_t at) const {
    return at == 0 || at >= length() || !(is_image(at - 1) && is_image(at));
  }

  // Tokens [begin, end) of the prompt, with the images that stand there.
  Feed feed(SequenceId sequence, size_t begin, size_t end, int64_t num_logits) const {
    Feed made;
    made.sequence = sequence;
    made.ids = std::span(golden_->ids).subspan(begin, end - begin);
    for (size_t axis = 0; axis < 3; ++axis) {
      made.positions[axis] = std::span(golden_->positions[axis]).subspan(begin, end - begin);
    }
    size_t first = 0, count = 0;
    for (size_t i = 0; i < end; ++i) {
      if (!is_image(i) || (i > 0 && is_image(i - 1))) continue;
      (i < begin ? first : count) += 1;
    }
    made.images = std::span(features_).subspan(first, count);
    made.num_logits = num_logits;
    return made;
  }

  std::vector<float> logits_after(SequenceId sequence, size_t begin, size_t end) {
    const Feed one = feed(sequence, begin, end, 1);
    const infer::Logits logits = engine_->forward({&one, 1});
    return {logits.of(0).begin(), logits.of(0).end()};
  }

  // Of the logits of any token.
  double largest_error() {
    const Feed whole = feed(engine_->open(), 0, length(), static_cast<int64_t>(length()));
    const infer::Logits all = engine_->forward({&whole, 1});
    double largest = 0;
    for (size_t i = 0; i < length(); ++i) {
      const double error = relative_rms(golden_->logits(i), all.of(0, static_cast<int64_t>(i)));
      largest = std::max(largest, error);
    }
    return largest;
  }

  const std::string path_ = temporary("engine");
  std::optional<GoldenPrompt> golden_;
  std::optional<DeviceEngine> engine_;
  std::vector<infer::SharedFeatures> features_;
};

TEST_P(DeviceEngineTest, TheTowersStagesAreThoseOfTransformers) {
  const runtime::DeviceModel model(path_);
  runtime::ThreadPool pool(2);
  const runtime::Machine machine{*runtime::find_tier(std::get<1>(GetParam())), pool};
  std::map<std::string, std::vector<float>> taps;
  for (const image::PatchGrid& image : golden_->images) {
    runtime::vision_forward(model.vision(), model.config().vision, image, machine,
                            [&](const std::string& name, std::span<const float> rows) {
                              taps[name].insert(taps[name].end(), rows.begin(), rows.end());
                            });
  }
  int compared = 0;
  for (const auto& [name, view] : golden_->file.tensors()) {
    if (!name.starts_with("vision.")) continue;
    const auto expected = values<float>(golden_->file, name);
    ASSERT_EQ(taps[name].size(), expected.size()) << name;
    EXPECT_LE(relative_rms(expected, taps[name]), kTolerance) << name;
    ++compared;
  }
  EXPECT_GE(compared, 5);
}

TEST_P(DeviceEngineTest, LogitsOfEveryTokenAreThoseOfTransformers) {
  const Feed whole = feed(engine_->open(), 0, length(), static_cast<int64_t>(length()));
  const infer::Logits all = engine_->forward({&whole, 1});
  for (size_t i = 0; i < length(); ++i) {
    EXPECT_LE(relative_rms(golden_->logits(i), all.of(0, static_cast<int64_t>(i))), kTolerance)
        << "token " << i;
  }
  // Token by token at the end, without saying positions.
  const SequenceId sequence = engine_->open();
  logits_after(sequence, 0, length() - 4);
  for (size_t i = length() - 4; i < length(); ++i) {
    Feed one = feed(sequence, i, i + 1, 1);
    one.positions = {};
    const infer::Logits logits = engine_->forward({&one, 1});
    EXPECT_LE(relative_rms(golden_->logits(i), logits.of(0)), kTolerance) << "token " << i;
  }
}

TEST_P(DeviceEngineTest, PiecesForksAndNeighboursChangeNoBit) {
  using runtime::KvForm;
  for (const auto& [weights, kv] :
       {std::pair{"f32", KvForm::kF32}, {"int8", KvForm::kF16}, {"int4", KvForm::kInt8}}) {
    open(weights, kv);
    const std::vector<float> whole = logits_after(engine_->open(), 0, length());
    for (size_t cut = 1; cut < length(); ++cut) {
      if (!may_cut(cut)) continue;
      const SequenceId sequence = engine_->open();
      const Feed first = feed(sequence, 0, cut, 0);
      engine_->forward({&first, 1});
      const SequenceId fork = engine_->fork(sequence, static_cast<int64_t>(cut));
      EXPECT_EQ(whole, logits_after(sequence, cut, length())) << weights << " cut at " << cut;
      EXPECT_EQ(engine_->length(fork), static_cast<int64_t>(cut));
      EXPECT_EQ(whole, logits_after(fork, cut, length())) << weights << " fork at " << cut;
      engine_->truncate(fork, static_cast<int64_t>(cut));
      EXPECT_EQ(whole, logits_after(fork, cut, length())) << weights << " cut back to " << cut;
      engine_->close(sequence);
      engine_->close(fork);
    }
    const std::vector<int32_t> text = {3, 4, 5, 6, 7};
    for (size_t neighbours = 1; neighbours < 4; ++neighbours) {
      std::vector<Feed> feeds;
      for (size_t i = 0; i < neighbours; ++i) {
        feeds.push_back({engine_->open(), std::span(text).first(i + 1), {}, {}, 1});
      }
      feeds.push_back(feed(engine_->open(), 0, length(), 1));
      const infer::Logits logits = engine_->forward(feeds);
      const auto found = logits.of(feeds.size() - 1);
      EXPECT_TRUE(std::equal(whole.begin(), whole.end(), found.begin())) << weights;
    }
  }
}

// Longer than a page of the cache and than the pieces that a stream is run in.
TEST_P(DeviceEngineTest, LongTextsAreTheSameInOnePassAndInMany) {
  std::vector<int32_t> text;
  for (int32_t i = 0; i < 700; ++i) text.push_back(3 + i * 7 % 60);
  const Feed whole{engine_->open(), text, {}, {}, 2};
  const infer::Logits at_once = engine_->forward({&whole, 1});
  const SequenceId sequence = engine_->open();
  const Feed beginning{sequence, std::span(text).first(130), {}, {}, 0};
  engine_->forward({&beginning, 1});
  const Feed rest{sequence, std::span(text).subspan(130), {}, {}, 2};
  const infer::Logits in_two = engine_->forward({&rest, 1});
  for (int64_t row = 0; row < 2; ++row) {
    EXPECT_TRUE(std::equal(at_once.of(0, row).begin(), at_once.of(0, row).end(),
                           in_two.of(0, row).begin()));
  }
}

TEST_P(DeviceEngineTest, AFailedPassLeavesSequencesAsTheyWere) {
  const SequenceId sequence = engine_->open();
  const Feed first = feed(sequence, 0, length() - 2, 0);
  engine_->forward({&first, 1});
  Feed bad = feed(sequence, length() - 2, length(), 1);
  bad.images = features_;  // their tokens stand elsewhere
  EXPECT_ANY_THROW(engine_->forward({&bad, 1}));
  EXPECT_EQ(engine_->length(sequence), static_cast<int64_t>(length() - 2));
  EXPECT_EQ(logits_after(engine_->open(), 0, length()),
            logits_after(sequence, length() - 2, length()));
}

// Roundings of weights of w relative size make logits of a chain of sums change by a few w.
TEST_P(DeviceEngineTest, NarrowerWeightsChangeLogitsByWhatTheyRound) {
  for (const auto& [weights, most] :
       {std::pair<std::string, double>{"bf16", 16 * 0x1p-9}, {"int8", 16 * 0.006}, {"int4", 0.6}}) {
    open(weights);
    const double found = largest_error();
    EXPECT_LE(found, most) << weights;
    EXPECT_GT(found, 1e-5) << weights;
  }
}

// So do those of keys and values: a half has 11 bits, a byte 8 of the largest value of its head.
TEST_P(DeviceEngineTest, NarrowerKeysAndValuesChangeLogitsByWhatTheyRound) {
  using runtime::KvForm;
  for (const auto& [kv, most] :
       {std::pair{KvForm::kF16, 16 * 0x1p-12}, {KvForm::kInt8, 16 * 0.006}}) {
    open("f32", kv);
    const double found = largest_error();
    EXPECT_LE(found, most) << name_of(kv);
    EXPECT_GT(found, 1e-6) << name_of(kv);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, DeviceEngineTest, tests::all_tier_cases(), tests::tier_case_name);

class DeviceExportTest : public testing::Test {
 protected:
  ~DeviceExportTest() override { std::filesystem::remove(path_); }
  const std::string path_ = temporary("export");
};

TEST_F(DeviceExportTest, AnAdapterIsMergedAsPeftMergesIt) {
  const std::string folder = golden_folder("wide_query");
  const DeviceExported exported = export_to(path_, folder, "f32", folder + "/adapter");
  const tensorio::SafetensorsFile golden(folder + "/merged.safetensors");
  EXPECT_EQ(exported.corrected, static_cast<int64_t>(golden.tensors().size()));
  const runtime::DeviceModel model(path_);
  const auto expected =
      values<float>(golden, "model.language_model.layers.1.self_attn.q_proj.weight");
  const runtime::PackedMatrix& q = model.language().layers[1].q;
  std::vector<float> row(static_cast<size_t>(q.inputs()));
  for (int64_t o = 0; o < q.outputs(); ++o) {
    q.read_row(o, row);
    EXPECT_LE(
        relative_rms(std::span(expected).subspan(static_cast<size_t>(o) * row.size(), row.size()),
                     row),
        1e-6);
  }
}

TEST_F(DeviceExportTest, FormsAreChosenByRole) {
  export_to(path_, golden_folder("untied"), "int4");
  const DeviceFile file(path_);
  const auto form = [&](const char* name) { return file.tensors().at(name).info.form; };
  EXPECT_EQ(form("model.language_model.layers.0.mlp.up_proj.weight"), "panels-int4");
  EXPECT_EQ(form("model.language_model.embed_tokens.weight"), "panels-int8");
  EXPECT_EQ(form("lm_head.weight"), "panels-int8");
  EXPECT_EQ(form("model.visual.blocks.0.attn.qkv.weight"), "panels-int8");
  EXPECT_EQ(form("model.visual.patch_embed.proj.weight"), "panels-bf16");
  EXPECT_EQ(form("model.language_model.norm.weight"), "f32");
  EXPECT_EQ(form("model.visual.pos_embed.weight"), "f32");
}

TEST_F(DeviceExportTest, NothingStaysOfAnExportThatIsRefused) {
  EXPECT_THROW(
      export_device(
          {golden_folder("untied"), "", path_, "int8"}, [](int64_t, int64_t) {},
          [](const std::string&, const DeviceExported&) -> std::map<std::string, std::string> {
            throw InputError("x", "no");
          }),
      InputError);
  EXPECT_FALSE(file_exists(path_));
  EXPECT_FALSE(file_exists(path_ + ".partial"));
  write_file(path_, "mine");
  EXPECT_THROW(export_device({golden_folder("untied"), "", path_, "int8"}, {}, {}), InputError);
  EXPECT_EQ(read_file(path_), "mine");
}

TEST_F(DeviceExportTest, AFileOfAnotherModelIsCalledByTheTensor) {
  DeviceFileWriter writer(path_);
  writer.add_file("config.json", read_file(golden_folder("untied") + "/config.json"));
  writer.finish(Json::object());
  try {
    const runtime::DeviceModel model(path_);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("model.visual.patch_embed.proj.weight: is missing"));
  }
}

}  // namespace
}  // namespace lmc::exporting
