// `litemedcot init`: a randomly initialised checkpoint of given dimensions, for speed and memory
// work and as the start of training from scratch.
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "base/files.h"             // file_exists, read_file
#include "record/output.h"          // OutputFolder
#include "spec/companion_files.h"   // companion_names
#include "spec/init_checkpoint.h"   // init_checkpoint
#include "tensorio/dtype_choice.h"  // DtypeChoice

namespace lmc::apps {

namespace {

struct InitOptions {
  std::string source;
  std::string model_config;
  std::string out;
  tensorio::DtypeChoice dtype = tensorio::DtypeChoice::kBFloat16;
  int64_t seed = 0;
  bool for_training = false;

  std::vector<Field> fields() {
    return {
        {"source", "folder with config.json, tokenizer and processor files", as_folder(&source),
         true},
        {"model-config", "dimensions to use instead of the folder's config.json",
         as_file(&model_config)},
        {"out", "folder to write", as_folder(&out), true},
        {"dtype", "stored type", &dtype, false, {"bfloat16", "float32"}},
        {"seed", "names the random weights", &seed},
        {"for-training",
         "weights to train from: small steps in the residual stream, queries that match their keys",
         &for_training}};
  }
};

// A file that is there, unless it is the one that would take its place.
void refuse_other(const std::string& path, const std::string& source) {
  if (!file_exists(path) || !file_exists(source) || read_file(path) == read_file(source)) return;
  throw InputError(path, "is there already, and is another model's",
                   "name another folder with --out");
}

void init(const InitOptions& options) {
  const std::string config =
      options.model_config.empty() ? options.source + "/config.json" : options.model_config;
  const record::OutputFolder folder({options.out,
                                     "init",
                                     {options.source, config},
                                     {"model.safetensors", "model.safetensors.index.json"}});
  refuse_other(options.out + "/config.json", config);
  for (const std::string& name : spec::companion_names()) {
    refuse_other(cat(options.out, "/", name), cat(options.source, "/", name));
  }
  const spec::InitForm form{tensorio::chosen_dtype(options.dtype).value(),
                            static_cast<uint64_t>(options.seed), options.for_training};
  const spec::InitSummary summary =
      spec::init_checkpoint(options.source, config, options.out, form);
  std::cout << options.out << ": " << summary.num_tensors << " tensors, " << summary.num_parameters
            << " parameters, " << summary.num_bytes << " bytes\n";
}

}  // namespace

Command init_command() {
  const auto options = std::make_shared<InitOptions>();
  return {"init",
          "write a randomly initialised checkpoint",
          "  litemedcot init --source Qwen3-VL-2B-Instruct --out random-2b\n"
          "  litemedcot init --source assets/phantom/student --for-training --out start\n",
          options->fields(),
          "",
          [options] { init(*options); }};
}

}  // namespace lmc::apps
