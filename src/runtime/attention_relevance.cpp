#include "runtime/attention_relevance.h"

#include <algorithm>
#include <utility>

#include "base/check.h"               // LMC_CHECK
#include "runtime/attention_probe.h"  // AttentionProbe
#include "runtime/device_engine.h"    // DeviceEngine

namespace lmc::runtime {

namespace {

// Feeds a row to a sequence of its own, which is gone afterwards.
void run_probed(DeviceEngine& engine, const prompt::ModelInput& row,
                const infer::SharedFeatures& features, AttentionProbe& probe) {
  infer::Feed feed;
  feed.sequence = engine.open();
  feed.ids = row.ids;
  for (size_t axis = 0; axis < 3; ++axis) feed.positions[axis] = row.positions[axis];
  feed.images = {&features, 1};
  feed.num_logits = 0;
  engine.set_probe(&probe);
  try {
    engine.forward({&feed, 1});
  } catch (...) {
    engine.set_probe(nullptr);
    engine.close(feed.sequence);
    throw;
  }
  engine.set_probe(nullptr);
  engine.close(feed.sequence);
}

}  // namespace

std::vector<infer::Relevance> AttentionRelevance::image_relevance(
    infer::RelevanceKind kind, const prompt::ModelInput& row, const infer::SharedFeatures& features,
    std::span<const infer::TokenRun> texts) {
  LMC_CHECK(tells(kind) && row.images.size() == 1, "attention, and one image");
  const spec::ModelConfig& config = engine_.model().config();
  const int64_t rows = row.images[0]->grid_h / config.vision.spatial_merge_size;
  const int64_t columns = row.images[0]->grid_w / config.vision.spatial_merge_size;
  AttentionProbe probe;
  probe.first_place =
      std::find(row.ids.begin(), row.ids.end(), engine_.info().image_token_id) - row.ids.begin();
  probe.num_places = rows * columns;
  for (const infer::TokenRun& text : texts) {
    LMC_CHECK(text.count > 0 && text.first >= probe.first_place + probe.num_places,
              "a text before the image's end");
    probe.texts.push_back({text.first, text.count, {}});
  }
  run_probed(engine_, row, features, probe);

  std::vector<infer::Relevance> all;
  for (const AttentionProbe::Text& text : probe.texts) {
    infer::Relevance relevance{rows, columns, {}};
    relevance.values.assign(static_cast<size_t>(probe.num_places), 0);
    for (size_t i = 0; i < text.weights_LM.size(); ++i) {
      relevance.values[i % relevance.values.size()] += text.weights_LM[i];
    }
    const auto layers = std::ssize(text.weights_LM) / probe.num_places;
    const auto terms = static_cast<double>(layers * config.text.num_heads * text.count);
    for (double& value : relevance.values) value /= terms;
    all.push_back(std::move(relevance));
  }
  return all;
}

}  // namespace lmc::runtime
