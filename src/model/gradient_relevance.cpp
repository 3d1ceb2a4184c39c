#include "model/gradient_relevance.h"

#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "base/check.h"  // LMC_CHECK

namespace lmc::model {

infer::Relevance GradientRelevance::image_relevance(const prompt::ModelInput& row,
                                                    int64_t text_tokens) {
  const int64_t first = static_cast<int64_t>(row.ids.size()) - text_tokens;
  LMC_CHECK(row.images.size() == 1 && text_tokens > 0 && first > 0, "one image, and a text");
  Batch batch = Batch::from_inputs(std::span(&row, 1), model_.device());
  VisionFeatures features = model_.features_of(*row.images[0]);

  const at::AutoGradMode with_graph(true);
  std::vector<torch::Tensor> leaves;
  const auto leaf = [&](torch::Tensor& feature_MH) {
    feature_MH = feature_MH.detach().requires_grad_(true);
    leaves.push_back(feature_MH);
  };
  leaf(features.merged_MH);
  for (torch::Tensor& tap_MH : features.deepstack_MH) leaf(tap_MH);
  batch.features = {features};

  // The logits before each token of the text.
  const torch::Tensor logits_TV =
      model_.logits(model_.hidden_NH(batch).narrow(0, first - 1, text_tokens)).to(torch::kFloat32);
  const torch::Tensor ids_T1 = batch.ids_N.narrow(0, first, text_tokens).unsqueeze(1);
  const torch::Tensor log_p = at::log_softmax(logits_TV, 1).gather(1, ids_T1).sum();
  const auto gradients = torch::autograd::grad({log_p}, leaves);

  torch::Tensor total_M;
  for (size_t i = 0; i < leaves.size(); ++i) {
    const torch::Tensor part_M =
        (leaves[i].detach().to(torch::kFloat64) * gradients[i].to(torch::kFloat64)).sum(1);
    total_M = i == 0 ? part_M : total_M + part_M;
  }
  total_M = total_M.to(torch::kCPU).contiguous();
  const int64_t merge = model_.config().vision.spatial_merge_size;
  infer::Relevance relevance{row.images[0]->grid_h / merge, row.images[0]->grid_w / merge, {}};
  LMC_CHECK(total_M.numel() == relevance.rows * relevance.columns);
  relevance.values.assign(total_M.data_ptr<double>(), total_M.data_ptr<double>() + total_M.numel());
  return relevance;
}

}  // namespace lmc::model
