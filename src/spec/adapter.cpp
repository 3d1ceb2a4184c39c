#include "spec/adapter.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "base/check.h"           // InputError
#include "spec/lora_targets.h"    // selected_modules
#include "spec/model_folder.h"    // check_adapter_folder
#include "spec/tensor_table.h"    // canonical_module_path, linear_table, without_wrappers
#include "tensorio/finite.h"      // check_finite
#include "tensorio/shape_text.h"  // shape_text

namespace lmc::spec {

namespace {

using tensorio::Dtype;
using tensorio::TensorView;
using Role = AdapterTensorName::Role;

std::string checked(const std::string& folder) {
  check_adapter_folder(folder);
  return folder;
}

// "lora_A.default.weight" behind a path: the marker, then an adapter's name or none, then "weight"
// or, for magnitudes, none.
struct Tail {
  Role role;
  std::string_view marker;
};
constexpr Tail kTails[] = {
    {Role::kA, ".lora_A"}, {Role::kB, ".lora_B"}, {Role::kMagnitude, ".lora_magnitude_vector"}};

std::string without_prefixes(std::string path) {
  for (const std::string_view prefix : {"base_model.model.", "base_model."}) {
    if (path.starts_with(prefix)) {
      path.erase(0, prefix.size());
      break;
    }
  }
  return path;
}

// A path inside the base, however old, as it is called now.
std::string path_inside_base(std::string path) {
  if (path.starts_with("model.model.")) path.erase(0, std::string_view("model.").size());
  if (path.starts_with("layers.")) path.insert(0, "model.");
  if (path.starts_with("blocks.")) path.insert(0, "visual.");
  return canonical_module_path(path);
}

// The tensors found for one layer.
struct Found {
  std::string stored_path;
  const TensorView* tensors[3] = {nullptr, nullptr, nullptr};  // by role
};

std::string made_for(const LoraConfig& config) {
  return config.base_model.empty() ? "the adapter belongs to another base model or rank"
                                   : cat("the adapter was made for ", config.base_model);
}

std::map<std::string, Found> by_layer(const tensorio::SafetensorsFile& file) {
  std::map<std::string, Found> layers;
  std::optional<std::string> adapter;
  for (const auto& [name, view] : file.tensors()) {
    const std::string where = cat(file.path(), ": tensor ", name);
    const auto parsed = parse_adapter_tensor_name(name);
    if (!parsed) {
      throw InputError(where, "is no tensor of a LoRA pair",
                       "merge the adapter with peft and load the merged folder");
    }
    // peft leaves its own name for magnitudes alone in files that name the adapter elsewhere.
    const bool unnamed = parsed->role == Role::kMagnitude && parsed->adapter.empty();
    if (adapter && *adapter != parsed->adapter && !unnamed) {
      throw InputError(
          where,
          cat("the file holds two adapters, \"", *adapter, "\" and \"", parsed->adapter, "\""),
          "save one alone with peft's save_pretrained");
    }
    if (!unnamed) adapter = parsed->adapter;
    Found& found = layers[parsed->path];
    found.stored_path = parsed->stored_path;
    const TensorView*& place = found.tensors[static_cast<size_t>(parsed->role)];
    if (place != nullptr) throw InputError(where, cat("is a second one for ", parsed->path));
    place = &view;
  }
  return layers;
}

void check_tensor(const TensorView& view, const std::vector<int64_t>& shape,
                  const std::string& where, const LoraConfig& config) {
  const Dtype dtype = view.info.dtype;
  if (dtype != Dtype::kF32 && dtype != Dtype::kBF16 && dtype != Dtype::kF16) {
    throw InputError(where, cat("expected F32, BF16 or F16, found ", tensorio::dtype_name(dtype)));
  }
  if (view.info.shape != shape) {
    throw InputError(where,
                     cat("expected shape ", tensorio::shape_text(shape), ", found ",
                         tensorio::shape_text(view.info.shape)),
                     made_for(config));
  }
  tensorio::check_finite(view, where);
}

// A layer that this model has not, or that is none.
[[noreturn]] void fail_without_layer(const std::string& where, const std::string& path,
                                     const LoraConfig& config) {
  if (path.ends_with("patch_embed.proj")) {
    throw InputError(where, "corrects the convolution that embeds patches, which is not supported",
                     "merge the adapter with peft and load the merged folder");
  }
  if (path == "lm_head" || path.ends_with("embed_tokens") || path.ends_with("pos_embed")) {
    throw InputError(where, cat("corrects ", path, ", which is not supported"),
                     "merge the adapter with peft and load the merged folder");
  }
  throw InputError(where, cat("the model has no linear layer ", path), made_for(config));
}

// Every layer the targets select is there, and no other. A regular expression that selects none of
// those found was written for other paths and says nothing about these.
void check_complete(const std::map<std::string, Found>& found, const LoraConfig& config,
                    const ModelConfig& model, const std::string& file) {
  const auto selected = selected_modules(config, model);
  if (!selected) return;
  const bool selects_none = std::none_of(
      found.begin(), found.end(), [&](const auto& one) { return selected->contains(one.first); });
  if (config.target_is_regex && selects_none) return;
  for (const auto& [path, layer] : found) {
    if (selected->contains(path)) continue;
    throw InputError(cat(file, ": tensor ", lora_a_name(layer.stored_path)),
                     "belongs to no target of adapter_config.json");
  }
  for (const LinearSpec& linear : linear_table(model)) {
    if (!selected->contains(linear.path) || found.contains(linear.path)) continue;
    throw InputError(cat(file, ": tensor ", lora_a_name(linear.path)), "missing");
  }
}

bool is_zero(const TensorView& view) {
  const auto size = static_cast<size_t>(tensorio::dtype_bytes(view.info.dtype));
  for (size_t i = 0; i < view.bytes.size(); ++i) {
    // Of minus zero the sign is set: the topmost bit of an element's last byte.
    const auto sign = i % size == size - 1 ? std::byte{0x80} : std::byte{0};
    if ((view.bytes[i] & ~sign) != std::byte{0}) return false;
  }
  return true;
}

}  // namespace

std::optional<AdapterTensorName> parse_adapter_tensor_name(const std::string& name) {
  for (const auto& [role, marker] : kTails) {
    const size_t at = name.rfind(marker);
    if (at == name.npos || at == 0) continue;
    std::string_view rest = std::string_view(name).substr(at + marker.size());
    if (rest.ends_with(".weight")) {
      rest.remove_suffix(std::string_view(".weight").size());
    } else if (role != Role::kMagnitude) {
      return std::nullopt;
    }
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      if (rest.empty() || rest.find('.') != rest.npos || rest == "bias") return std::nullopt;
    } else if (!rest.empty()) {
      return std::nullopt;
    }
    AdapterTensorName parsed;
    parsed.role = role;
    parsed.adapter = std::string(rest);
    parsed.stored_path = without_prefixes(without_wrappers(name.substr(0, at)));
    parsed.path = path_inside_base(parsed.stored_path);
    return parsed;
  }
  return std::nullopt;
}

