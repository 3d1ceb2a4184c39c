// `litemedcot train`: a LoRA adapter, or all weights.
#include <torch/version.h>

#include <iostream>
#include <memory>

#include "apps/command.h"
#include "apps/torch_model.h"
#include "prompt/processor.h"  // Processor
#include "train/train.h"       // TrainOptions, train

namespace lmc::apps {

namespace {

struct TrainCommandOptions {
  EngineOptions engine;
  train::TrainOptions training;

  std::vector<Field> engine_fields() {
    std::vector<Field> fields = engine.fields();
    std::erase_if(fields, [](const Field& field) { return field.name == "adapter"; });
    return fields;
  }
  std::vector<Field> fields() {
    std::vector<Field> all = engine_fields();
    for (Field& field : training.fields()) all.push_back(field);
    return all;
  }
};

void run_training(TrainCommandOptions& options) {
  options.training.check();
  if (options.training.full && options.engine.dtype == "auto") options.engine.dtype = "float32";
  prompt::Processor processor(options.engine.model);
  const auto model = load_torch_model(options.engine);
  record::Manifest manifest;
  manifest.options = fields_to_json(options.engine_fields());
  manifest.inputs = {options.engine.model};
  manifest.libraries = {{"torch", TORCH_VERSION}};
  manifest.device = model->device().str() + ", " + c10::toString(model->dtype());
  const train::TrainResult result = train::train(*model, options.engine.model, processor,
                                                 options.training, std::move(manifest), std::cerr);
  std::cout << train::summary(result);
}

}  // namespace

Command train_command() {
  const auto options = std::make_shared<TrainCommandOptions>();
  return {"train",
          "teach a student: LoRA or all weights, from explained questions or conversations",
          "  litemedcot train --model Qwen3-VL-2B-Instruct --questions q/questions.jsonl \\\n"
          "      --explanations ledger.jsonl --target reasoning-answer --out runs/student\n"
          "  litemedcot train --model DIR --questions Q --target answer --out runs/answer-only\n"
          "  litemedcot train --model DIR --full --conversations C.jsonl --out runs/base\n"
          "The same command continues a run that was stopped.\n",
          options->fields(),
          "",
          [options] { run_training(*options); }};
}

}  // namespace lmc::apps
