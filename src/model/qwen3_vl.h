// Qwen3-VL (dense) in libtorch: vision tower with DeepStack, language model with interleaved
// M-RoPE.
//
// The forward pass takes one packed stream of tokens cut into segments; a segment never sees
// another, but for what rows begin with alike (shared_prefix.h). Training, prefill and packing are
// the same call. Nothing here depends on the device.
// Letters: N tokens of the stream, M image tokens, P patches, H hidden width, V vocabulary.
// Mirrors: transformers, models/qwen3_vl/modeling_qwen3_vl.py.
// Source:  docs/PAPER_MAP.md names the reference for each step.
#pragma once

#include <torch/types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/linear.h"         // DropoutContext, Linear
#include "model/shared_prefix.h"  // SharedPrefix
#include "prompt/model_input.h"   // ModelInput
#include "spec/model_config.h"    // ModelConfig

namespace lmc::model {

struct PagedBatch;  // paged_attention.h

// What the vision tower makes of an image, or of several, one after the other.
struct VisionFeatures {
  torch::Tensor merged_MH;                  // replace the embeddings of image tokens
  std::vector<torch::Tensor> deepstack_MH;  // added after the first decoder layers
};

// What the backward pass recomputes instead of keeping: nothing; the feed-forward half of each
// decoder layer; whole decoder layers and vision blocks.
enum class Recompute { kNothing, kFeedForward, kLayers };

// What training asks of a forward pass beside inference, which has neither.
struct ForwardMode {
  std::optional<DropoutContext> dropout;      // none: nothing is dropped
  Recompute recompute = Recompute::kNothing;  // changes no result
};

// A batch on the model's device: the segments of all rows, one after the other. An image that
// stands in several places goes through the vision tower once.
struct Batch {
  torch::Tensor ids_N;                   // int64
  torch::Tensor positions_3N;            // int64
  std::vector<int64_t> segment_lengths;  // sums to N
  // Rows that begin alike: segments are then what each row has of its own. Null: whole rows.
  std::shared_ptr<const SharedPrefix> shared;
  torch::Tensor pixel_values_PF;                   // f32; undefined without images
  std::vector<std::pair<int64_t, int64_t>> grids;  // patches (down, across) of each image
  // Which image stands at each place of the stream, in order; empty: each at one, in order.
  std::vector<size_t> places;
  // Of each image, where they are known already; the pixels are then not looked at.
  std::vector<VisionFeatures> features;
  ForwardMode mode;

  // Rows that hold the same PatchGrid object share it.
  static Batch from_inputs(std::span<const prompt::ModelInput* const> rows, torch::Device device,
                           std::shared_ptr<const SharedPrefix> shared = nullptr);
  static Batch from_inputs(std::span<const prompt::ModelInput> rows, torch::Device device);
};

// Receives named intermediate results (for `inspect`); names are listed in docs/FORMATS.md.
using Tap = std::function<void(const std::string& name, const torch::Tensor& value)>;

// How the large matrices lie in memory: as the arithmetic takes them; as the checkpoint stores
// them, dequantised or cast for each use; or quantised (quantised.h).
enum class Storage { kComputeDtype, kCheckpoint, kInt8, kNf4 };

struct LoadOptions {
  torch::Dtype dtype = torch::kFloat32;  // of the arithmetic
  torch::Device device = torch::kCPU;
  Storage storage = Storage::kComputeDtype;
};

class Qwen3Vl {
 public:
  // Loads a checkpoint folder. Every tensor of the table must be there with its shape and none may
  // be left over. With the stored dtype on CPU, weights stay in the mapped file and cost no copy.
  // Errors: InputError naming the file and the tensor.
  static std::unique_ptr<Qwen3Vl> load(const std::string& folder, const LoadOptions& options);
  ~Qwen3Vl();

  const spec::ModelConfig& config() const;
  torch::Dtype dtype() const;  // of the arithmetic
  torch::Device device() const;

  // Final hidden states (after the last norm), [N, H]. With a KV cache, the keys and values of
  // segment i are stored behind those of its sequence, and attention sees what that already holds.
  torch::Tensor hidden_NH(const Batch& batch, const PagedBatch* cache = nullptr,
                          const Tap& tap = {});

  // What the tower makes of one image, without a graph. The same bytes whatever else is computed.
  VisionFeatures features_of(const image::PatchGrid& image) const;
  // Of several in one pass, in order.
  std::vector<VisionFeatures> features_of(std::span<const image::PatchGrid* const> images) const;

  // Output head over chosen rows of hidden states: [*, H] -> [*, V], in the model's dtype.
  torch::Tensor logits(const torch::Tensor& hidden) const;
  // Its weight as it is stored; the embedding where they are tied.
  const torch::Tensor& head_VH() const;

  // Every linear layer by its Hugging Face module path, the head excepted.
  const std::map<std::string, Linear*>& linears();
  // Every stored tensor by its Hugging Face name; assigning through the pointer replaces it.
  const std::map<std::string, torch::Tensor*>& tensors();

 private:
  Qwen3Vl();
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace lmc::model
