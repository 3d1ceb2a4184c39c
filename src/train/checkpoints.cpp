#include "train/checkpoints.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <sstream>

#include "base/check.h"            // InputError
#include "base/files.h"            // make_folder, write_file
#include "model/weights.h"         // stored_dtype, torch_dtype
#include "record/run_identity.h"   // identity_difference
#include "tensorio/safetensors.h"  // SafetensorsFile, SafetensorsWriter

namespace lmc::train {

namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "step-";

std::string folder_of(const std::string& out) { return out + "/checkpoints"; }

std::string name_of(int64_t step) {
  std::ostringstream name;
  name << kPrefix << std::setw(6) << std::setfill('0') << step;
  return name.str();
}

// Whole checkpoints by step, oldest first.
std::vector<std::pair<int64_t, fs::path>> checkpoints_in(const std::string& out) {
  std::vector<std::pair<int64_t, fs::path>> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder_of(out), none)) {
    const std::string name = entry.path().filename().string();
    const std::string digits = name.substr(std::min(name.size(), sizeof kPrefix - 1));
    if (!name.starts_with(kPrefix) || digits.empty() ||
        digits.find_first_not_of("0123456789") != digits.npos) {
      continue;
    }
    found.emplace_back(std::stoll(digits), entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

struct Stored {
  std::string name;
  torch::Tensor tensor;
};

// The stored tensors are those the optimiser holds, so writing to one changes the run.
std::vector<Stored> stored_tensors(AdamW& optimiser) {
  std::vector<Stored> all;
  for (size_t i = 0; i < optimiser.parameters().size(); ++i) {
    const Parameter& parameter = optimiser.parameters()[i];
    all.push_back({"value/" + parameter.name, parameter.value.detach()});
    all.push_back({"first_moment/" + parameter.name, optimiser.first_moments()[i]});
    all.push_back({"second_moment/" + parameter.name, optimiser.second_moments()[i]});
  }
  return all;
}

void load_tensors(const tensorio::SafetensorsFile& file, AdamW& optimiser) {
  for (Stored& stored : stored_tensors(optimiser)) {
    const auto found = file.tensors().find(stored.name);
    const std::string where = cat(file.path(), ": tensor ", stored.name);
    if (found == file.tensors().end()) throw InputError(where, "missing");
    if (found->second.info.shape != stored.tensor.sizes().vec()) {
      throw InputError(where, "its shape is that of another run");
    }
    stored.tensor.copy_(
        model::to_torch(found->second, where, {stored.tensor.scalar_type(), torch::kCPU}));
  }
}

Json to_json(const RunState& state) {
  return {{"step", state.step},
          {"tokens", state.tokens},
          {"computed_tokens", state.computed_tokens},
          {"skipped_samples", state.skipped_samples},
          {"skipped_steps", state.skipped_steps},
          {"seconds", state.seconds},
          {"best_validation_loss", state.best_validation_loss},
          {"best_step", state.best_step},
          {"validations_since", state.validations_since}};
}

RunState run_state_from_json(const Json& json, const std::string& where) {
  RunState state;
  state.step = json_get<int64_t>(json, "step", where);
  state.tokens = json_get<int64_t>(json, "tokens", where);
  state.computed_tokens = json_get<int64_t>(json, "computed_tokens", where);
  state.skipped_samples = json_get<int64_t>(json, "skipped_samples", where);
  state.skipped_steps = json_get<int64_t>(json, "skipped_steps", where);
  state.seconds = json_get<double>(json, "seconds", where);
  state.best_validation_loss = json_get<double>(json, "best_validation_loss", where);
  state.best_step = json_get<int64_t>(json, "best_step", where);
  state.validations_since = json_get<int64_t>(json, "validations_since", where);
  return state;
}

}  // namespace

void save_run(const std::string& out, const RunState& state, AdamW& optimiser,
              const Json& identity) {
  const std::string final_name = checkpoint_folder(out, state.step);
  if (file_exists(final_name)) return;  // written before, by the same steps
  const std::string temporary = folder_of(out) + "/unfinished";
  fs::remove_all(temporary);
  make_folder(temporary);
  const std::vector<Stored> all = stored_tensors(optimiser);
  std::vector<tensorio::TensorInfo> infos;
  for (const Stored& stored : all) {
    infos.push_back({stored.name, model::stored_dtype(stored.tensor.scalar_type()),
                     stored.tensor.sizes().vec()});
  }
  tensorio::SafetensorsWriter writer(temporary + "/state.safetensors", infos);
  for (const Stored& stored : all) {
    const auto bytes = stored.tensor.to(torch::kCPU).contiguous();
    writer.write({static_cast<const std::byte*>(bytes.const_data_ptr()), bytes.nbytes()});
  }
  writer.finish();
  Json json = to_json(state);
  json["schema"] = 1;
  json["optimiser_steps"] = optimiser.steps_done();
  json["identity"] = identity;
  write_file(temporary + "/state.json", to_pretty_text(json));
  fs::rename(temporary, final_name);
}

std::optional<RunState> load_run(const std::string& out, AdamW& optimiser, const Json& identity) {
  const auto found = checkpoints_in(out);
  if (found.empty()) return std::nullopt;
  const fs::path& newest = found.back().second;
  const std::string where = (newest / "state.json").string();
  const Json json = read_json(where);
  if (!json.is_object() || !json.contains("identity") || !json["identity"].is_object()) {
    throw InputError(where, "key \"identity\" is missing");
  }
  const std::string differs = record::identity_difference(json["identity"], identity);
  if (!differs.empty()) {
    throw InputError(out, cat("holds a run that differs: ", differs),
                     "name another folder with --out, or repeat the first command to continue");
  }
  const c10::NoGradGuard no_grad;
  load_tensors(tensorio::SafetensorsFile((newest / "state.safetensors").string()), optimiser);
  optimiser.set_steps_done(json_get<int64_t>(json, "optimiser_steps", where));
  return run_state_from_json(json, where);
}

int64_t newest_step(const std::string& out) {
  const auto found = checkpoints_in(out);
  return found.empty() ? -1 : found.back().first;
}

std::string checkpoint_folder(const std::string& out, int64_t step) {
  return folder_of(out) + "/" + name_of(step);
}

void remove_old_runs(const std::string& out, int64_t keep) {
  const auto found = checkpoints_in(out);
  for (size_t i = 0; i + static_cast<size_t>(keep) < found.size(); ++i) {
    fs::remove_all(found[i].second);
  }
}

}  // namespace lmc::train
