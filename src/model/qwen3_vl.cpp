#include "model/qwen3_vl.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include "base/heap.h"      // return_free_heap
#include "model/forward.h"  // vision_forward, language_forward
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

namespace {

// One entry an image.
std::vector<VisionFeatures> split(const VisionFeatures& all,
                                  const std::vector<std::pair<int64_t, int64_t>>& grids,
                                  const spec::VisionConfig& config) {
  std::vector<VisionFeatures> parts;
  int64_t from = 0;
  for (const auto& [down, across] : grids) {
    const int64_t count = down * across / (config.spatial_merge_size * config.spatial_merge_size);
    VisionFeatures part{all.merged_MH.narrow(0, from, count), {}};
    for (const auto& tap : all.deepstack_MH)
      part.deepstack_MH.push_back(tap.narrow(0, from, count));
    parts.push_back(std::move(part));
    from += count;
  }
  return parts;
}

// In the order of their places in the stream.
VisionFeatures joined(const std::vector<VisionFeatures>& parts, const std::vector<size_t>& places) {
  std::vector<const VisionFeatures*> order;
  if (places.empty()) {
    for (const VisionFeatures& part : parts) order.push_back(&part);
  } else {
    for (const size_t place : places) order.push_back(&parts.at(place));
  }
  const auto join = [&](const auto& pick) {
    std::vector<torch::Tensor> rows;
    for (const VisionFeatures* part : order) rows.push_back(pick(*part));
    return at::cat(rows);
  };
  VisionFeatures all;
  all.merged_MH = join([](const VisionFeatures& part) { return part.merged_MH; });
  for (size_t k = 0; k < parts.front().deepstack_MH.size(); ++k) {
    all.deepstack_MH.push_back(
        join([k](const VisionFeatures& part) { return part.deepstack_MH.at(k); }));
  }
  return all;
}

}  // namespace

Qwen3Vl::Qwen3Vl() = default;
Qwen3Vl::~Qwen3Vl() = default;

std::unique_ptr<Qwen3Vl> Qwen3Vl::load(const std::string& folder, const LoadOptions& options) {
  std::unique_ptr<Qwen3Vl> model(new Qwen3Vl());
  const spec::ModelConfig said = spec::read_model_config(folder);
  auto checkpoint = std::make_unique<tensorio::Checkpoint>(folder);
  spec::StoredTensors stored = spec::stored_tensors(*checkpoint);
  model->parts_ = std::make_unique<Parts>(spec::config_for(said, stored));
  Parts& parts = *model->parts_;
  parts.options = options;
  parts.checkpoint = std::move(checkpoint);
  load_weights(*parts.checkpoint, std::move(stored), parts.config, parts.tensors, options);
  if (options.storage == Storage::kInt8 || options.storage == Storage::kNf4) {
    const auto kind = options.storage == Storage::kInt8 ? QuantKind::kInt8 : QuantKind::kNf4;
    for (const auto& [path, linear] : parts.linears) {
      linear->quantised = std::make_shared<QuantisedMatrix>(linear->weight_OI, kind);
      linear->weight_OI.reset();
      parts.tensors.erase(path + ".weight");
      parts.checkpoint->release_pages();
    }
    return_free_heap();
  }
  return model;
}

const spec::ModelConfig& Qwen3Vl::config() const { return parts_->config; }
torch::Dtype Qwen3Vl::dtype() const { return parts_->options.dtype; }
torch::Device Qwen3Vl::device() const { return parts_->options.device; }
const std::map<std::string, Linear*>& Qwen3Vl::linears() { return parts_->linears; }
const std::map<std::string, torch::Tensor*>& Qwen3Vl::tensors() { return parts_->tensors; }

torch::Tensor Qwen3Vl::hidden_NH(const Batch& batch, const PagedBatch* cache, const Tap& tap) {
  const bool has_images = !batch.features.empty() || batch.pixel_values_PF.defined();
  VisionFeatures vision;
  if (!batch.features.empty()) {
    vision = joined(batch.features, batch.places);
  } else if (has_images) {
    vision = vision_forward(parts_->vision, parts_->config.vision, batch.pixel_values_PF,
                            batch.grids, batch.mode, tap);
    if (!batch.places.empty()) {
      vision = joined(split(vision, batch.grids, parts_->config.vision), batch.places);
    }
  }
  return language_forward(parts_->language, parts_->config, batch, has_images ? &vision : nullptr,
                          cache, tap);
}

VisionFeatures Qwen3Vl::features_of(const image::PatchGrid& image) const {
  const image::PatchGrid* const one[] = {&image};
  return std::move(features_of(one).front());
}

std::vector<VisionFeatures> Qwen3Vl::features_of(
    std::span<const image::PatchGrid* const> images) const {
  if (images.empty()) return {};
  const c10::NoGradGuard no_grad;
  std::vector<torch::Tensor> pixels;
  std::vector<std::pair<int64_t, int64_t>> grids;
  for (const image::PatchGrid* image : images) {
    pixels.push_back(at::from_blob(const_cast<float*>(image->pixel_values_PF.data()),
                                   {image->num_patches(), image->values_per_patch},
                                   torch::kFloat32));
    grids.emplace_back(image->grid_h, image->grid_w);
  }
  return split(vision_forward(parts_->vision, parts_->config.vision, at::cat(pixels).to(device()),
                              grids, {}, {}),
               grids, parts_->config.vision);
}

const torch::Tensor& Qwen3Vl::head_VH() const {
  return parts_->head_VH.defined() ? parts_->head_VH : parts_->language.embed_VH;
}

torch::Tensor Qwen3Vl::logits(const torch::Tensor& hidden) const {
  return at::linear(hidden, head_VH().to(hidden.scalar_type()));
}

Batch Batch::from_inputs(std::span<const prompt::ModelInput> rows, torch::Device device) {
  std::vector<const prompt::ModelInput*> pointers;
  for (const prompt::ModelInput& row : rows) pointers.push_back(&row);
  return from_inputs(pointers, device);
}

Batch Batch::from_inputs(std::span<const prompt::ModelInput* const> rows, torch::Device device,
                         std::shared_ptr<const SharedPrefix> shared) {
  std::vector<int64_t> ids;
  std::vector<int64_t> positions;
  std::vector<float> pixels;
  std::map<const image::PatchGrid*, size_t> numbers;
  Batch batch;
  batch.shared = std::move(shared);
  const auto first_own = [&](size_t row) {
    return batch.shared ? static_cast<std::ptrdiff_t>(batch.shared->first_own(row)) : 0;
  };
  int64_t width = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const prompt::ModelInput* row = rows[i];
    ids.insert(ids.end(), row->ids.begin() + first_own(i), row->ids.end());
    batch.segment_lengths.push_back(std::ssize(row->ids) - first_own(i));
    if (first_own(i) > 0) continue;  // its images stand in the shared part
    for (const auto& image : row->images) {
      const auto [number, is_new] = numbers.emplace(image.get(), numbers.size());
      batch.places.push_back(number->second);
      if (!is_new) continue;
      pixels.insert(pixels.end(), image->pixel_values_PF.begin(), image->pixel_values_PF.end());
      batch.grids.emplace_back(image->grid_h, image->grid_w);
      width = image->values_per_patch;
    }
  }
  if (batch.places.size() == batch.grids.size()) batch.places.clear();
  for (size_t axis = 0; axis < 3; ++axis) {
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::vector<int32_t>& of_row = rows[i]->positions[axis];
      positions.insert(positions.end(), of_row.begin() + first_own(i), of_row.end());
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
