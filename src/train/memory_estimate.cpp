#include "train/memory_estimate.h"

#include <algorithm>
#include <initializer_list>
#include <set>
#include <utility>

#include "model/device_memory.h"  // device_memory, mapped_files
#include "model/gemm.h"           // bytes_per_cached_matmul, kMaxCachedMatmuls
#include "model/large_blocks.h"   // filled_bytes, kMaxCachedBytes
#include "model/lora.h"           // lora_pairs
#include "model/padded_rows.h"    // padded_count

namespace lmc::train {

namespace {

// Tensors of one size.
struct Group {
  int64_t count, rows, width;
};

// Counts tensors as the model's device comes to hold them.
class Counter {
 public:
  explicit Counter(const model::Qwen3Vl& model)
      : on_cpu_(model.device().is_cpu()),
        element_(static_cast<int64_t>(c10::elementSize(model.dtype()))) {}

  // Rows of a stream are padded.
  int64_t padded(int64_t rows) const { return on_cpu_ ? model::padded_count(rows) : rows; }

  int64_t bytes(std::initializer_list<Group> groups) const {
    int64_t sum = 0;
    for (const Group& group : groups) {
      const int64_t one = group.rows * group.width * element_;
      sum += group.count * (on_cpu_ ? model::filled_bytes(one) : one);
    }
    return sum;
  }

