#include "spec/tensor_table.h"

#include <functional>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/check.h"  // cat

namespace lmc::spec {

namespace {

// Collects tensors under a path that deepens from module to module.
class Table {
 public:
  void add(std::string name, std::vector<int64_t> shape, TensorRole role) {
    tensors_.push_back({std::move(name), std::move(shape), role});
  }
  void linear(const std::string& path, int64_t out, int64_t in) {
    add(path + ".weight", {out, in}, TensorRole::kLinear);
  }
  void linear_with_bias(const std::string& path, int64_t out, int64_t in) {
    linear(path, out, in);
    add(path + ".bias", {out}, TensorRole::kBias);
  }
  void rms_norm(const std::string& path, int64_t width) {
    add(path + ".weight", {width}, TensorRole::kNormScale);
  }
  void layer_norm(const std::string& path, int64_t width) {
    add(path + ".weight", {width}, TensorRole::kNormScale);
    add(path + ".bias", {width}, TensorRole::kNormBias);
  }
  std::vector<TensorSpec> take() { return std::move(tensors_); }

 private:
  std::vector<TensorSpec> tensors_;
};

// Joins merge x merge patches into one token of the language model. The tower's own merger
// normalises each patch, the deepstack ones the joined patches.
void add_merger(Table& table, const std::string& path, const VisionConfig& vision,
                bool norm_after_join) {
  const int64_t joined = vision.hidden_size * vision.spatial_merge_size * vision.spatial_merge_size;
  table.layer_norm(path + ".norm", norm_after_join ? joined : vision.hidden_size);
  table.linear_with_bias(path + ".linear_fc1", joined, joined);
  table.linear_with_bias(path + ".linear_fc2", vision.out_hidden_size, joined);
}

void add_vision_tower(Table& table, const VisionConfig& vision) {
  const std::string root = "model.visual";
  const int64_t width = vision.hidden_size;
  table.add(
      root + ".patch_embed.proj.weight",
      {width, vision.in_channels, vision.temporal_patch_size, vision.patch_size, vision.patch_size},
      TensorRole::kPatchEmbed);
  table.add(root + ".patch_embed.proj.bias", {width}, TensorRole::kBias);
  table.add(root + ".pos_embed.weight", {vision.num_position_embeddings, width},
            TensorRole::kPosition);
  for (int64_t i = 0; i < vision.depth; ++i) {
    const std::string block = cat(root, ".blocks.", i);
    table.layer_norm(block + ".norm1", width);
    table.layer_norm(block + ".norm2", width);
    table.linear_with_bias(block + ".attn.qkv", 3 * width, width);
    table.linear_with_bias(block + ".attn.proj", width, width);
    table.linear_with_bias(block + ".mlp.linear_fc1", vision.intermediate_size, width);
    table.linear_with_bias(block + ".mlp.linear_fc2", width, vision.intermediate_size);
  }
  add_merger(table, root + ".merger", vision, false);
  for (size_t k = 0; k < vision.deepstack_indexes.size(); ++k) {
    add_merger(table, cat(root, ".deepstack_merger_list.", k), vision, true);
  }
}

void add_language_model(Table& table, const TextConfig& text) {
  const std::string root = "model.language_model";
  const int64_t width = text.hidden_size;
  const int64_t query_width = text.num_heads * text.head_dim;
  const int64_t kv_width = text.num_kv_heads * text.head_dim;
  table.add(root + ".embed_tokens.weight", {text.vocab_size, width}, TensorRole::kEmbedding);
  for (int64_t i = 0; i < text.num_layers; ++i) {
    const std::string layer = cat(root, ".layers.", i);
    table.linear(layer + ".self_attn.q_proj", query_width, width);
    table.linear(layer + ".self_attn.k_proj", kv_width, width);
    table.linear(layer + ".self_attn.v_proj", kv_width, width);
    table.linear(layer + ".self_attn.o_proj", width, query_width);
    table.rms_norm(layer + ".self_attn.q_norm", text.head_dim);
    table.rms_norm(layer + ".self_attn.k_norm", text.head_dim);
    table.linear(layer + ".mlp.gate_proj", text.intermediate_size, width);
    table.linear(layer + ".mlp.up_proj", text.intermediate_size, width);
    table.linear(layer + ".mlp.down_proj", width, text.intermediate_size);
    table.rms_norm(layer + ".input_layernorm", width);
    table.rms_norm(layer + ".post_attention_layernorm", width);
  }
  table.rms_norm(root + ".norm", width);
}

constexpr std::string_view kHead = "lm_head.weight";

}  // namespace

int64_t TensorSpec::num_elements() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

std::vector<TensorSpec> tensor_table(const ModelConfig& config) {
  Table table;
  add_vision_tower(table, config.vision);
  add_language_model(table, config.text);
  if (!config.tie_word_embeddings) {
    table.add(std::string(kHead), {config.text.vocab_size, config.text.hidden_size},
              TensorRole::kLinear);
  }
  return table.take();
}

std::string without_wrappers(std::string path) {
  static constexpr std::string_view kWrappers[] = {"_orig_mod.", "module.", "_fsdp_wrapped_module.",
                                                   "_checkpoint_wrapped_module."};
  for (const std::string_view wrapper : kWrappers) {
    for (size_t at = path.find(wrapper); at != path.npos; at = path.find(wrapper, at)) {
      if (at == 0 || path[at - 1] == '.') {
        path.erase(at, wrapper.size());
      } else {
        ++at;
      }
    }
  }
  return path;
}

std::optional<std::string> canonical_tensor_name(const std::string& name) {
  const std::string stored = without_wrappers(name);
  // Tables of angles, recomputed from the configuration.
  if (stored.ends_with(".inv_freq")) return std::nullopt;
  // The first prefix that fits decides, so longer ones stand before their beginnings.
  static constexpr std::pair<std::string_view, std::string_view> kPrefixes[] = {
      {"model.visual.", "model.visual."},
      {"model.language_model.", "model.language_model."},
      {"visual.", "model.visual."},
      {"vision_tower.", "model.visual."},
      {"language_model.lm_head.", "lm_head."},
      {"language_model.model.", "model.language_model."},
      {"language_model.", "model.language_model."},
      {"model.layers.", "model.language_model.layers."},
      {"model.embed_tokens.", "model.language_model.embed_tokens."},
      {"model.norm.", "model.language_model.norm."},
  };
  for (const auto& [old_prefix, prefix] : kPrefixes) {
    if (stored.starts_with(old_prefix)) return cat(prefix, stored.substr(old_prefix.size()));
  }
  return stored;
}

std::string canonical_module_path(const std::string& path) {
  constexpr std::string_view kWeight = ".weight";
  const auto name = canonical_tensor_name(path + std::string(kWeight));
  return name ? name->substr(0, name->size() - kWeight.size()) : path;
}

std::vector<LinearSpec> linear_table(const ModelConfig& config) {
  std::vector<LinearSpec> linears;
  for (const TensorSpec& tensor : tensor_table(config)) {
    if (tensor.role != TensorRole::kLinear || tensor.name == kHead) continue;
    const std::string path =
        tensor.name.substr(0, tensor.name.size() - std::string_view(".weight").size());
    linears.push_back({path, tensor.shape[1], tensor.shape[0]});
  }
  return linears;
}

}  // namespace lmc::spec
