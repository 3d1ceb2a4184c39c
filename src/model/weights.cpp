#include "model/weights.h"

#include <ATen/ops/from_blob.h>

#include "base/check.h"           // InputError, LMC_CHECK
#include "spec/tensor_table.h"    // tensor_table, TensorSpec
#include "tensorio/finite.h"      // check_finite
#include "tensorio/shape_text.h"  // shape_text

namespace lmc::model {

namespace {

// The matrices of linear layers and the embedding: nearly all of the bytes. Kernels of convolutions
// have more axes, and the table of the vision tower's positions is small.
bool is_large(const spec::TensorSpec& tensor) {
  return tensor.shape.size() == 2 && !tensor.name.ends_with("pos_embed.weight");
}

}  // namespace

torch::Dtype torch_dtype(tensorio::Dtype dtype, const std::string& where) {
  switch (dtype) {
    case tensorio::Dtype::kF32:
      return torch::kFloat32;
    case tensorio::Dtype::kBF16:
      return torch::kBFloat16;
    case tensorio::Dtype::kF16:
      return torch::kFloat16;
    default:
      throw InputError(where, cat("expected F32, BF16 or F16, found ", dtype_name(dtype)),
                       "quantised checkpoints are not read here");
  }
}

tensorio::Dtype stored_dtype(torch::Dtype dtype) {
  if (dtype == torch::kFloat32) return tensorio::Dtype::kF32;
  if (dtype == torch::kBFloat16) return tensorio::Dtype::kBF16;
  if (dtype == torch::kInt64) return tensorio::Dtype::kI64;
  LMC_CHECK(dtype == torch::kFloat16, "no stored form for ", c10::toString(dtype));
  return tensorio::Dtype::kF16;
}

torch::Tensor to_torch(const tensorio::TensorView& view, const std::string& where,
                       const LoadOptions& options) {
  const torch::Dtype stored = torch_dtype(view.info.dtype, where);
  auto* data = const_cast<std::byte*>(view.bytes.data());
  const auto element = static_cast<size_t>(tensorio::dtype_bytes(view.info.dtype));
  const bool aligned = reinterpret_cast<uintptr_t>(data) % element == 0;
  auto mapped = aligned
                    ? at::from_blob(data, view.info.shape, stored)
                    : at::from_blob(data, {static_cast<int64_t>(view.bytes.size())}, torch::kUInt8)
                          .clone()
                          .view(stored)
                          .view(view.info.shape);
  return mapped.to(options.device, options.dtype);
}

void load_weights(const tensorio::Checkpoint& checkpoint, spec::StoredTensors stored,
                  const spec::ModelConfig& config,
                  const std::map<std::string, torch::Tensor*>& targets,
                  const LoadOptions& options) {
  // Looking at all values reads the whole file; a matrix that is quantised afterwards, or made wide
  // for each use, need not stay in memory until then.
  const bool reads_again = options.storage != Storage::kComputeDtype;
  for (const spec::TensorSpec& tensor : spec::tensor_table(config)) {
    const auto found = stored.find(tensor.name);
    if (found == stored.end()) {
      throw InputError(cat(checkpoint.folder(), ": tensor ", tensor.name),
                       cat("missing; expected shape ", tensorio::shape_text(tensor.shape)));
    }
    const auto& [view, where] = found->second;
    if (view->info.shape != tensor.shape) {
      throw InputError(where,
                       cat("expected shape ", tensorio::shape_text(tensor.shape), ", found ",
                           tensorio::shape_text(view->info.shape)),
                       "config.json belongs to another checkpoint");
    }
    const auto target = targets.find(tensor.name);
    LMC_CHECK(target != targets.end(), tensor.name, " has no place in the model");
    LoadOptions as = options;
    if (reads_again && is_large(tensor)) as.dtype = torch_dtype(view->info.dtype, where);
    tensorio::check_finite(*view, where);
    *target->second = to_torch(*view, where, as);
    if (reads_again && is_large(tensor)) checkpoint.release_pages();
    stored.erase(found);
  }
  if (!stored.empty()) {
    throw InputError(
        stored.begin()->second.where,
        cat("belongs to no part of this architecture; so do ", stored.size() - 1, " more"));
  }
}

}  // namespace lmc::model