 private:
  bool on_cpu_;
  int64_t element_;
};

// What a decoder layer keeps of a stream of `rows`, of which `row_tokens` stand in whole rows that
// were spread out for the attention (0: none were).
struct LayerBytes {
  int64_t stream, attention, feed_forward;
};

LayerBytes layer_bytes(const Counter& counter, const spec::TextConfig& text, int64_t rows,
                       int64_t row_tokens) {
  const int64_t queries = text.num_heads * text.head_dim;
  const int64_t keys = text.num_kv_heads * text.head_dim;
  const int64_t width = text.hidden_size;
  const int64_t attended = row_tokens > 0 ? row_tokens : rows;
  return {counter.bytes({{1, rows, width}}),
          // The norm's result; queries and keys before their norms; what the attention takes and
          // gives; what the projection behind it takes, padded.
          counter.bytes({{1, rows, width},
                         {1, rows, queries},
                         {1, rows, keys},
                         {2, attended, queries},
                         {2, attended, keys},
                         {1, rows, queries}}),
          // The stream before this half and its norm; gate, up and their product.
          counter.bytes({{2, rows, width}, {3, rows, text.intermediate_size}})};
}

// The same of a vision block: what 12 of its width and two of the feed-forward's hold.
int64_t block_bytes(const Counter& counter, const spec::VisionConfig& vision, int64_t patches) {
  return counter.bytes({{12, patches, vision.hidden_size}, {2, patches, vision.intermediate_size}});
}

// What DoRA's factors scale is kept, and the ranks' share where the weight is not corrected.
int64_t adapter_bytes(const Counter& counter, model::Qwen3Vl& model, int64_t rows) {
  int64_t sum = 0;
  for (const auto& [path, pair] : model::lora_pairs(model)) {
    if (path.starts_with("model.visual.")) continue;
    if (pair->magnitude_O.defined()) sum += counter.bytes({{1, rows, pair->magnitude_O.numel()}});
    if (model.dtype() != torch::kFloat32) sum += counter.bytes({{1, rows, pair->a_RI.size(0)}});
  }
  return sum;
}

void count_weights(model::Qwen3Vl& model, MemoryEstimate& estimate) {
  const auto element = static_cast<int64_t>(c10::elementSize(model.dtype()));
  int64_t largest_low_precision = 0;
  for (const auto& [name, tensor] : model.tensors()) {
    estimate.weights += static_cast<int64_t>(tensor->nbytes());
    if (tensor->scalar_type() != model.dtype() &&
        tensor->data_ptr() != model.head_VH().data_ptr()) {
      largest_low_precision = std::max(largest_low_precision, tensor->numel());
    }
  }
  for (const auto& [path, linear] : model.linears()) {
    if (!linear->quantised) continue;
    estimate.weights += linear->quantised->num_bytes();
    largest_low_precision =
        std::max(largest_low_precision, linear->in_width() * linear->out_width());
  }
  const bool head_is_low_precision = model.head_VH().scalar_type() != model.dtype();
  // The head is wide while the loss is made; the layers' matrices are so one at a time.
  estimate.dequantised = (head_is_low_precision ? model.head_VH().numel() * element : 0) +
                         largest_low_precision * element;
}

}  // namespace

int64_t MemoryEstimate::total() const {
  return program + matmul_cache + weights + dequantised + trained + images + activations +
         std::max(loss, layer_backward) + freed;
}

MemoryEstimate estimate_memory(model::Qwen3Vl& model, int64_t trained_parameters,
                               const MicroBatchShape& shape, const MicroBatchOptions& options) {
  const auto& config = model.config();
  const Counter counter(model);
  MemoryEstimate estimate;
  count_weights(model, estimate);
  // Value, gradient and two moments, in f32. All weights of a full run are counted above already.
  estimate.trained = trained_parameters * (model::lora_pairs(model).empty() ? 12 : 16);

  const int64_t rows = counter.padded(shape.tokens);
  const bool keeps_attention = options.recompute != model::Recompute::kLayers;
  const bool keeps_feed_forward = options.recompute == model::Recompute::kNothing;
  const LayerBytes layer = layer_bytes(counter, config.text, rows,
                                       shape.row_tokens > shape.tokens ? shape.row_tokens : 0);
  estimate.activations =
      config.text.num_layers * (layer.stream + (keeps_attention ? layer.attention : 0) +
                                (keeps_feed_forward ? layer.feed_forward : 0));
  // What the last norm takes and gives, and the angles' cosines and sines.
  estimate.activations +=
      counter.bytes({{2, rows, config.text.hidden_size}, {2, rows, config.text.head_dim}});
  if (keeps_feed_forward) estimate.activations += adapter_bytes(counter, model, rows);
  if (!options.features && shape.patches > 0) {
    const auto& vision = config.vision;
    const int64_t kept = keeps_attention
                             ? block_bytes(counter, vision, counter.padded(shape.patches))
                             : counter.bytes({{1, shape.patches, vision.hidden_size}});
    estimate.activations += vision.depth * kept + 2 * shape.patches * vision.values_per_patch() * 4;
  }

  const int64_t chunk = options.loss.rows_per_chunk > 0
                            ? std::min(shape.target_rows, options.loss.rows_per_chunk)
                            : shape.target_rows;
  estimate.loss = 2 * chunk * config.text.vocab_size * 4;
  // Gradients of the product, of gate and up, and of what they come from; and what is computed
  // again.
  const int64_t in_a_layer = counter.bytes({{3, rows, config.text.intermediate_size},
                                            {2, rows, config.text.hidden_size}}) +
                             (keeps_feed_forward ? 0 : layer.feed_forward) +
                             (keeps_attention ? 0 : layer.attention);
  estimate.layer_backward =
      std::max(in_a_layer, block_bytes(counter, config.vision, shape.largest_image) / 2);
  // What micro-batches need that are computed side by side. Each hands over its own gradients.
  const auto workers = static_cast<int64_t>(options.workers ? options.workers->count() : 1);
  for (int64_t* part :
       {&estimate.dequantised, &estimate.activations, &estimate.loss, &estimate.layer_backward}) {
    *part *= workers;
  }
  if (options.workers) estimate.trained += workers * trained_parameters * 4;
  // The forward pass takes the blocks that the backward pass before it let go; what is left of them
  // when most is alive are those that only a backward pass uses.
  if (model.device().is_cpu()) {
    estimate.freed = std::min(estimate.layer_backward + estimate.loss,
                              static_cast<int64_t>(model::kMaxCachedBytes));
  }
  return estimate;
}

model::Recompute cheapest_recompute(model::Qwen3Vl& model, int64_t trained_parameters,
                                    const MicroBatchShape& shape, MicroBatchOptions options,
                                    int64_t bytes) {
  for (const auto recompute : {model::Recompute::kNothing, model::Recompute::kFeedForward}) {
    options.recompute = recompute;
    if (estimate_memory(model, trained_parameters, shape, options).total() <= bytes) {
      return recompute;
    }
  }
  return model::Recompute::kLayers;
}

int64_t held_by_program(model::Qwen3Vl& model, int64_t trained_parameters,
                        const std::string& model_folder) {
  const model::MappedFiles mapped =
      model.device().is_cpu() ? model::mapped_files(model_folder) : model::MappedFiles();
  int64_t counted = mapped.resident;
  for (const auto& [name, tensor] : model.tensors()) {
    if (!mapped.hold(tensor->data_ptr())) counted += static_cast<int64_t>(tensor->nbytes());
  }
  for (const auto& [path, linear] : model.linears()) {
    if (linear->quantised) counted += linear->quantised->num_bytes();
  }
  counted += trained_parameters * (model::lora_pairs(model).empty() ? 8 : 12);  // no gradients yet
  return std::max<int64_t>(0, model::device_memory(model.device()).resident - counted);
}

int64_t matmul_cache_bytes(model::Qwen3Vl& model, const MicroBatchShape& largest,
                           int64_t fewest_tokens, int64_t micro_batches) {
  if (!model.device().is_cpu()) return 0;
  std::set<std::pair<int64_t, int64_t>> sizes;
  for (const auto& [path, linear] : model.linears()) {
    if (path.starts_with("model.visual.")) continue;
    sizes.emplace(linear->in_width(), linear->out_width());
    sizes.emplace(linear->out_width(), linear->in_width());  // of the gradient
    if (!linear->lora) continue;
    sizes.emplace(linear->in_width(), linear->lora->a_RI.size(0));
    sizes.emplace(linear->lora->a_RI.size(0), linear->out_width());
  }
  // Streams have numbers of rows of their own, from the fewest to the most; the last step's may be
  // fewer.
  const int64_t between = model::padded_count(largest.tokens) - model::padded_count(fewest_tokens);
  const int64_t streams = std::min(micro_batches, between / model::padded_count(1) + 2);
  return std::min(model::kMaxCachedMatmuls, streams * static_cast<int64_t>(sizes.size())) *
         model::bytes_per_cached_matmul(model.dtype());
}

}  // namespace lmc::train
