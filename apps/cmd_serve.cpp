// `litemedcot serve`: the OpenAI chat-completions protocol over a model, on loopback.
#include <filesystem>
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "apps/engine_loader.h"  // EngineOptions, load_engine
#include "base/heap.h"           // limit_heaps
#include "prompt/processor.h"    // Processor
#include "serve/chat_server.h"   // ServeOptions, serve

namespace lmc::apps {

namespace {

struct ServeCommandOptions {
  EngineOptions engine;
  serve::ServeOptions server;
  serve::CaseOptions cases;
  infer::SamplingOptions sampling;
  std::string served_name;
  int64_t max_image_area = 0;

  std::vector<Field> fields() {
    std::vector<Field> all;
    append_fields(all, "Model", engine.fields());
    append_fields(all, "Model",
                  {{"served-name", "name that requests give; default: the folder's", &served_name},
                   {"max-image-area", "image budget in pixels; 0: the model's own", &max_image_area,
                    at_least(0)}});
    append_fields(all, "Server", server.fields());
    append_fields(all, "The page", cases.fields());
    append_fields(all, "Sampling, where a request does not say", sampling.fields());
    return all;
  }
};

std::string folder_name(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).lexically_normal();
  return folder.has_filename() ? folder.filename() : folder.parent_path().filename();
}

void run_server(const ServeCommandOptions& options) {
  limit_heaps(serve::kMaxHeaps);  // before there are threads
  const prompt::Processor processor =
      prompt::Processor(options.engine.model).with_max_area_px(options.max_image_area);
  const auto engine = load_engine(options.engine);
  serve::CaseOptions cases = options.cases;
  if (!cases.audit_log.empty()) {
    // With the hashes of the files, which takes as long as reading them.
    cases.model = record::to_json(record::completed(engine_manifest(options.engine, *engine)));
  }
  const std::string name =
      options.served_name.empty() ? folder_name(options.engine.model) : options.served_name;
  serve::serve(options.server, serve::engine_backend(name, *engine, processor, cases),
               options.sampling, std::cerr);
}

}  // namespace

Command serve_command() {
  const auto options = std::make_shared<ServeCommandOptions>();
  return {"serve",
          "serve a model by the OpenAI chat-completions protocol, on loopback",
          "  litemedcot serve --model Qwen3-VL-2B-Instruct --adapter adapter --port 8080\n"
          "  curl http://127.0.0.1:8080/v1/models\n"
          "  LMC_TOKEN=secret litemedcot serve --model student.lmcd --host 0.0.0.0 \\\n"
          "      --api-key-env LMC_TOKEN --tls-certificate certificate.pem --tls-key key.pem\n",
          options->fields(),
          "",
          [options] { run_server(*options); }};
}

}  // namespace lmc::apps
