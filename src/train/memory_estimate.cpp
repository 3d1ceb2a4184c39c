#include "train/memory_estimate.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "model/large_blocks.h"  // kMostKeptBytes
#include "model/lora.h"          // lora_pairs

namespace lmc::train {

namespace {

// Resident after loading libtorch and its BLAS and one small matrix product.
constexpr int64_t kProgram = int64_t{230} << 20;

int64_t kilobytes_in(const std::string& path, const std::string& key) {
  std::ifstream in(path);
  std::string line;
  while (std::getline(in, line)) {
    if (!line.starts_with(key + ":")) continue;
    int64_t value = 0;
    std::istringstream(line.substr(key.size() + 1)) >> value;
    return value;
  }
  return 0;
}

// Values a token leaves behind in a decoder layer. In order: the residual stream before each half,
// both norms' results, the projections and their normed and turned forms, the attention's result,
// gate, up and their product.
struct LayerValues {
  int64_t stream, attention, feed_forward;
  int64_t spread;  // of the attention, what is kept for each token of whole rows instead
};

LayerValues layer_values(const spec::TextConfig& text) {
  const int64_t queries = text.num_heads * text.head_dim;
  const int64_t keys = text.num_kv_heads * text.head_dim;
  return {text.hidden_size, text.hidden_size + 3 * queries + 3 * keys,
          2 * text.hidden_size + 3 * text.intermediate_size, 2 * queries + 2 * keys};
}

// The same for a patch in a vision block.
int64_t block_values(const spec::VisionConfig& vision) {
  return 12 * vision.hidden_size + 2 * vision.intermediate_size;
}

}  // namespace

MemoryEstimate estimate_memory(model::Qwen3Vl& model, int64_t trained_parameters,
                               const PassShape& shape, const PassOptions& options) {
  const auto& config = model.config();
  const auto element = static_cast<int64_t>(c10::elementSize(model.dtype()));
  MemoryEstimate estimate;
  estimate.program = kProgram;
  int64_t largest_narrow = 0;
  for (const auto& [name, tensor] : model.tensors()) {
    estimate.weights += static_cast<int64_t>(tensor->nbytes());
    if (tensor->scalar_type() != model.dtype() &&
        tensor->data_ptr() != model.head_VH().data_ptr()) {
      largest_narrow = std::max(largest_narrow, tensor->numel());
    }
  }
  for (const auto& [path, linear] : model.linears()) {
    if (!linear->quantised) continue;
    estimate.weights += linear->quantised->num_bytes();
    largest_narrow = std::max(largest_narrow, linear->in_width() * linear->out_width());
  }
  const bool head_is_narrow = model.head_VH().scalar_type() != model.dtype();
  // The head is wide while the loss is made; the layers' matrices are so one at a time.
  estimate.widened =
      std::max(head_is_narrow ? model.head_VH().numel() * element : 0, largest_narrow * element);
  // Value, gradient and two moments, in f32. All weights of a full run are counted above already.
  estimate.trained = trained_parameters * (model::lora_pairs(model).empty() ? 12 : 16);

  const LayerValues values = layer_values(config.text);
  int64_t kept = values.stream;
  if (options.recompute != model::Recompute::kLayers) kept += values.attention;
  if (options.recompute == model::Recompute::kNothing) kept += values.feed_forward;
  const int64_t vision_kept =
      !options.features
          ? shape.patches * config.vision.depth *
                (options.recompute == model::Recompute::kLayers ? config.vision.hidden_size
                                                                : block_values(config.vision))
          : 0;
  int64_t values_kept = shape.tokens * kept;
  if (shape.row_tokens > shape.tokens && options.recompute != model::Recompute::kLayers) {
    const int64_t queries = config.text.num_heads * config.text.head_dim;
    values_kept += shape.row_tokens * values.spread - shape.tokens * (values.spread - queries);
  }
  // DoRA keeps what its factors scale.
  int64_t scaled_values = 0;
  for (const auto& [path, pair] : model::lora_pairs(model)) {
    if (!pair->magnitude_O.defined() || path.starts_with("model.visual.")) continue;
    scaled_values += pair->magnitude_O.numel();
  }
  if (options.recompute == model::Recompute::kNothing) {
    values_kept += shape.tokens * scaled_values / config.text.num_layers;
  }
  estimate.activations = (values_kept * config.text.num_layers + vision_kept) * element;
  const int64_t rows = options.loss.rows_per_chunk > 0
                           ? std::min(shape.learnt_rows, options.loss.rows_per_chunk)
                           : shape.learnt_rows;
  estimate.loss = 2 * rows * config.text.vocab_size * 4;
  const int64_t layer = values.attention + values.feed_forward;
  estimate.passing = std::max(shape.tokens * (options.recompute == model::Recompute::kNothing
                                                  ? 2 * config.text.intermediate_size
                                                  : layer),
                              shape.largest_picture * block_values(config.vision) / 2) *
                     element;
  // What passes need that are computed side by side. Each hands over its own gradients.
  const auto workers = static_cast<int64_t>(options.workers ? options.workers->count() : 1);
  for (int64_t* part :
       {&estimate.widened, &estimate.activations, &estimate.loss, &estimate.passing}) {
    *part *= workers;
  }
  if (options.workers) estimate.trained += workers * trained_parameters * 4;
  // Freed blocks that the allocator keeps for the next.
  estimate.passing +=
      std::min(estimate.activations + estimate.loss, static_cast<int64_t>(model::kMostKeptBytes));
  return estimate;
}

int64_t free_memory(torch::Device device) {
  if (device.is_cpu()) return kilobytes_in("/proc/meminfo", "MemAvailable") * 1024;
  return 0;
}

int64_t peak_memory(torch::Device device) {
  if (device.is_cpu()) return kilobytes_in("/proc/self/status", "VmHWM") * 1024;
  return 0;
}

model::Recompute cheapest_recompute(model::Qwen3Vl& model, int64_t trained_parameters,
                                    const PassShape& shape, PassOptions options, int64_t bytes) {
  for (const auto recompute : {model::Recompute::kNothing, model::Recompute::kFeedForward}) {
    options.recompute = recompute;
    if (estimate_memory(model, trained_parameters, shape, options).total() <= bytes) {
      return recompute;
    }
  }
  return model::Recompute::kLayers;
}

}  // namespace lmc::train
