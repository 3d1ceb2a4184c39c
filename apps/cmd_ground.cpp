// `litemedcot ground`: whether a model answers from the image, where it looks, and whether its
// answer follows its reasoning.
#include <iostream>
#include <memory>
#include <utility>

#include "apps/command.h"
#include "apps/engine_loader.h"  // EngineOptions, engine_manifest, load_engine
#include "grounding/ground.h"    // GroundOptions, ground, rescore
#include "prompt/processor.h"    // Processor

namespace lmc::apps {

namespace {

struct GroundCommandOptions {
  EngineOptions engine;
  eval::EndpointModel endpoint;
  grounding::GroundOptions grounding;

  std::vector<Field> fields() {
    std::vector<Field> all;
    append_fields(all, "Model", engine.fields());
    for (Field& field : grounding.fields()) all.push_back(field);
    for (Field& field : endpoint.fields()) all.push_back(field);
    for (Field& field : all) {
      if (std::exchange(field.required, false)) field.required_to = "ask a model";
    }
    return all;
  }
};

record::GroundingResult with_endpoint(GroundCommandOptions& options) {
  options.endpoint.model = options.engine.model;
  return grounding::ground(options.endpoint, options.grounding, std::cerr);
}

record::GroundingResult with_engine(GroundCommandOptions& options) {
  check_fields(options.engine.fields(), "litemedcot ground");
  if (!options.grounding.out.empty()) {
    // Refused before the model is loaded.
    const record::OutputFolder folder(grounding::run_output(
        options.grounding.out,
        {options.grounding.questions, options.engine.model, options.engine.adapter}));
  }
  const prompt::Processor processor(options.engine.model);
  const auto engine = load_engine(options.engine);
  return grounding::ground(*engine, processor, options.grounding,
                           engine_manifest(options.engine, *engine), std::cerr);
}

void run_grounding(GroundCommandOptions& options) {
  std::cout << grounding::summary(
      !options.grounding.rescore.empty()
          ? grounding::rescore(options.grounding.rescore, options.grounding.name)
      : options.endpoint.endpoint.empty() ? with_engine(options)
                                          : with_endpoint(options));
}

}  // namespace

Command ground_command() {
  const auto options = std::make_shared<GroundCommandOptions>();
  return {"ground",
          "does it look: changed images, occlusion maps, changed reasoning",
          "  litemedcot ground --model DIR --adapter ADAPTER \\\n"
          "      --questions questions/test/questions.jsonl --out runs/distilled-grounding\n"
          "  litemedcot ground --model DIR --questions Q --reply reasoning \\\n"
          "      --conditions shuffled grey --out runs/grounding\n"
          "  litemedcot ground --endpoint http://127.0.0.1:8000/v1 --model NAME \\\n"
          "      --questions Q --reply reasoning --out runs/teacher-grounding\n"
          "  litemedcot ground --rescore runs/grounding\n",
          options->fields(),
          "",
          [options] { run_grounding(*options); }};
}

}  // namespace lmc::apps
