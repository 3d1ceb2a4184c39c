// The libtorch engine: infer::Engine over Qwen3Vl, with a KV cache in pages.
//
// On a CPU in f32 it is batch invariant where products by oneDNN round each row alike however many
// there are, from two rows on, which is looked at when it is made; attention is a kernel of ours
// (paged_attention.h). Elsewhere libraries choose by shape, and results are equal to rounding.
// Threads: as infer::Engine.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "infer/engine.h"              // Engine
#include "model/gradient_relevance.h"  // GradientRelevance
#include "model/kv_pages.h"            // KvPages
#include "model/paged_attention.h"     // PagedBatch
#include "model/qwen3_vl.h"            // Qwen3Vl

namespace lmc::model {

class TorchEngine : public infer::Engine {
 public:
  explicit TorchEngine(std::unique_ptr<Qwen3Vl> model);
  // Over a model that outlives the engine.
  explicit TorchEngine(Qwen3Vl& model);

  const infer::EngineInfo& info() const override { return info_; }
  std::vector<infer::SharedFeatures> encode(
      std::span<const image::PatchGrid* const> images) override;
  infer::SequenceId open() override;
  infer::SequenceId fork(infer::SequenceId sequence, int64_t length) override;
  void truncate(infer::SequenceId sequence, int64_t length) override;
  void close(infer::SequenceId sequence) override;
  int64_t length(infer::SequenceId sequence) const override;
  infer::Logits forward(std::span<const infer::Feed> feeds) override;

  infer::Explainer* explainer() override { return &explainer_; }

  Qwen3Vl& model() { return *model_; }

 private:
  struct Sequence {
    std::vector<PageId> pages;           // as many as hold its tokens
    std::vector<int32_t> next_position;  // behind each token
  };

  // Pages with room for `count` more tokens, none of which another sequence would see written.
  std::vector<PageId> pages_with_room(const Sequence& sequence, int64_t count);
  infer::Logits run(std::span<const infer::Feed> feeds, const PagedBatch& cache,
                    std::vector<std::vector<int32_t>>& next_positions);

  std::unique_ptr<Qwen3Vl> owned_;
  Qwen3Vl* model_;
  GradientRelevance explainer_;
  KvPages pages_;
  infer::EngineInfo info_;
  std::map<infer::SequenceId, Sequence> sequences_;
  infer::SequenceId next_id_ = 0;
};

}  // namespace lmc::model
