#include "model/qwen3_vl.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tensor.h>

#include "base/check.h"     // LMC_CHECK
#include "model/forward.h"  // vision_forward, language_forward
#include "model/lora.h"     // LoraPair
#include "model/weights.h"  // load_weights

namespace lmc::model {

struct Qwen3Vl::Parts {
  spec::ModelConfig config;
  LoadOptions options;
  std::unique_ptr<tensorio::Checkpoint> checkpoint;  // keeps mapped weights alive
  VisionTower vision;
  LanguageModel language;
  torch::Tensor head_VH;  // undefined when tied
  std::map<std::string, torch::Tensor*> tensors;
  std::map<std::string, Linear*> linears;

  explicit Parts(const spec::ModelConfig& c) : config(c) {
    vision.blocks.resize(static_cast<size_t>(config.vision.depth));
    vision.deepstack_mergers.resize(config.vision.deepstack_indexes.size());
    for (PatchMerger& merger : vision.deepstack_mergers) merger.norm_after_join = true;
    language.layers.resize(static_cast<size_t>(config.text.num_layers));
    Binder binder{tensors, linears};
    vision.bind(binder, "model.visual");
    language.bind(binder, "model.language_model");
    if (!config.tie_word_embeddings) binder.tensor("lm_head.weight", head_VH);
  }
};

Qwen3Vl::Qwen3Vl() = default;
Qwen3Vl::~Qwen3Vl() = default;

std::unique_ptr<Qwen3Vl> Qwen3Vl::load(const std::string& folder, const LoadOptions& options) {
  std::unique_ptr<Qwen3Vl> model(new Qwen3Vl());
  model->parts_ = std::make_unique<Parts>(spec::read_model_config(folder));
  Parts& parts = *model->parts_;
  parts.options = options;
  parts.checkpoint = std::make_unique<tensorio::Checkpoint>(folder);
  load_weights(*parts.checkpoint, parts.config, parts.tensors, options);
  return model;
}

const spec::ModelConfig& Qwen3Vl::config() const { return parts_->config; }
torch::Dtype Qwen3Vl::dtype() const { return parts_->options.dtype; }
torch::Device Qwen3Vl::device() const { return parts_->options.device; }
const std::map<std::string, Linear*>& Qwen3Vl::linears() { return parts_->linears; }
const std::map<std::string, torch::Tensor*>& Qwen3Vl::tensors() { return parts_->tensors; }

torch::Tensor Qwen3Vl::hidden_NH(const Batch& batch, KvCache* cache, const Tap& tap) {
  VisionFeatures vision;
  const bool has_pictures = batch.pixel_values_PF.defined();
  if (has_pictures) {
    vision = vision_forward(parts_->vision, parts_->config.vision, batch.pixel_values_PF,
                            batch.grids, tap);
  }
  return language_forward(parts_->language, parts_->config, batch, has_pictures ? &vision : nullptr,
                          cache, tap);
}

torch::Tensor Qwen3Vl::logits(const torch::Tensor& hidden) const {
  return at::linear(hidden,
                    parts_->head_VH.defined() ? parts_->head_VH : parts_->language.embed_VH);
}

Batch Batch::from_inputs(std::span<const prompt::ModelInput> rows, torch::Device device) {
  std::vector<int64_t> ids;
  std::vector<int64_t> positions;
  std::vector<float> pixels;
  Batch batch;
  int64_t width = 0;
  for (const prompt::ModelInput& row : rows) {
    ids.insert(ids.end(), row.ids.begin(), row.ids.end());
    batch.segment_lengths.push_back(static_cast<int64_t>(row.ids.size()));
    for (const auto& picture : row.images) {
      pixels.insert(pixels.end(), picture->pixel_values_PF.begin(), picture->pixel_values_PF.end());
      batch.grids.emplace_back(picture->grid_h, picture->grid_w);
      width = picture->values_per_patch;
    }
  }
  for (size_t axis = 0; axis < 3; ++axis) {
    for (const prompt::ModelInput& row : rows) {
      positions.insert(positions.end(), row.positions[axis].begin(), row.positions[axis].end());
    }
  }
  batch.ids_N = at::tensor(ids, torch::kInt64).to(device);
  batch.positions_3N = at::tensor(positions, torch::kInt64).reshape({3, -1}).to(device);
  if (!pixels.empty()) {
    batch.pixel_values_PF =
        at::from_blob(pixels.data(), {static_cast<int64_t>(pixels.size()) / width, width},
                      torch::kFloat32)
            .to(device, torch::kFloat32, false, true);
  }
  return batch;
}

}  // namespace lmc::model
