// infer::Explainer over the device engine: where the tokens of a text read, for one pass forward.
#pragma once

#include <span>
#include <vector>

#include "infer/explainer.h"  // Explainer

namespace lmc::runtime {

class DeviceEngine;

class AttentionRelevance : public infer::Explainer {
 public:
  // The engine must outlive it.
  explicit AttentionRelevance(DeviceEngine& engine) : engine_(engine) {}

  bool tells(infer::RelevanceKind kind) const override {
    return kind == infer::RelevanceKind::kAttention;
  }
  std::vector<infer::Relevance> image_relevance(infer::RelevanceKind kind,
                                                const prompt::ModelInput& row,
                                                const infer::SharedFeatures& features,
                                                std::span<const infer::TokenRun> texts) override;

 private:
  DeviceEngine& engine_;
};

}  // namespace lmc::runtime
