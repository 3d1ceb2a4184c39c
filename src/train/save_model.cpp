#include "train/save_model.h"

#include <ATen/ops/isfinite.h>

#include "base/check.h"            // InputError
#include "base/files.h"            // make_folder
#include "model/weights.h"         // stored_dtype
#include "spec/companion_files.h"  // copy_companion_files, copy_config
#include "spec/tensor_table.h"     // tensor_table
#include "tensorio/safetensors.h"  // SafetensorsWriter

namespace lmc::train {

torch::Dtype stored_dtype_of(const std::string& folder) {
  const tensorio::Checkpoint checkpoint(folder);
  const auto& [name, view] = *checkpoint.tensors().begin();
  return model::torch_dtype(view.info.dtype, cat(folder, ": tensor ", name));
}

void save_model(model::Qwen3Vl& model, torch::Dtype dtype, const std::string& base_folder,
                const std::string& folder) {
  std::vector<tensorio::TensorInfo> infos;
  for (const spec::TensorSpec& tensor : spec::tensor_table(model.config())) {
    infos.push_back({tensor.name, model::stored_dtype(dtype), tensor.shape});
  }
  make_folder(folder);
  tensorio::SafetensorsWriter writer(folder + "/model.safetensors", infos, {{"format", "pt"}});
  for (const tensorio::TensorInfo& info : infos) {
    const auto value = model.tensors().at(info.name)->detach().to(torch::kCPU, dtype).contiguous();
    // What the arithmetic holds may lie beyond what a narrower type can. Without finish() no file
    // appears.
    if (!at::isfinite(value).all().item<bool>()) {
      throw InputError(cat(folder, ": tensor ", info.name),
                       cat("does not fit into ", tensorio::dtype_name(info.dtype)),
                       "--save-dtype float32, or a lower --learning-rate");
    }
    writer.write({static_cast<const std::byte*>(value.const_data_ptr()), value.nbytes()});
  }
  writer.finish();
  spec::copy_companion_files(base_folder, folder);
  spec::copy_config(base_folder, folder, model.config(), model::stored_dtype(dtype));
}

}  // namespace lmc::train
