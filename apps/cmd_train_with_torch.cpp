// `litemedcot train`: a LoRA adapter, or all weights.
#include <ATen/Context.h>
#include <torch/version.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include "apps/command.h"
#include "apps/torch_model.h"
#include "eval/evaluate.h"           // evaluate
#include "model/process_settings.h"  // apply
#include "model/torch_engine.h"      // TorchEngine
#include "prompt/processor.h"        // Processor
#include "record/output.h"           // OutputFolder
#include "spec/model_folder.h"       // model_files
#include "train/process_group.h"     // make_process_group
#include "train/train.h"             // TrainOptions, train

namespace lmc::apps {

namespace {

struct TrainCommandOptions {
  EngineOptions engine;
  train::TrainOptions training;

  std::vector<Field> engine_fields() {
    std::vector<Field> fields = engine.folder_fields();
    std::erase_if(fields, [](const Field& field) { return field.name == "adapter"; });
    // A training may go on on another device.
    for (Field& field : fields) field.decides = field.decides && field.name != "device";
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
void choose_compute_dtype(TrainCommandOptions& options) {
  EngineOptions& engine = options.engine;
  const bool on_cpu = engine.device == "cpu" || (engine.device == "auto" && !at::hasCUDA());
  if (engine.dtype == tensorio::DtypeChoice::kAuto && (options.training.full || on_cpu)) {
    engine.dtype = tensorio::DtypeChoice::kFloat32;
  }
  if (engine.storage == StorageChoice::kAuto) {
    engine.storage = options.training.full || !on_cpu ? StorageChoice::kComputeDtype
                                                      : StorageChoice::kCheckpoint;
  }
  if (options.training.full && engine.storage != StorageChoice::kComputeDtype) {
    throw InputError("--storage", cat(name_of(engine.storage), " weights cannot be trained"),
                     "leave out --full, or --storage");
  }
}

// Accuracy by the likelihood of the letters, as `evaluate --mode likelihood` has it; the answers of
// each validation are kept.
train::MeasureAccuracy accuracy_of(const TrainCommandOptions& options, model::Qwen3Vl& model,
                                   const prompt::Processor& processor) {
  if (options.training.validation.empty()) return {};
  return [&](int64_t step) {
    eval::EvaluateOptions evaluation;
    evaluation.questions = options.training.validation;
    evaluation.out = cat(options.training.out, "/validation/step-", step);
    evaluation.mode = eval::AnswerMode::kLikelihood;
    evaluation.reply = prompt::ReplyStyle::kAnswerOnly;
    evaluation.max_image_area = options.training.max_image_area;
    model::TorchEngine engine(model);
    std::ostringstream quiet;
    const record::Result result = eval::evaluate(engine, processor, evaluation, {}, quiet);
    return result.overall.accuracy;
  };
}

void run_training(TrainCommandOptions& options) {
  options.training.check();
  choose_compute_dtype(options);
  const auto group = train::make_process_group(options.training.collectives);
  if (group->size() > 1 && options.engine.device == "auto" && at::hasCUDA()) {
    options.engine.device = cat("cuda:", train::local_rank());
  }
  // Held to the end: the folder is this process's, and refused before the model is loaded.
  const bool is_first = group->rank() == 0;
  std::optional<record::OutputFolder> folder;
  if (is_first && !options.training.dry_run) {
    folder.emplace(train::run_output(options.training, options.engine.model));
  }
  model::apply({.deterministic = options.training.deterministic});
  const prompt::Processor processor(options.engine.model);
  const auto model = load_torch_model(options.engine);
  record::Manifest manifest;
  manifest.add_options(options.engine_fields());
  manifest.inputs.emplace_back(options.engine.model, spec::model_files(options.engine.model));
  manifest.libraries = {{"torch", TORCH_VERSION}};
  manifest.device = model->device().str() + ", " + c10::toString(model->dtype());
  std::ofstream nowhere;
  const train::TrainResult result =
      train::train({.model = *model,
                    .model_folder = options.engine.model,
                    .processor = processor,
                    .options = options.training,
                    .manifest = std::move(manifest),
                    .accuracy = accuracy_of(options, *model, processor),
                    .group = *group,
                    .out = is_first ? std::cerr : nowhere});
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
