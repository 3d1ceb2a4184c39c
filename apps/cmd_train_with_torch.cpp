// `litemedcot train`: a LoRA adapter, or all weights.
#include <ATen/Context.h>
#include <torch/version.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "apps/command.h"
#include "apps/torch_model.h"
#include "eval/evaluate.h"        // evaluate
#include "model/lora.h"           // lora_pairs
#include "model/torch_engine.h"   // TorchEngine
#include "prompt/processor.h"     // Processor
#include "train/process_group.h"  // make_process_group
#include "train/train.h"          // TrainOptions, train

namespace lmc::apps {

namespace {

struct TrainCommandOptions {
  EngineOptions engine;
  train::TrainOptions training;

  std::vector<Field> engine_fields() {
    std::vector<Field> fields = engine.fields();
    std::erase_if(
        fields, [](const Field& field) { return field.name == "adapter" || field.name == "tier"; });
    return fields;
  }
  std::vector<Field> fields() {
    std::vector<Field> all;
    append_fields(all, "Model", engine_fields());
    for (Field& field : training.fields()) all.push_back(field);
    return all;
  }
};

// On a CPU, products of f32 are faster than those of bf16, and a frozen weight may stay as narrow
// as it is stored; all weights of a full run are f32.
void choose_arithmetic(TrainCommandOptions& options) {
  EngineOptions& engine = options.engine;
  const bool on_cpu = engine.device == "cpu" || (engine.device == "auto" && !at::hasCUDA());
  if (engine.dtype == "auto" && (options.training.full || on_cpu)) engine.dtype = "float32";
  if (engine.storage == "auto") {
    engine.storage = options.training.full || !on_cpu ? "arithmetic" : "checkpoint";
  }
  if (options.training.full && engine.storage != "arithmetic") {
    throw InputError("--storage", cat(engine.storage, " weights cannot be trained"),
                     "leave out --full, or --storage");
  }
}

// Accuracy by the likelihood of the letters, as `evaluate --mode likelihood` has it; the answers of
// each validation are kept.
train::MeasureAccuracy accuracy_of(const TrainCommandOptions& options, model::Qwen3Vl& model,
                                   prompt::Processor& processor) {
  if (options.training.validation.empty()) return {};
  return [&](int64_t step) {
    eval::EvaluateOptions evaluation;
    evaluation.questions = options.training.validation;
    evaluation.out = cat(options.training.out, "/validation/step-", step);
    evaluation.mode = "likelihood";
    evaluation.reply = "answer";
    const auto set_training = [&](bool training) {
      for (const auto& [path, pair] : model::lora_pairs(model)) pair->training = training;
    };
    set_training(false);
    model::TorchEngine engine(model);
    std::ostringstream quiet;
    const record::Result result = eval::evaluate(engine, processor, evaluation, {}, quiet);
    set_training(true);
    return result.overall.accuracy;
  };
}

void run_training(TrainCommandOptions& options) {
  options.training.check();
  choose_arithmetic(options);
  const auto group = train::make_process_group(options.training.collectives);
  if (group->size() > 1 && options.engine.device == "auto" && at::hasCUDA()) {
    options.engine.device = cat("cuda:", train::local_rank());
  }
  prompt::Processor processor(options.engine.model);
  const auto model = load_torch_model(options.engine);
  record::Manifest manifest;
  manifest.options = fields_to_json(options.engine_fields());
  manifest.inputs = {options.engine.model};
  manifest.libraries = {{"torch", TORCH_VERSION}};
  manifest.device = model->device().str() + ", " + c10::toString(model->dtype());
  std::ofstream nowhere;
  const bool is_first = group->rank() == 0;
  const train::TrainResult result =
      train::train(*model, options.engine.model, processor, options.training, std::move(manifest),
                   accuracy_of(options, *model, processor), *group, is_first ? std::cerr : nowhere);
  if (is_first) std::cout << train::summary(result);
}

}  // namespace

Command train_command() {
  const auto options = std::make_shared<TrainCommandOptions>();
  return {"train",
          "teach a student by LoRA, or all its weights",
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
