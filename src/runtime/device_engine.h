// The device engine: infer::Engine over a device file, without libtorch, on a CPU.
//
// It is batch invariant: a token's logits are the same bits alone, in chunks of any size and beside
// others, as every kernel computes a row by the same operations in the same order. A stream longer
// than kStreamTokens is run in pieces, so that the memory it takes does not grow with it.
// Threads: as infer::Engine.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "infer/engine.h"                 // Engine
#include "runtime/attention_probe.h"      // AttentionProbe
#include "runtime/attention_relevance.h"  // AttentionRelevance
#include "runtime/device_model.h"         // DeviceModel
#include "runtime/kv_pages.h"             // KvForm, KvPages
#include "runtime/language_forward.h"     // LanguageForward
#include "runtime/products.h"             // Machine

namespace lmc::runtime {

struct DeviceOptions {
  std::string tier = "auto";  // of kernels, see kernels/tiers.h
  int64_t threads = 0;        // 0: as many as the machine has
  WeightPlacement placement = WeightPlacement::kAuto;
  KvForm kv = KvForm::kAuto;
};

class DeviceEngine : public infer::Engine {
 public:
  // Tokens that pass the layers together.
  static constexpr int64_t kStreamTokens = 512;

  // Errors: InputError naming the file and the tensor, or the tier.
  DeviceEngine(const std::string& path, const DeviceOptions& options);

  // Receives the results of every stage from now on; for measurements.
  void set_tap(Tap tap) { tap_ = std::move(tap); }
  // Is told of the attention of every pass from now on, which then has one feed; null: nobody is.
  void set_probe(AttentionProbe* probe) { probe_ = probe; }

  const DeviceModel& model() const { return model_; }
  const Machine& machine() const { return machine_; }

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

 private:
  struct Sequence {
    std::vector<PageId> pages;           // as many as hold its tokens
    std::vector<int32_t> next_position;  // behind each token
  };
  // A feed as the language model takes it.
  struct Part {
    std::vector<StreamToken> tokens;
    std::vector<int32_t> next_position;
    std::vector<PageId> pages;
    int64_t length = 0;
  };

  Part part_of(const infer::Feed& feed) const;
  std::vector<PageId> pages_with_room(const Sequence& sequence, int64_t count);
  infer::Logits run(std::span<const infer::Feed> feeds, const std::vector<Part>& parts);

  DeviceModel model_;
  ThreadPool pool_;
  Machine machine_;
  LanguageForward language_;
  KvPages pages_;
  infer::EngineInfo info_;
  std::map<infer::SequenceId, Sequence> sequences_;
  infer::SequenceId next_id_ = 0;
  Tap tap_;
  AttentionProbe* probe_ = nullptr;
  AttentionRelevance explainer_;
};

}  // namespace lmc::runtime
