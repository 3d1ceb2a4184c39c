#include "runtime/device_model.h"

#include <set>

#include "base/check.h"               // InputError
#include "runtime/kernels/kernels.h"  // kGroupMultiple, kMaxGroup
#include "spec/tensor_table.h"        // tensor_table, TensorSpec
#include "tensorio/shape_text.h"      // shape_text

namespace lmc::runtime {

namespace {

// Finds tensors by name.
class Tensors {
 public:
  Tensors(const DeviceFile& file, WeightMemory& memory) : file_(file), memory_(memory) {}

  // Every tensor of the table, and no other, with its shape.
  void check(const spec::ModelConfig& config) const {
    std::set<std::string> known;
    for (const spec::TensorSpec& expected : spec::tensor_table(config)) {
      known.insert(expected.name);
      const DeviceTensor& found = get(expected.name);
      if (found.info.shape != expected.shape) {
        throw InputError(where(expected.name),
                         cat("expected shape ", tensorio::shape_text(expected.shape), ", found ",
                             tensorio::shape_text(found.info.shape)));
      }
    }
    for (const auto& [name, tensor] : file_.tensors()) {
      if (!known.contains(name)) {
        throw InputError(where(name), "belongs to no part of this architecture");
      }
    }
  }

  std::span<const float> vector(const std::string& name) const {
    const DeviceTensor& tensor = get(name);
    const auto count = static_cast<size_t>(num_elements(tensor.info.shape));
    if (tensor.info.form != kVectorForm || tensor.bytes.size() != count * sizeof(float)) {
      throw InputError(where(name), cat("expected ", count, " values of f32, found ",
                                        tensor.bytes.size(), " bytes as ", tensor.info.form));
    }
    return {reinterpret_cast<const float*>(tensor.bytes.data()), count};
  }

  PackedMatrix matrix(const std::string& name) const {
    const DeviceTensor& tensor = get(name);
    MatrixLayout layout;
    layout.form = form_from_name(tensor.info.form, where(name));
    layout.outputs = tensor.info.shape.front();
    layout.inputs = num_elements(tensor.info.shape) / layout.outputs;
    layout.group = tensor.info.group;
    const bool group_fits =
        layout.is_integer()
            ? layout.group > 0 && layout.group % kGroupMultiple == 0 && layout.group <= kMaxGroup
            : layout.group == 0;
    if (!group_fits) throw InputError(where(name), cat("has groups of ", layout.group));
    if (static_cast<int64_t>(tensor.bytes.size()) != layout.num_bytes()) {
      throw InputError(where(name),
                       cat("expected ", layout.num_bytes(), " bytes, found ", tensor.bytes.size()));
    }
    if (!memory_.is_there()) return {layout, tensor.bytes};
    return {layout, memory_.hold(tensor.bytes, [this] { file_.release_pages(); })};
  }

  // Matrices that read the same rows are stored alike.
  void check_alike(std::initializer_list<std::string> names) const {
    for (const std::string& name : names) {
      if (get(name).info.group != get(*names.begin()).info.group) {
        throw InputError(where(name), "is stored otherwise than its neighbours");
      }
    }
  }

  Linear linear(const std::string& path) const {
    return {matrix(path + ".weight"), vector(path + ".bias")};
  }

  LayerNorm norm(const std::string& path) const {
    return {vector(path + ".weight"), vector(path + ".bias")};
  }

 private:
  static int64_t num_elements(const std::vector<int64_t>& shape) {
    int64_t count = 1;
    for (const int64_t side : shape) count *= side;
    return count;
  }

  std::string where(const std::string& name) const { return cat(file_.path(), ": tensor ", name); }

  const DeviceTensor& get(const std::string& name) const {
    const auto found = file_.tensors().find(name);
    if (found == file_.tensors().end()) throw InputError(where(name), "is missing");
    return found->second;
  }

