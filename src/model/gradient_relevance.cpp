#include "model/gradient_relevance.h"

#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <utility>

#include "base/check.h"            // LMC_CHECK
#include "model/torch_features.h"  // TorchFeatures

namespace lmc::model {

std::vector<infer::Relevance> GradientRelevance::image_relevance(
    infer::RelevanceKind kind, const prompt::ModelInput& row,
    const infer::SharedFeatures& image_features, std::span<const infer::TokenRun> texts) {
  LMC_CHECK(tells(kind) && row.images.size() == 1, "gradients, and one image");
  Batch batch = Batch::from_inputs(std::span(&row, 1), model_.device());
  VisionFeatures features = static_cast<const TorchFeatures&>(*image_features).features;

  const at::AutoGradMode with_graph(true);
  std::vector<torch::Tensor> leaves;
  const auto leaf = [&](torch::Tensor& feature_MH) {
    feature_MH = feature_MH.detach().requires_grad_(true);
    leaves.push_back(feature_MH);
  };
  leaf(features.merged_MH);
  for (torch::Tensor& tap_MH : features.deepstack_MH) leaf(tap_MH);
  batch.features = {features};
  const torch::Tensor hidden_NH = model_.hidden_NH(batch);

  const int64_t merge = model_.config().vision.spatial_merge_size;
  std::vector<infer::Relevance> all;
  for (const infer::TokenRun& text : texts) {
    LMC_CHECK(text.count > 0 && text.first > 0);
    // The logits before each token of the text.
    const torch::Tensor logits_TV =
        model_.logits(hidden_NH.narrow(0, text.first - 1, text.count)).to(torch::kFloat32);
    const torch::Tensor ids_T1 = batch.ids_N.narrow(0, text.first, text.count).unsqueeze(1);
    const torch::Tensor log_p = at::log_softmax(logits_TV, 1).gather(1, ids_T1).sum();
    // The other texts go back through the same graph.
    const auto gradients = torch::autograd::grad({log_p}, leaves, {}, true);
    torch::Tensor total_M;
    for (size_t i = 0; i < leaves.size(); ++i) {
      const torch::Tensor part_M =
          (leaves[i].detach().to(torch::kFloat64) * gradients[i].to(torch::kFloat64)).sum(1);
      total_M = i == 0 ? part_M : total_M + part_M;
    }
    total_M = total_M.to(torch::kCPU).contiguous();
    infer::Relevance relevance{row.images[0]->grid_h / merge, row.images[0]->grid_w / merge, {}};
    LMC_CHECK(total_M.numel() == relevance.rows * relevance.columns);
    relevance.values.assign(total_M.data_ptr<double>(),
                            total_M.data_ptr<double>() + total_M.numel());
    all.push_back(std::move(relevance));
  }
  return all;
}

}  // namespace lmc::model
