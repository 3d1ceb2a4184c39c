#include "train/image_store.h"

#include <exception>
#include <filesystem>
#include <functional>
#include <utility>

#include "base/check.h"            // InputError
#include "base/files.h"            // make_folder, file_exists
#include "base/partial_files.h"    // remove_partial_files_in
#include "base/passing_error.h"    // PassingError
#include "base/sha256.h"           // Sha256
#include "data/read_image.h"       // read_image
#include "image/image.h"           // kDecodeVersion
#include "model/weights.h"         // stored_dtype, to_torch
#include "tensorio/safetensors.h"  // SafetensorsFile, SafetensorsWriter

namespace lmc::train {

namespace {

using Change = std::function<torch::Tensor(const torch::Tensor&)>;

void change_all(model::VisionFeatures& features, const Change& change) {
  features.merged_MH = change(features.merged_MH);
  for (torch::Tensor& tap : features.deepstack_MH) tap = change(tap);
}

void add_tensor(Sha256& hash, const torch::Tensor& tensor) {
  const auto bytes = tensor.detach().to(torch::kCPU).contiguous();
  hash.update(c10::toString(bytes.scalar_type()));
  hash.update({static_cast<const char*>(bytes.const_data_ptr()), bytes.nbytes()});
}

// Names everything that decides an image's features.
std::string tower_name(model::Qwen3Vl& model, const image::PreprocessOptions& preprocess,
                       torch::Dtype cache_dtype) {
  Sha256 hash;
  for (const auto& [name, tensor] : model.tensors()) {
    if (!name.starts_with("model.visual.")) continue;
    hash.update(name);
    add_tensor(hash, *tensor);
  }
  for (const auto& [path, linear] : model.linears()) {
    if (!path.starts_with("model.visual.") || !linear->quantised) continue;
    hash.update(path);
    add_tensor(hash, linear->quantised->dequantise(torch::kBFloat16));
  }
  hash.update(cat(" arithmetic ", c10::toString(model.dtype()), " on ",
                  c10::DeviceTypeName(model.device().type()), " kept as ",
                  c10::toString(cache_dtype), " area ", preprocess.min_area_px, " to ",
                  preprocess.max_area_px, " decoder ", image::kDecodeVersion));
  for (size_t i = 0; i < 3; ++i) hash.update(cat(" ", preprocess.mean[i], "/", preprocess.std[i]));
  return hash.hex().substr(0, 16);
}

}  // namespace

ImageStore::ImageStore(const prompt::Processor& processor, model::Qwen3Vl* model,
                       const std::string& cache_folder, torch::Dtype cache_dtype,
                       int64_t kept_tokens)
    : processor_(processor), model_(model), dtype_(cache_dtype), kept_tokens_(kept_tokens) {
  if (model == nullptr || cache_folder.empty()) return;
  folder_ = cache_folder + "/" + tower_name(*model, processor.preprocess_options(), cache_dtype);
  make_folder(folder_);
  remove_partial_files_in(folder_);
}

std::string ImageStore::cached_path(const std::string& sha256) const {
  return cat(folder_, "/", sha256.substr(0, 2), "/", sha256, ".safetensors");
}

std::shared_ptr<const image::PatchGrid> ImageStore::read(const std::string& path,
                                                         const std::string& sha256) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = by_path_.find(path);
    if (known != by_path_.end()) {
      if (auto grid = known->second.grid.lock()) return grid;
    }
  }
  std::string name = sha256;
  std::shared_ptr<image::PatchGrid> grid;
  if (!folder_.empty()) {
    if (name.empty()) name = sha256_hex_of_file(path);
    if (file_exists(cached_path(name))) {
      try {
        const tensorio::SafetensorsFile file(cached_path(name));
        auto found = std::make_shared<image::PatchGrid>();
        found->grid_h = std::stoll(file.metadata().at("grid_h"));
        found->grid_w = std::stoll(file.metadata().at("grid_w"));
        grid = std::move(found);
      } catch (const PassingError&) {
        throw;
      } catch (const std::exception&) {
        // Cut short by a power loss, or not ours: made anew.
        std::error_code ignored;
        std::filesystem::remove(cached_path(name), ignored);
      }
    }
  }
  if (!grid) {
    grid = std::make_shared<image::PatchGrid>(
        *processor_.patches(data::read_image(path, sha256), path));
  }
  const std::lock_guard lock(mutex_);
  Known& known = by_path_[path];
  // Another thread may have read it meanwhile; all samples must hold the same object.
  if (auto other = known.grid.lock()) return other;
  known = {grid, name};
  path_of_[grid.get()] = path;
  return grid;
}

