#include "spec/stored_tensors.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"            // InputError, cat
#include "spec/tensor_table.h"     // canonical_tensor_name
#include "tensorio/float_value.h"  // float_value

namespace lmc::spec {

namespace {

using tensorio::Dtype;
using tensorio::TensorView;

constexpr const char* kHead = "lm_head.weight";
constexpr const char* kEmbedding = "model.language_model.embed_tokens.weight";

bool is_float(Dtype dtype) {
  return dtype == Dtype::kF32 || dtype == Dtype::kBF16 || dtype == Dtype::kF16;
}

// Alike in one dtype, as nearly always: a comparison of bytes, ended by the first that differs.
bool same_values(const TensorView& a, const TensorView& b) {
  if (a.info.shape != b.info.shape) return false;
  if (a.info.dtype == b.info.dtype) {
    return std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
  }
  if (!is_float(a.info.dtype) || !is_float(b.info.dtype)) return false;
  const auto count = static_cast<size_t>(a.info.num_elements());
  for (size_t i = 0; i < count; ++i) {
    if (tensorio::float_value(a, i) != tensorio::float_value(b, i)) return false;
  }
  return true;
}

}  // namespace

StoredTensors stored_tensors(const tensorio::Checkpoint& checkpoint) {
  StoredTensors stored;
  for (const auto& [name, view] : checkpoint.tensors()) {
    const auto canonical = canonical_tensor_name(name);
    if (!canonical) continue;
    const std::string where = cat(checkpoint.file_of(name), ": tensor ", name);
    const auto [place, is_new] = stored.emplace(*canonical, StoredTensor{&view, where});
    if (!is_new) {
      throw InputError(where, cat("is stored a second time; first as ", place->second.where));
    }
  }
  return stored;
}

ModelConfig config_for(ModelConfig config, StoredTensors& stored) {
  const auto head = stored.find(kHead);
  const auto embedding = stored.find(kEmbedding);
  if (!config.tie_word_embeddings || head == stored.end()) return config;
  if (embedding != stored.end() && same_values(*head->second.view, *embedding->second.view)) {
    stored.erase(head);
  } else {
    config.tie_word_embeddings = false;
  }
  return config;
}

}  // namespace lmc::spec
