// Where the device engine's tokens look: against the attention weights of transformers
// (tools/golden/attention_mass.py), and over pages and pieces that the golden prompts do not fill.
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/check.h"               // cat
#include "export/device_export.h"     // export_device
#include "infer/explainer.h"          // Explainer
#include "runtime/device_engine.h"    // DeviceEngine
#include "runtime/kernels/kernels.h"  // kPlaces
#include "runtime/kernels/tiers.h"    // find_tier
#include "support/golden_prompt.h"    // GoldenPrompt
#include "support/tier_cases.h"       // TierCase, all_tier_cases

namespace lmc::exporting {
namespace {

using infer::RelevanceKind;
using infer::TokenRun;
using runtime::DeviceEngine;
using tests::golden_folder;
using tests::GoldenPrompt;
using tests::kTolerance;
using tests::relative_rms;
using tests::values;

class DeviceAttention : public testing::TestWithParam<tests::TierCase> {
 protected:
  void SetUp() override {
    if (runtime::find_tier(std::get<1>(GetParam())) == nullptr) {
      GTEST_SKIP() << "no " << std::get<1>(GetParam()) << " here";
    }
    golden_.emplace(std::get<0>(GetParam()));
    open("f32");
  }
  ~DeviceAttention() override { std::filesystem::remove(path_); }

  void open(const std::string& weights) {
    std::filesystem::remove(path_);
    export_device(
        {golden_folder(std::get<0>(GetParam())), "", path_, weights}, [](int64_t, int64_t) {},
        [](const std::string&, const DeviceExported&) {
          return std::map<std::string, std::string>();
        });
    engine_.emplace(path_, runtime::DeviceOptions{std::get<1>(GetParam()), 2});
  }

  // The golden prompt's first `length` tokens, with its first image.
  prompt::ModelInput row(size_t length) const {
    prompt::ModelInput made;
    made.ids.assign(golden_->ids.begin(), golden_->ids.begin() + static_cast<int64_t>(length));
    for (size_t axis = 0; axis < 3; ++axis) {
      const auto& all = golden_->positions[axis];
      made.positions[axis].assign(all.begin(), all.begin() + static_cast<int64_t>(length));
      made.next_position = std::max(made.next_position, made.positions[axis].back() + 1);
    }
    made.is_target.assign(length, 0);
    made.images = {std::make_shared<image::PatchGrid>(golden_->images[0])};
    return made;
  }

  std::vector<infer::Relevance> maps(const prompt::ModelInput& row,
                                     const std::vector<TokenRun>& texts) {
    return infer::image_relevance(*engine_, RelevanceKind::kAttention, row, texts);
  }