Adapter::Adapter(const std::string& folder, const ModelConfig& model)
    : folder_(checked(folder)),
      config_(read_lora_config(folder + "/adapter_config.json")),
      file_(folder + "/adapter_model.safetensors") {
  std::map<std::string, LinearSpec> linears;
  for (const LinearSpec& linear : linear_table(model)) linears[linear.path] = linear;
  const std::map<std::string, Found> layers = by_layer(file_);
  if (layers.empty()) throw InputError(file_.path(), "holds no tensor");
  for (const auto& [path, found] : layers) {
    const auto [a, b, magnitude] = found.tensors;
    const auto where = [&](const TensorView* view, const std::string& otherwise) {
      return cat(file_.path(), ": tensor ", view ? view->info.name : otherwise);
    };
    const TensorView* any = a ? a : b ? b : magnitude;
    const auto linear = linears.find(path);
    if (linear == linears.end()) fail_without_layer(where(any, ""), path, config_);
    const std::string at_a = where(a, lora_a_name(found.stored_path));
    const std::string at_b = where(b, lora_b_name(found.stored_path));
    const std::string at_magnitude = where(magnitude, lora_magnitude_name(found.stored_path));
    if (!a) throw InputError(at_a, "missing");
    if (!b) throw InputError(at_b, "missing");
    if (config_.use_dora && !magnitude) throw InputError(at_magnitude, "missing");
    if (!config_.use_dora && magnitude) {
      throw InputError(at_magnitude, "is DoRA's, but \"use_dora\" is not on in the configuration");
    }
    const int64_t rank = a->info.shape.empty() ? 0 : a->info.shape.front();
    const auto said = rank_by_paths(config_, {found.stored_path, path});
    if (said && *said != rank && a->info.shape.size() == 2) {
      throw InputError(at_a, cat("is of rank ", rank, ", but adapter_config.json says ", *said),
                       made_for(config_));
    }
    const LinearSpec& sizes = linear->second;
    check_tensor(*a, {rank, sizes.in_features}, at_a, config_);
    check_tensor(*b, {sizes.out_features, rank}, at_b, config_);
    if (magnitude) check_tensor(*magnitude, {sizes.out_features}, at_magnitude, config_);
    if (rank < 1) throw InputError(at_a, "is of rank 0");
    const double alpha = alpha_by_paths(config_, {found.stored_path, path});
    layers_.push_back({path, rank, alpha, scale_of(config_, alpha, rank), a, b, magnitude});
  }
  check_complete(layers, config_, model, file_.path());
  keep_patterns_exact();
}

bool Adapter::changes_nothing() const {
  return std::all_of(layers_.begin(), layers_.end(), [](const AdapterLayer& layer) {
    return layer.magnitude == nullptr && is_zero(*layer.b);
  });
}

// The configuration says the same of the layers by the paths they have now.
void Adapter::keep_patterns_exact() {
  const bool exact = std::all_of(layers_.begin(), layers_.end(), [&](const AdapterLayer& layer) {
    return rank_by_paths(config_, {layer.path}) == layer.rank &&
           alpha_by_paths(config_, {layer.path}) == layer.alpha;
  });
  if (exact) return;
  config_.rank_pattern.clear();
  config_.alpha_pattern.clear();
  for (const AdapterLayer& layer : layers_) {
    if (layer.rank != config_.rank) config_.rank_pattern.emplace_back(layer.path, layer.rank);
    if (layer.alpha != config_.alpha) config_.alpha_pattern.emplace_back(layer.path, layer.alpha);
  }
}

}  // namespace lmc::spec