ImageStore::Entry ImageStore::entry_of(const image::PatchGrid& grid) {
  const std::lock_guard lock(mutex_);
  const auto path = path_of_.find(&grid);
  LMC_CHECK(path != path_of_.end(), "an image that read() did not give");
  return {path->second, by_path_.at(path->second).sha256};
}

void ImageStore::store(const model::VisionFeatures& features, const image::PatchGrid& grid,
                       const std::string& path) const {
  std::vector<tensorio::TensorInfo> infos;
  std::vector<torch::Tensor> values;
  const auto add = [&](const std::string& name, const torch::Tensor& tensor) {
    values.push_back(tensor.to(torch::kCPU).contiguous());
    infos.push_back({name, model::stored_dtype(tensor.scalar_type()), tensor.sizes().vec()});
  };
  add("merged", features.merged_MH);
  for (size_t k = 0; k < features.deepstack_MH.size(); ++k) {
    add(cat("deepstack.", k), features.deepstack_MH[k]);
  }
  make_folder(std::filesystem::path(path).parent_path().string());
  tensorio::SafetensorsWriter writer(path, infos,
                                     {{"grid_h", cat(grid.grid_h)}, {"grid_w", cat(grid.grid_w)}});
  for (const torch::Tensor& value : values) {
    writer.write({static_cast<const std::byte*>(value.const_data_ptr()), value.nbytes()});
  }
  writer.finish();
}

model::VisionFeatures ImageStore::from_cache(const std::string& path) const {
  const tensorio::SafetensorsFile file(path);
  const auto take = [&](const std::string& name) {
    return model::to_torch(file.tensors().at(name), file.path(), {dtype_, torch::kCPU}).clone();
  };
  model::VisionFeatures features;
  features.merged_MH = take("merged");
  while (file.tensors().contains(cat("deepstack.", features.deepstack_MH.size()))) {
    features.deepstack_MH.push_back(take(cat("deepstack.", features.deepstack_MH.size())));
  }
  return features;
}

model::VisionFeatures ImageStore::find_or_make(const image::PatchGrid& image) {
  const Entry entry = entry_of(image);
  const bool has_pixels = !image.pixel_values_PF.empty();
  if (!has_pixels && !folder_.empty()) {
    ++found_;
    return from_cache(cached_path(entry.sha256));
  }
  // Pixels that were let go are read once more.
  const auto again =
      has_pixels ? nullptr : processor_.patches(data::read_image(entry.path, ""), entry.path);
  model::VisionFeatures features = model_->features_of(again ? *again : image);
  ++made_;
  if (!folder_.empty()) {
    change_all(features, [&](const torch::Tensor& x) { return x.to(dtype_); });
    store(features, image, cached_path(entry.sha256));
  }
  return features;
}

void ImageStore::remember(const std::shared_ptr<const image::PatchGrid>& image,
                          const model::VisionFeatures& features) {
  const int64_t rows = features.merged_MH.size(0);
  if (recent_rows_ + rows > kept_tokens_) {
    recent_.clear();
    recent_rows_ = 0;
  }
  if (recent_.emplace(image, features).second) recent_rows_ += rows;
  // The pixels are sixteen times as large as the features of a small model, and not needed again.
  // Their memory goes with them, which an assignment of nothing would keep.
  if (const auto grid = by_path_.at(path_of_.at(image.get())).grid.lock()) {
    std::vector<float>().swap(grid->pixel_values_PF);
  }
}

model::VisionFeatures ImageStore::features(const std::shared_ptr<const image::PatchGrid>& image) {
  std::unique_lock lock(mutex_);
  made_one_.wait(lock, [&] { return !in_making_.contains(image.get()); });
  const auto recent = recent_.find(image);
  if (recent != recent_.end()) return recent->second;
  LMC_CHECK(model_ != nullptr, "the vision tower is trained");
  in_making_.insert(image.get());
  lock.unlock();
  model::VisionFeatures features;
  std::exception_ptr error;
  try {
    features = find_or_make(*image);
    change_all(features,
               [&](const torch::Tensor& x) { return x.to(model_->device(), model_->dtype()); });
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  in_making_.erase(image.get());
  made_one_.notify_all();
  if (error) std::rethrow_exception(error);
  remember(image, features);
  return features;
}

}  // namespace lmc::train
