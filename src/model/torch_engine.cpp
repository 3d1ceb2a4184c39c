#include "model/torch_engine.h"

#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include <utility>

#include "base/check.h"      // LMC_CHECK
#include "model/kv_cache.h"  // KvCache

namespace lmc::model {

namespace {

class TorchSession : public infer::Session {
 public:
  TorchSession(Qwen3Vl& model, KvCache cache, std::vector<int64_t> next_positions,
               torch::Tensor last_hidden_BH)
      : model_(model),
        cache_(std::move(cache)),
        next_positions_(std::move(next_positions)),
        last_hidden_BH_(std::move(last_hidden_BH)) {}

  int64_t num_rows() const override { return cache_.num_rows(); }

  std::span<const float> logits(int64_t row) override {
    if (!logits_BV_.defined()) {
      const c10::NoGradGuard no_grad;
      logits_BV_ = model_.logits(last_hidden_BH_).to(torch::kCPU, torch::kFloat32).contiguous();
    }
    const auto width = static_cast<size_t>(logits_BV_.size(1));
    return {logits_BV_.data_ptr<float>() + static_cast<size_t>(row) * width, width};
  }

  void step(std::span<const int32_t> token_per_row) override {
    LMC_CHECK(static_cast<int64_t>(token_per_row.size()) == num_rows());
    const c10::NoGradGuard no_grad;
    Batch batch;
    const std::vector<int64_t> ids(token_per_row.begin(), token_per_row.end());
    batch.ids_N = at::tensor(ids, torch::kInt64).to(model_.device());
    batch.positions_3N = at::tensor(next_positions_, torch::kInt64)
                             .unsqueeze(0)
                             .expand({3, num_rows()})
                             .to(model_.device());
    batch.segment_lengths.assign(token_per_row.size(), 1);
    last_hidden_BH_ = model_.hidden_NH(batch, &cache_);
    logits_BV_.reset();
    for (int64_t& position : next_positions_) ++position;
  }

  std::unique_ptr<infer::Session> select(std::span<const int64_t> rows) override {
    std::vector<int64_t> positions;
    for (const int64_t row : rows) positions.push_back(next_positions_[static_cast<size_t>(row)]);
    const auto index = at::tensor(std::vector<int64_t>(rows.begin(), rows.end()), torch::kInt64)
                           .to(last_hidden_BH_.device());
    return std::make_unique<TorchSession>(model_, cache_.select(rows), std::move(positions),
                                          last_hidden_BH_.index_select(0, index));
  }

 private:
  Qwen3Vl& model_;
  KvCache cache_;
  std::vector<int64_t> next_positions_;
  torch::Tensor last_hidden_BH_;
  torch::Tensor logits_BV_;  // computed when first asked for
};

}  // namespace

TorchEngine::TorchEngine(std::unique_ptr<Qwen3Vl> model)
    : owned_(std::move(model)), model_(owned_.get()), explainer_(*owned_) {}

infer::EngineInfo TorchEngine::info() const {
  return {"torch", c10::toString(model_->dtype()), model_->device().str(),
          model_->config().text.vocab_size, model_->config().text.max_positions};
}

std::unique_ptr<infer::Session> TorchEngine::prefill(std::span<const prompt::ModelInput> rows) {
  LMC_CHECK(!rows.empty());
  const c10::NoGradGuard no_grad;
  const Batch batch = Batch::from_inputs(rows, model_->device());
  KvCache cache(model_->config().text.num_layers, static_cast<int64_t>(rows.size()));
  const auto hidden_NH = model_->hidden_NH(batch, &cache);
  std::vector<int64_t> last;
  std::vector<int64_t> next_positions;
  int64_t end = 0;
  for (const prompt::ModelInput& row : rows) {
    end += static_cast<int64_t>(row.ids.size());
    last.push_back(end - 1);
    next_positions.push_back(row.next_position);
  }
  const auto index = at::tensor(last, torch::kInt64).to(model_->device());
  return std::make_unique<TorchSession>(*model_, std::move(cache), std::move(next_positions),
                                        hidden_NH.index_select(0, index));
}

}  // namespace lmc::model