  const DeviceFile& file_;
  WeightMemory& memory_;
};

size_t matrix_bytes(const DeviceFile& file) {
  size_t bytes = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    if (tensor.info.form != kVectorForm) bytes += WeightMemory::room_for(tensor.bytes.size());
  }
  return bytes;
}

Merger merger_of(const Tensors& tensors, const std::string& path, bool normalises_joined) {
  return {tensors.norm(path + ".norm"), normalises_joined, tensors.linear(path + ".linear_fc1"),
          tensors.linear(path + ".linear_fc2")};
}

VisionTower vision_of(const Tensors& tensors, const spec::VisionConfig& config) {
  const std::string root = "model.visual";
  VisionTower tower;
  tower.patch_embed = tensors.linear(root + ".patch_embed.proj");
  tower.positions_GD = tensors.vector(root + ".pos_embed.weight");
  for (int64_t i = 0; i < config.depth; ++i) {
    const std::string block = cat(root, ".blocks.", i);
    tower.blocks.push_back(
        {tensors.norm(block + ".norm1"), tensors.norm(block + ".norm2"),
         tensors.linear(block + ".attn.qkv"), tensors.linear(block + ".attn.proj"),
         tensors.linear(block + ".mlp.linear_fc1"), tensors.linear(block + ".mlp.linear_fc2")});
  }
  for (size_t k = 0; k < config.deepstack_indexes.size(); ++k) {
    tower.deepstack.push_back(merger_of(tensors, cat(root, ".deepstack_merger_list.", k), true));
  }
  tower.merger = merger_of(tensors, root + ".merger", false);
  return tower;
}

LanguageModel language_of(const Tensors& tensors, const spec::ModelConfig& config) {
  const std::string root = "model.language_model";
  LanguageModel model;
  model.embedding_VH = tensors.matrix(root + ".embed_tokens.weight");
  for (int64_t i = 0; i < config.text.num_layers; ++i) {
    const std::string path = cat(root, ".layers.", i, ".");
    const auto attention = [&](const char* name) {
      return cat(path, "self_attn.", name, "_proj.weight");
    };
    const auto mlp = [&](const char* name) { return cat(path, "mlp.", name, "_proj.weight"); };
    tensors.check_alike({attention("q"), attention("k"), attention("v")});
    tensors.check_alike({mlp("gate"), mlp("up")});
    DecoderLayer& layer = model.layers.emplace_back();
    layer.input_norm_H = tensors.vector(path + "input_layernorm.weight");
    layer.post_attention_norm_H = tensors.vector(path + "post_attention_layernorm.weight");
    layer.q_norm_K = tensors.vector(path + "self_attn.q_norm.weight");
    layer.k_norm_K = tensors.vector(path + "self_attn.k_norm.weight");
    layer.q = tensors.matrix(attention("q"));
    layer.k = tensors.matrix(attention("k"));
    layer.v = tensors.matrix(attention("v"));
    layer.o = tensors.matrix(attention("o"));
    layer.gate = tensors.matrix(mlp("gate"));
    layer.up = tensors.matrix(mlp("up"));
    layer.down = tensors.matrix(mlp("down"));
  }
  model.norm_H = tensors.vector(root + ".norm.weight");
  model.head_VH =
      config.tie_word_embeddings ? model.embedding_VH : tensors.matrix("lm_head.weight");
  return model;
}

}  // namespace

DeviceModel::DeviceModel(const std::string& path, WeightPlacement placement)
    : file_(path), config_(spec::read_model_config(path)) {
  const Tensors tensors(file_, memory_);
  tensors.check(config_);
  const size_t bytes = matrix_bytes(file_);
  if (wants_huge_pages(placement, static_cast<int64_t>(bytes))) memory_ = WeightMemory(bytes);
  vision_ = vision_of(tensors, config_.vision);
  language_ = language_of(tensors, config_);
}

}  // namespace lmc::runtime
