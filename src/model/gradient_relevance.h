// infer::Explainer over Qwen3Vl.
#pragma once

#include "infer/explainer.h"  // Explainer
#include "model/qwen3_vl.h"   // Qwen3Vl

namespace lmc::model {

class GradientRelevance : public infer::Explainer {
 public:
  // The model must outlive it.
  explicit GradientRelevance(Qwen3Vl& model) : model_(model) {}

  infer::Relevance image_relevance(const prompt::ModelInput& row, int64_t text_tokens) override;

 private:
  Qwen3Vl& model_;
};

}  // namespace lmc::model
