// The libtorch engine: infer::Engine over Qwen3Vl.
#pragma once

#include <memory>

#include "infer/engine.h"              // Engine
#include "model/gradient_relevance.h"  // GradientRelevance
#include "model/qwen3_vl.h"            // Qwen3Vl

namespace lmc::model {

class TorchEngine : public infer::Engine {
 public:
  explicit TorchEngine(std::unique_ptr<Qwen3Vl> model);
  // Over a model that outlives the engine.
  explicit TorchEngine(Qwen3Vl& model) : model_(&model), explainer_(model) {}

  infer::EngineInfo info() const override;
  std::unique_ptr<infer::Session> prefill(std::span<const prompt::ModelInput> rows) override;

  infer::Explainer* explainer() override { return &explainer_; }

  Qwen3Vl& model() { return *model_; }

 private:
  std::unique_ptr<Qwen3Vl> owned_;
  Qwen3Vl* model_;
  GradientRelevance explainer_;
};

}  // namespace lmc::model
