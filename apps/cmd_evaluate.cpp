// `litemedcot evaluate`: a model's answers to a set of questions, without captions, and how many
// are right.
#include <iostream>
#include <memory>
#include <utility>

#include "apps/command.h"
#include "apps/engine_loader.h"  // EngineOptions, engine_manifest, load_engine
#include "apps/evaluation_actions.h"
#include "eval/evaluate.h"     // EvaluateOptions, evaluate
#include "prompt/processor.h"  // Processor

namespace lmc::apps {

namespace {

struct EvaluateCommandOptions {
  EngineOptions engine;
  eval::EndpointModel endpoint;
  eval::EvaluateOptions evaluation;
  EvaluationActions actions;

  std::vector<Field> fields() {
    std::vector<Field> all;
    append_fields(all, "Model", engine.fields());
    for (Field& field : evaluation.fields()) all.push_back(field);
    for (Field& field : endpoint.fields()) all.push_back(field);
    for (Field& field : all) {
      if (std::exchange(field.required, false)) field.required_to = "ask a model";
    }
    for (Field& field : actions.fields()) all.push_back(field);
    return all;
  }
};

record::Result with_engine(EvaluateCommandOptions& options) {
  check_fields(options.engine.fields(), "litemedcot evaluate");
  if (!options.evaluation.out.empty()) {
    // Refused before the model is loaded.
    const record::OutputFolder folder(eval::run_output(
        options.evaluation.out,
        {options.evaluation.questions, options.engine.model, options.engine.adapter}));
  }
  const prompt::Processor processor(options.engine.model);
  const auto engine = load_engine(options.engine);
  return eval::evaluate(*engine, processor, options.evaluation,
                        engine_manifest(options.engine, *engine), std::cerr);
}

record::Result with_endpoint(EvaluateCommandOptions& options) {
  options.endpoint.model = options.engine.model;
  return eval::evaluate(options.endpoint, options.evaluation, std::cerr);
}

void run_evaluation(EvaluateCommandOptions& options) {
  if (run_evaluation_action(options.actions, options.evaluation)) return;
  std::cout << eval::summary(options.endpoint.endpoint.empty() ? with_engine(options)
                                                               : with_endpoint(options));
}

}  // namespace

Command evaluate_command() {
  const auto options = std::make_shared<EvaluateCommandOptions>();
  return {"evaluate",
          "answer questions without captions; accuracy with its interval",
          "  litemedcot evaluate --model DIR --adapter ADAPTER \\\n"
          "      --questions questions/test/questions.jsonl --out runs/distilled\n"
          "  litemedcot evaluate --model DIR --mode likelihood --questions Q --out runs/fast\n"
          "  litemedcot evaluate ... --samples 8 --temperature 0.7 --shard 2/4 --out runs/part2\n"
          "  litemedcot evaluate --endpoint http://127.0.0.1:8000/v1 --model NAME \\\n"
          "      --questions Q --top-log-probs 20 --out runs/teacher\n"
          "  litemedcot evaluate --merge runs/part1 runs/part2 --out runs/whole\n"
          "  litemedcot evaluate --rescore runs/distilled --extractor medevalkit\n"
          "  litemedcot evaluate --calibrate runs/validation --out calibration.json\n"
          "  litemedcot evaluate --rescore runs/fast --calibration calibration.json \\\n"
          "      --out runs/calibrated\n",
          options->fields(),
          "",
          [options] { run_evaluation(*options); }};
}

}  // namespace lmc::apps
