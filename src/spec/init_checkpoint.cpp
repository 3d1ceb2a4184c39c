#include "spec/init_checkpoint.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/check.h"            // InputError
#include "base/files.h"            // read_file, write_file
#include "base/json.h"             // read_json
#include "base/parallel.h"         // parallel_for
#include "base/random.h"           // Random
#include "spec/companion_files.h"  // copy_companion_files
#include "spec/tensor_table.h"     // tensor_table
#include "tensorio/safetensors.h"  // SafetensorsWriter

namespace lmc::spec {

namespace {

constexpr double kDefaultRange = 0.02;  // initializer_range of the released configurations
constexpr int64_t kChunkElements = 1 << 16;

// Whether the tensor's product is added to the residual stream of its tower.
bool joins_residual(const std::string& name) {
  return name.ends_with("o_proj.weight") || name.ends_with("down_proj.weight") ||
         (name.find(".blocks.") != name.npos &&
          (name.ends_with("attn.proj.weight") || name.ends_with("linear_fc2.weight")));
}

double range_for_training(const TensorSpec& tensor, const ModelConfig& config, double range) {
  if (!joins_residual(tensor.name)) return range;
  const bool is_vision = tensor.name.find(".blocks.") != tensor.name.npos;
  const int64_t layers = is_vision ? config.vision.depth : config.text.num_layers;
  return range / std::sqrt(2.0 * static_cast<double>(layers));
}

void store(float value, tensorio::Dtype dtype, std::byte* to) {
  if (dtype == tensorio::Dtype::kF32) {
    std::memcpy(to, &value, sizeof value);
  } else {
    const uint16_t bits = tensorio::bf16_from_float(value);
    std::memcpy(to, &bits, sizeof bits);
  }
}

// Chunks have streams of their own, so threads can share a tensor and the result stays the same.
std::vector<std::byte> make_tensor(const TensorSpec& tensor, tensorio::Dtype dtype, double range,
                                   uint64_t seed) {
  const int64_t count = tensor.num_elements();
  const int64_t width = tensorio::dtype_bytes(dtype);
  std::vector<std::byte> bytes(static_cast<size_t>(count * width));
  const bool drawn = tensor.role != TensorRole::kBias && tensor.role != TensorRole::kNormBias &&
                     tensor.role != TensorRole::kNormScale;
  const float fixed = tensor.role == TensorRole::kNormScale ? 1.0F : 0.0F;
  const int64_t chunks = (count + kChunkElements - 1) / kChunkElements;
  parallel_for(static_cast<size_t>(chunks), [&](size_t chunk) {
    Random random = Random::named(seed, tensor.name, chunk);
    const int64_t from = static_cast<int64_t>(chunk) * kChunkElements;
    const int64_t end = std::min(count, from + kChunkElements);
    for (int64_t i = from; i < end; ++i) {
      store(drawn ? static_cast<float>(random.normal() * range) : fixed, dtype,
            bytes.data() + i * width);
    }
  });
  return bytes;
}

// As make_tensor, in the form for training from scratch.
std::vector<std::byte> make_for_training(const TensorSpec& tensor, const ModelConfig& config,
                                         double range, const InitForm& form) {
  const double scaled = range_for_training(tensor, config, range);
  std::vector<std::byte> bytes = make_tensor(tensor, form.dtype, scaled, form.seed);
  const size_t at = tensor.name.find("self_attn.q_proj");
  if (at == tensor.name.npos) return bytes;
  TensorSpec key = tensor;
  key.name.replace(at, std::strlen("self_attn.q_proj"), "self_attn.k_proj");
  key.shape[0] = config.text.num_kv_heads * config.text.head_dim;
  const std::vector<std::byte> keys = make_tensor(key, form.dtype, scaled, form.seed);
  const size_t head_bytes = keys.size() / static_cast<size_t>(config.text.num_kv_heads);
  const size_t group_bytes = bytes.size() / static_cast<size_t>(config.text.num_kv_heads);
  for (size_t group = 0; group * head_bytes < keys.size(); ++group) {
    std::memcpy(bytes.data() + group * group_bytes, keys.data() + group * head_bytes, head_bytes);
  }
  return bytes;
}

}  // namespace

InitSummary init_checkpoint(const std::string& source_folder, const std::string& config_path,
                            const std::string& out_folder, const InitForm& form) {
  const Json json = read_json(config_path);
  const ModelConfig config = model_config_from_json(json, config_path);
  const std::string weights = out_folder + "/model.safetensors";
  if (file_exists(weights)) {
    throw InputError(weights, "is already there", "name another folder with --out");
  }
  make_folder(out_folder);
  copy_companion_files(source_folder, out_folder);
  write_file(out_folder + "/config.json", read_file(config_path));

  const double range = json.contains("text_config")
                           ? json_get_or<double>(json["text_config"], "initializer_range",
                                                 config_path, kDefaultRange)
                           : kDefaultRange;
  InitSummary summary;
  std::vector<tensorio::TensorInfo> infos;
  const std::vector<TensorSpec> table = tensor_table(config);
  for (const TensorSpec& tensor : table) {
    infos.push_back({tensor.name, form.dtype, tensor.shape});
    summary.num_parameters += tensor.num_elements();
    summary.num_bytes += infos.back().num_bytes();
  }
  summary.num_tensors = static_cast<int64_t>(table.size());
  tensorio::SafetensorsWriter writer(weights, infos, {{"format", "pt"}});
  for (const TensorSpec& tensor : table) {
    writer.write(form.for_training ? make_for_training(tensor, config, range, form)
                                   : make_tensor(tensor, form.dtype, range, form.seed));
  }
  writer.finish();
  return summary;
}

}  // namespace lmc::spec
