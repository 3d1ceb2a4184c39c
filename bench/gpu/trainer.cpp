// The trainer without the program around it, for builds that have none (LMC_VARIANT gpu).
//
// Usage: bench_trainer init SOURCE MODEL_CONFIG OUT    a random checkpoint in bf16, as `init` makes
//        bench_trainer train RUN.json                  {"model": DIR, "device": "cuda", "dtype":
//            "bfloat16", "storage": "checkpoint", "training": {the options of `train`}}
// The plan and the progress go to the error stream; metrics are in the run's metrics.jsonl and
// result.json.
#include <ATen/Context.h>

#include <iostream>
#include <string>

#include "base/check.h"              // InputError
#include "base/fields.h"             // fields_from_json
#include "model/process_settings.h"  // apply
#include "prompt/processor.h"        // Processor
#include "spec/init_checkpoint.h"    // init_checkpoint
#include "train/process_group.h"     // make_process_group
#include "train/train.h"             // train

namespace {

using namespace lmc;

struct Run {
  std::string model, device = "cpu", dtype = "float32", storage = "arithmetic";
  int64_t threads = 0;
  train::TrainOptions training;

  std::vector<Field> fields() {
    return {{"model", "", &model, true},
            {"device", "", &device},
            {"dtype", "", &dtype, false, {"float32", "bfloat16"}},
            {"storage", "", &storage, false, {"arithmetic", "checkpoint", "int8", "nf4"}},
            {"threads", "", &threads}};
  }
};

model::Storage storage_of(const std::string& name) {
  if (name == "checkpoint") return model::Storage::kCheckpoint;
  if (name == "int8") return model::Storage::kInt8;
  return name == "nf4" ? model::Storage::kNf4 : model::Storage::kComputeDtype;
}

void train_lora(const std::string& path) {
  Json json = read_json(path);
  Run run;
  fields_from_json(run.training.fields(), json.value("training", Json::object()), path);
  json.erase("training");
  fields_from_json(run.fields(), json, path);
  check_fields(run.fields(), path);
  model::apply(
      {.threads = static_cast<int>(run.threads), .deterministic = run.training.deterministic});
  const torch::Device device(run.device);
  if (device.is_cuda() && !at::hasCUDA()) {
    throw InputError(path, "this libtorch sees no CUDA device", "\"device\": \"cpu\"");
  }
  const auto dtype = run.dtype == "bfloat16" ? torch::kBFloat16 : torch::kFloat32;
  const auto model = model::Qwen3Vl::load(run.model, {dtype, device, storage_of(run.storage)});
  const prompt::Processor processor(run.model);
  record::Manifest manifest;
  manifest.add_options(run.fields());
  manifest.inputs = {run.model};
  manifest.device = run.device;
  const auto group = train::make_process_group(run.training.collectives);
  train::train({.model = *model,
                .model_folder = run.model,
                .processor = processor,
                .options = run.training,
                .manifest = std::move(manifest),
                .accuracy = {},
                .group = *group,
                .out = std::cerr});
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  try {
    if (verb == "init" && argc == 5) {
      spec::init_checkpoint(argv[2], argv[3], argv[4], {});
    } else if (verb == "train" && argc == 3) {
      train_lora(argv[2]);
    } else {
      std::cerr << "usage: bench_trainer init SOURCE MODEL_CONFIG OUT | train RUN.json\n";
      return 2;
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
