// `litemedcot export`: a model and its adapter as one folder that other programs load.
#include <iostream>
#include <memory>
#include <optional>

#include "apps/command.h"
#include "apps/engine_loader.h"  // EngineOptions, load_engine
#include "base/check.h"          // InputError
#include "base/progress.h"       // Progress
#include "export/merge.h"        // merge
#include "export/same_logits.h"  // trace_logits, compare
#include "image/image.h"         // Image
#include "prompt/processor.h"    // Processor
#include "prompt/question.h"     // question_messages
#include "record/manifest.h"     // Manifest
#include "spec/model_folder.h"   // model_files

namespace lmc::apps {

namespace {

constexpr int64_t kSteps = 8;  // tokens after each prompt

struct ExportOptions {
  std::string model;
  std::string adapter;
  std::string format = "hf";
  tensorio::DtypeChoice dtype = tensorio::DtypeChoice::kAuto;
  std::string out;
  bool verify = true;
  std::string device = "auto";
  int64_t threads = 0;

  std::vector<Field> fields() {
    return {
        {"model", "Hugging Face folder of the base", as_folder(&model), true},
        {"adapter", "PEFT adapter folder to merge into it", as_folder(&adapter)},
        {"format", "hf: a merged Hugging Face folder", &format, false, {"hf"}},
        {"dtype", "type of the written weights; auto: as the base stores them", &dtype},
        {"out", "the new folder", as_folder(&out), true},
        {"verify", "compare the logits of base + adapter with those of the new folder", &verify},
        {"device", "of the comparison: auto, cpu, cuda or cuda:N", &device},
        {"threads", "CPU threads of the comparison; 0: all", &threads, from_to(0, 1024)}};
  }
};

// A question about an image, and one without.
std::vector<prompt::ModelInput> prompts_for(const prompt::Processor& processor) {
  constexpr int64_t kSide = 128;
  image::Image image{kSide, kSide, {}};
  for (int64_t y = 0; y < kSide; ++y) {
    for (int64_t x = 0; x < kSide; ++x) {
      const bool in_disc = (x - 40) * (x - 40) + (y - 70) * (y - 70) < 30 * 30;
      const auto gray = static_cast<uint8_t>(in_disc ? 220 : x + y / 2);
      image.rgb_HWC.insert(image.rgb_HWC.end(), 3, gray);
    }
  }
  const prompt::QuestionText question{
      "What is seen?",
      {{'A', "A round opacity"}, {'B', "Free air"}, {'C', "A fracture"}, {'D', "Nothing"}},
      ""};
  const auto style = prompt::ReplyStyle::kReasoningThenAnswer;
  std::vector<prompt::ModelInput> prompts;
  prompts.push_back(processor.for_reply(prompt::question_messages(question, style, true),
                                        {processor.patches(image, "the test image")}));
  prompts.push_back(processor.for_reply(prompt::question_messages(question, style, false), {}));
  return prompts;
}

exporting::LogitChange verify(const ExportOptions& options, const std::string& folder) {
  const std::vector<prompt::ModelInput> prompts = prompts_for(prompt::Processor(options.model));
  EngineOptions engine;
  engine.dtype = tensorio::DtypeChoice::kFloat32;
  // Read where it lies, so that two bytes a weight stay two.
  engine.storage = StorageChoice::kCheckpoint;
  engine.device = options.device;
  engine.threads = options.threads;
  engine.model = options.model;
  engine.adapter = options.adapter;
  // One after the other: both need not fit into memory.
  const auto before = exporting::trace_logits(*load_engine(engine), prompts, kSteps);
  engine.model = folder;
  engine.adapter.clear();
  const auto after = exporting::trace_logits(*load_engine(engine), prompts, before);
  return exporting::compare(before, after);
}

// Of the logits' spread. Rounding once moves each weight by up to half a unit in its last place;
// through a chain of sums and squares that stays within a few such units, of which 16 are allowed.
// In float32 the order of the sums counts as well.
double most_change(tensorio::Dtype dtype) {
  if (dtype == tensorio::Dtype::kF32) return 1e-4;
  return 16 * (dtype == tensorio::Dtype::kF16 ? 0x1p-11 : 0x1p-8);
}

// Into the manifest and to the user.
// Errors: InputError when the folders disagree.
void check_merged(const ExportOptions& options, const std::string& folder,
                  const exporting::Merged& merged) {
  record::Manifest manifest;
  manifest.command = "export";
  manifest.options = fields_to_json(ExportOptions(options).fields());
  for (const std::string& from : {options.model, options.adapter}) {
    if (!from.empty()) manifest.inputs.emplace_back(from, spec::model_files(from));
  }
  manifest.further["merged"] = {{"tensors", merged.tensors},
                                {"corrected_layers", merged.corrected},
                                {"largest_change_of_a_weight", merged.largest_change}};
  if (options.verify) {
    const exporting::LogitChange change = verify(options, folder);
    manifest.further["verified"] = {{"places", change.places},
                                    {"same_choice", change.same_choice},
                                    {"largest_change_of_a_logit", change.largest},
                                    {"relative_rms", change.relative_rms}};
    std::cerr << "export: at " << change.places << " places the largest change of a logit is "
              << change.largest << " (" << 100 * change.relative_rms
              << " % of their spread); the likeliest token is the same at " << change.same_choice
              << "\n";
    if (!(change.relative_rms <= most_change(merged.dtype))) {
      throw InputError(options.out, "the merged model does not say what base and adapter say",
                       "a wider --dtype; nothing was written");
    }
  }
  record::write_manifest(folder + "/litemedcot_export.json", std::move(manifest));
}

void run_export(const ExportOptions& options) {
  std::optional<Progress> progress;
  const exporting::Merged merged = exporting::merge(
      {options.model, options.adapter, options.out, tensorio::chosen_dtype(options.dtype)},
      [&](int64_t, int64_t total) {
        if (!progress) progress.emplace(std::cerr, "export", total, "tensors");
        progress->add();
      },
      [&](const std::string& folder, const exporting::Merged& done) {
        progress.reset();
        check_merged(options, folder, done);
      });
  std::cout << options.out << ": " << merged.tensors << " tensors, " << merged.corrected
            << " of them corrected by the adapter\n";
}

}  // namespace

Command export_command() {
  const auto options = std::make_shared<ExportOptions>();
  return {"export",
          "merge an adapter into its base, for other programs",
          "  litemedcot export --model DIR --adapter ADAPTER --format hf --out merged\n"
          "  litemedcot export --model DIR --adapter ADAPTER --dtype float32 --out merged\n",
          options->fields(),
          "",
          [options] { run_export(*options); }};
}

}  // namespace lmc::apps
