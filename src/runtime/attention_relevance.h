// infer::Explainer over the device engine: where the tokens of a text read, for one pass forward.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "infer/explainer.h"  // Explainer

namespace lmc::runtime {

class DeviceEngine;

class AttentionRelevance : public infer::Explainer {
 public:
  // The engine must outlive it.
  AttentionRelevance(DeviceEngine& engine, int64_t merge_size)
      : engine_(engine), merge_size_(merge_size) {}

  bool tells(infer::RelevanceKind kind) const override {
    return kind == infer::RelevanceKind::kAttention;
  }
  std::vector<infer::Relevance> image_relevance(infer::RelevanceKind kind,
                                                const prompt::ModelInput& row,
                                                std::span<const infer::TokenRun> texts) override;

 private:
  DeviceEngine& engine_;
  int64_t merge_size_;
};

}  // namespace lmc::runtime
