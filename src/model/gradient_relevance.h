// infer::Explainer over Qwen3Vl.
#pragma once

#include <span>
#include <vector>

#include "infer/explainer.h"  // Explainer
#include "model/qwen3_vl.h"   // Qwen3Vl

namespace lmc::model {

class GradientRelevance : public infer::Explainer {
 public:
  // The model must outlive it.
  explicit GradientRelevance(Qwen3Vl& model) : model_(model) {}

  bool tells(infer::RelevanceKind kind) const override {
    return kind == infer::RelevanceKind::kGradient;
  }
  std::vector<infer::Relevance> image_relevance(infer::RelevanceKind kind,
                                                const prompt::ModelInput& row,
                                                const infer::SharedFeatures& features,
                                                std::span<const infer::TokenRun> texts) override;

 private:
  Qwen3Vl& model_;
};

}  // namespace lmc::model