  const std::string path_ = testing::TempDir() + cat("lmc_attention_", ::getpid(), ".lmcd");
  std::optional<GoldenPrompt> golden_;
  std::optional<DeviceEngine> engine_;
};

// A weight's relative error is its score's absolute one: kTolerance of the scores' size, which is at
// most how far the least weight's logarithm lies below 0.
TEST_P(DeviceAttention, MapsAreTheMeanWeightsOfTransformers) {
  const tensorio::SafetensorsFile file(golden_folder(std::get<0>(GetParam())) +
                                       "/attention.safetensors");
  const auto weights = values<float>(file, "weights_LANN");
  const auto& shape = file.tensors().at("weights_LANN").info.shape;
  const auto layers = static_cast<size_t>(shape[0]), heads = static_cast<size_t>(shape[1]);
  const auto length = static_cast<size_t>(shape[3]);
  const prompt::ModelInput asked = row(length);
  const auto is_image = [&](int32_t id) { return id == engine_->info().image_token_id; };
  const auto first_place = static_cast<size_t>(
      std::find_if(asked.ids.begin(), asked.ids.end(), is_image) - asked.ids.begin());
  const auto places =
      static_cast<size_t>(std::count_if(asked.ids.begin(), asked.ids.end(), is_image));
  ASSERT_EQ(places, 6u);
  EXPECT_TRUE(engine_->explainer()->tells(RelevanceKind::kAttention));
  EXPECT_FALSE(engine_->explainer()->tells(RelevanceKind::kGradient));

  const auto n = static_cast<int64_t>(length);
  const std::vector<TokenRun> texts = {{n - 4, 4}, {n - 3, 1}, {n - 4, 2}};
  const auto found = maps(asked, texts);
  ASSERT_EQ(found.size(), texts.size());
  for (size_t t = 0; t < texts.size(); ++t) {
    EXPECT_EQ(found[t].rows, 2);
    EXPECT_EQ(found[t].columns, 3);
    std::vector<float> expected(places), given(found[t].values.begin(), found[t].values.end());
    double farthest = 0;
    for (size_t m = 0; m < places; ++m) {
      double sum = 0;
      for (size_t head = 0; head < layers * heads; ++head) {
        for (int64_t i = texts[t].first; i < texts[t].first + texts[t].count; ++i) {
          const double one =
              weights[(head * length + static_cast<size_t>(i)) * length + first_place + m];
          farthest = std::max(farthest, -std::log(one));
          sum += one;
        }
      }
      expected[m] = static_cast<float>(
          sum / static_cast<double>(layers * heads * static_cast<size_t>(texts[t].count)));
    }
    EXPECT_LE(relative_rms(expected, given), kTolerance * (1 + farthest)) << "text " << t;
  }
}

// All that a token sees gets a weight of 1 from each head, in pages of either form and in pieces of
// the stream; the image's share of it is what a map has.
TEST_P(DeviceAttention, WeightsOverAllPagesSumToOne) {
  for (const char* weights : {"f32", "int8"}) {
    open(weights);
    prompt::ModelInput asked = row(15);
    std::vector<int32_t> more(static_cast<size_t>(DeviceEngine::kStreamTokens), 7);
    for (size_t i = 0; i < more.size(); ++i) more[i] = static_cast<int32_t>(i % 80);
    prompt::append_text(more, asked);
    const int64_t last = std::ssize(asked.ids) - 1;
    const image::PatchGrid* const image = asked.images[0].get();
    const auto features = engine_->encode({&image, 1});
    for (const int64_t place : {int64_t{20}, runtime::kPlaces, 3 * runtime::kPlaces - 1, last}) {
      runtime::AttentionProbe probe;
      probe.num_places = place + 1;
      probe.texts = {{place, 1, {}}};
      infer::Feed feed;
      feed.sequence = engine_->open();
      feed.ids = asked.ids;
      for (size_t axis = 0; axis < 3; ++axis) feed.positions[axis] = asked.positions[axis];
      feed.images = features;
      engine_->set_probe(&probe);
      engine_->forward({&feed, 1});
      engine_->set_probe(nullptr);
      engine_->close(feed.sequence);
      const auto& sums = probe.texts[0].weights_LM;
      const auto width = static_cast<size_t>(probe.num_places);
      ASSERT_EQ(sums.size() % width, 0u);
      const auto heads = static_cast<double>(engine_->model().config().text.num_heads);
      std::vector<double> mean(width);
      for (size_t layer = 0; layer < sums.size() / width; ++layer) {
        double sum = 0;
        for (size_t m = 0; m < width; ++m) {
          EXPECT_GE(sums[layer * width + m], 0);
          sum += sums[layer * width + m];
          mean[m] += sums[layer * width + m] / heads / static_cast<double>(sums.size() / width);
        }
        // The kernel's sum of as many terms in f32, and its exp() beside the library's.
        EXPECT_NEAR(sum / heads, 1, static_cast<double>(width) * 0x1p-24 + 0x1p-20)
            << weights << " place " << place << " layer " << layer;
      }
      const auto found = maps(asked, {{place, 1}}).front().values;
      for (size_t m = 0; m < found.size(); ++m) EXPECT_NEAR(found[m], mean[4 + m], 1e-12) << m;
    }
  }
}

// A text in two halves, of which the stream's pieces have one each.
TEST_P(DeviceAttention, ATextsMapIsTheMeanOfItsParts) {
  prompt::ModelInput asked = row(15);
  prompt::append_text(std::vector<int32_t>(static_cast<size_t>(DeviceEngine::kStreamTokens), 9),
                      asked);
  const int64_t cut = DeviceEngine::kStreamTokens;
  const auto found = maps(asked, {{cut - 4, 12}, {cut - 4, 4}, {cut, 8}});
  for (size_t m = 0; m < found[0].values.size(); ++m) {
    EXPECT_NEAR(found[0].values[m], (4 * found[1].values[m] + 8 * found[2].values[m]) / 12, 1e-15);
  }
  // What comes behind a text changes nothing of it, nor does who asks beside it.
  prompt::ModelInput shorter = row(15);
  prompt::append_text(std::span(asked.ids).subspan(15, 100), shorter);
  EXPECT_EQ(maps(asked, {{40, 9}, {50, 3}})[0].values, maps(shorter, {{40, 9}})[0].values);
}

INSTANTIATE_TEST_SUITE_P(Cases, DeviceAttention, tests::all_tier_cases(), tests::tier_case_name);

}  // namespace
}  // namespace lmc::exporting
