// `litemedcot export`: a model and its adapter as one folder that other programs load, as one file
// for devices, or as the two files that llama.cpp loads.
#include <filesystem>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <optional>

#include "apps/command.h"
#include "apps/engine_loader.h"     // EngineOptions, load_engine
#include "base/check.h"             // InputError
#include "base/files.h"             // write_file
#include "base/progress.h"          // Progress
#include "eval/answer_agreement.h"  // agreement_of, answers_of, inputs_of
#include "eval/evaluate.h"          // chosen_questions
#include "export/device_export.h"   // export_device
#include "export/device_quality.h"  // device_quality, quality_bar
#include "export/gguf_export.h"     // export_gguf
#include "export/merge.h"           // merge
#include "export/same_logits.h"     // trace_logits, compare
#include "image/image.h"            // Image
#include "prompt/processor.h"       // Processor
#include "prompt/question.h"        // question_messages
#include "record/manifest.h"        // Manifest
#include "spec/model_folder.h"      // model_files

namespace lmc::apps {

namespace {

constexpr int64_t kSteps = 8;       // tokens after each prompt
constexpr int64_t kQuestions = 32;  // whose prompts a device file's stages are compared over

struct ExportOptions {
  std::string model;
  std::string adapter;
  std::string format = "hf";
  tensorio::DtypeChoice dtype = tensorio::DtypeChoice::kAuto;
  std::string weights = "int4";
  std::string out;
  bool verify = true;
  bool accept_quality_loss = false;
  std::string questions;
  int64_t limit = 500;
  double margin = 0.02;
  std::string device = "auto";
  int64_t threads = 0;

  std::vector<Field> fields() {
    return {
        {"model", "Hugging Face folder of the base", as_folder(&model), true},
        {"adapter", "PEFT adapter folder to merge into it", as_folder(&adapter)},
        {"format",
         "hf: a merged Hugging Face folder; device: one file that runs without libtorch; gguf: two "
         "files for llama.cpp",
         &format,
         false,
         {"hf", "device", "gguf"}},
        {"dtype", "type of the written weights; auto: as the base stores them", &dtype},
        {"weights",
         "of a device file or GGUF (int4: Q4_0, int8: Q8_0): bits of the decoder's matrices; "
         "embedding and vision tower have at least 8; f16 is for GGUF",
         &weights,
         false,
         {"int4", "int8", "bf16", "f16", "f32"}},
        {"out", "the new folder, device file (.lmcd) or GGUF (.gguf, and mmproj-*.gguf beside it)",
         as_folder(&out), true},
        {"verify",
         "compare the logits of base + adapter with those of what was written; of a device file also "
         "every stage with the same in f32, which takes four bytes a weight on the disk meanwhile",
         &verify},
        {"accept-quality-loss",
         "write a device file whose logits are further off than int4 may be (mean KL 0.1, likeliest "
         "token the same at 90 %), int8 (0.01, 98 %), bf16 (0.001, 99 %)",
         &accept_quality_loss},
        {"questions",
         "questions.jsonl that a device file answers beside the same model in f32: how often they "
         "agree, and whether their accuracy is the same to within --margin",
         as_file(&questions)},
        {"limit", "only the first so many of the questions; 0: all", &limit, at_least(0)},
        {"margin", "share of questions; the p value of two one-sided tests is written", &margin,
         from_to(0.0001, 1)},
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

// What base and adapter say, beside what was written under `made`.
exporting::LogitChange compare_with(const ExportOptions& options, const std::string& made) {
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
  if (options.format == "device") engine = EngineOptions();
  engine.threads = options.threads;
  engine.model = made;
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

// The same of a device file. What integers of few bits do to a model is no matter of arithmetic: it
// is measured and said, and the user judges it.
double most_change(const std::string& weights) {
  if (weights == "f32") return 1e-4;
  return weights == "bf16" ? 16 * 0x1p-8 : std::numeric_limits<double>::max();
}

Json provenance(const ExportOptions& options) {
  record::Manifest manifest;
  manifest.command = "export";
  manifest.options = fields_to_json(ExportOptions(options).fields());
  for (const std::string& from : {options.model, options.adapter}) {
    if (!from.empty()) manifest.inputs.emplace_back(from, spec::model_files(from));
  }
  return record::to_json(record::completed(std::move(manifest)));
}

// Says the change of the logits to the user and gives it as JSON.
// Errors: InputError when it is above `most`.
Json verified(const ExportOptions& options, const std::string& made, double most) {
  const exporting::LogitChange change = compare_with(options, made);
  std::cerr << "export: at " << change.places << " places the largest change of a logit is "
            << change.largest << " (" << 100 * change.relative_rms
            << " % of their spread); the likeliest token is the same at " << change.same_choice
            << "\n";
  if (!(change.relative_rms <= most)) {
    throw InputError(options.out, "the merged model does not say what base and adapter say",
                     options.format == "device" ? "wider --weights; nothing was written"
                                                : "a wider --dtype; nothing was written");
  }
  return {{"places", change.places},
          {"same_choice", change.same_choice},
          {"largest_change_of_a_logit", change.largest},
          {"relative_rms", change.relative_rms},
          {"mean_kl", change.mean_kl}};
}

using OnTensor = std::function<void(int64_t, int64_t)>;

// The model in f32 as a device file beside `path`, as long as this lives.
class ReferenceFile {
 public:
  ReferenceFile(const ExportOptions& options, const std::string& path) : path_(path + ".f32") {
    std::filesystem::remove(path_);
    exporting::export_device(
        {options.model, options.adapter, path_, "f32"}, [](int64_t, int64_t) {},
        [](const std::string&, const exporting::DeviceExported&) {
          return std::map<std::string, std::string>();
        });
  }
  ~ReferenceFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ReferenceFile(const ReferenceFile&) = delete;
  ReferenceFile& operator=(const ReferenceFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Every stage beside the reference's, and the logits.
// Errors: InputError where the logits are further off than the bar, unless that is accepted.
void add_stages(const ExportOptions& options, const std::string& reference, const std::string& made,
                Json& quality) {
  const prompt::Processor processor(options.model);
  std::vector<prompt::ModelInput> prompts = prompts_for(processor);
  if (!options.questions.empty()) {
    for (prompt::ModelInput& input :
         eval::inputs_of(processor, eval::chosen_questions(options.questions, "", kQuestions),
                         prompt::ReplyStyle::kReasoningThenAnswer)) {
      prompts.push_back(std::move(input));
    }
  }
  const exporting::DeviceQuality measured =
      exporting::device_quality(reference, made, prompts, kSteps, options.threads);
  const exporting::LogitChange& logits = measured.logits;
  const double same = static_cast<double>(logits.same_choice) / static_cast<double>(logits.places);
  Json stages = Json::array();
  for (const exporting::StageChange& stage : measured.stages) {
    stages.push_back(
        {{"stage", stage.stage}, {"cosine", stage.cosine}, {"relative_rms", stage.relative_rms}});
  }
  quality["against_f32"] = {{"places", logits.places},
                            {"same_choice", logits.same_choice},
                            {"relative_rms", logits.relative_rms},
                            {"mean_kl", logits.mean_kl},
                            {"stages", std::move(stages)}};
  const exporting::QualityBar bar = exporting::quality_bar(options.weights);
  std::cerr << "export: against f32 the mean KL of " << options.weights << " is " << logits.mean_kl
            << ", the likeliest token the same at " << logits.same_choice << " of " << logits.places
            << " places\n";
  if (options.accept_quality_loss ||
      (logits.mean_kl <= bar.most_mean_kl && same >= bar.least_same_choice)) {
    return;
  }
  throw InputError(
      options.out,
      cat(options.weights, " weights change what the model says: expected a mean KL of at most ",
          bar.most_mean_kl, " and the same likeliest token at ", 100 * bar.least_same_choice,
          " %, found ", logits.mean_kl, " and ", 100 * same, " %"),
      "wider --weights, or --accept-quality-loss; nothing was written");
}

// How often the file answers as the reference does.
void add_answers(const ExportOptions& options, const std::string& reference,
                 const std::string& made, Json& quality) {
  constexpr int64_t kBatch = 8;
  const std::vector<record::Question> questions =
      eval::chosen_questions(options.questions, "", options.limit);
  const prompt::Processor processor(options.model);
  const auto answers_of = [&](const std::string& path) {
    EngineOptions engine;
    engine.model = path;
    engine.threads = options.threads;
    return eval::answers_of(*load_engine(engine), processor, questions, {}, kBatch, "--questions");
  };
  const eval::AnswerAgreement agreement =
      eval::agreement_of(answers_of(reference), answers_of(made));
  const auto total = static_cast<double>(agreement.right.total);
  const std::optional<double> p = stats::equivalence_p(agreement.right, options.margin);
  quality["answers"] = {{"questions", agreement.right.total},
                        {"same_letter", agreement.same_letter},
                        {"accuracy_f32", static_cast<double>(agreement.first_right) / total},
                        {"accuracy", static_cast<double>(agreement.second_right) / total},
                        {"equivalence_margin", options.margin},
                        {"equivalence_p", p ? Json(*p) : Json()}};
  std::cerr << "export: of " << agreement.right.total << " questions " << agreement.same_letter
            << " are answered alike; right are " << agreement.first_right << " in f32, "
            << agreement.second_right << " in " << options.weights << "; p of a difference of "
            << options.margin << " or more: " << p.value_or(1) << "\n";
}

void export_folder(const ExportOptions& options, const OnTensor& on_tensor) {
  const auto check = [&](const std::string& folder, const exporting::Merged& done) {
    Json json = provenance(options);
    json["merged"] = {{"tensors", done.tensors},
                      {"corrected_layers", done.corrected},
                      {"largest_change_of_a_weight", done.largest_change}};
    if (options.verify) json["verified"] = verified(options, folder, most_change(done.dtype));
    write_file(folder + "/litemedcot_export.json", to_pretty_text(json));
  };
  const exporting::Merged merged = exporting::merge(
      {options.model, options.adapter, options.out, tensorio::chosen_dtype(options.dtype)},
      on_tensor, check);
  std::cout << options.out << ": " << merged.tensors << " tensors, " << merged.corrected
            << " of them corrected by the adapter\n";
}

void export_device_file(const ExportOptions& options, const OnTensor& on_tensor) {
  const exporting::DeviceExported made = exporting::export_device(
      {options.model, options.adapter, options.out, options.weights}, on_tensor,
      [&](const std::string& path, const exporting::DeviceExported& done) {
        Json json = provenance(options);
        json["merged"] = {{"tensors", done.tensors},
                          {"corrected_layers", done.corrected},
                          {"largest_change_of_a_weight", done.largest_change}};
        Json quality = {{"weights", options.weights}, {"rounding_of_weights", done.rounding}};
        if (options.verify && can_run_folders()) {
          quality["logits"] = verified(options, path, most_change(options.weights));
        } else if (options.verify) {
          std::cerr << "export: built without libtorch, so the file's logits are not compared with "
                       "those of the checkpoint\n";
        }
        const bool has_loss = options.weights != "f32";
        if (has_loss && (options.verify || !options.questions.empty())) {
          const ReferenceFile reference(options, path);
          if (options.verify) add_stages(options, reference.path(), path, quality);
          if (!options.questions.empty()) add_answers(options, reference.path(), path, quality);
        }
        return std::map<std::string, std::string>{{"litemedcot_export.json", to_pretty_text(json)},
                                                  {"quality.json", to_pretty_text(quality)}};
      });
  std::cout << options.out << ": " << made.tensors << " tensors, " << made.corrected
            << " of them corrected by the adapter; "
            << 8 * static_cast<double>(made.matrix_bytes) /
                   static_cast<double>(made.matrix_elements)
            << " bits a weight\n";
}

exporting::GgufWeights gguf_weights(const std::string& weights) {
  using exporting::GgufWeights;
  if (weights == "int4") return GgufWeights::kQ4_0;
  if (weights == "int8") return GgufWeights::kQ8_0;
  if (weights == "bf16") return GgufWeights::kBF16;
  return weights == "f16" ? GgufWeights::kF16 : GgufWeights::kF32;
}

void export_gguf_files(const ExportOptions& options, const OnTensor& on_tensor) {
  const exporting::GgufExported made = exporting::export_gguf(
      {options.model, options.adapter, options.out, gguf_weights(options.weights)}, on_tensor);
  std::cout << options.out << ", " << made.vision_path << ": " << made.tensors << " tensors\n";
}

void run_export(const ExportOptions& options) {
  std::optional<Progress> progress;
  const OnTensor on_tensor = [&](int64_t done, int64_t total) {
    if (!progress) progress.emplace(std::cerr, "export", total, "tensors");
    progress->add();
    if (done == total) progress.reset();
  };
  if (options.format != "device" && (options.accept_quality_loss || !options.questions.empty())) {
    throw InputError(options.questions.empty() ? "--accept-quality-loss" : "--questions",
                     "is for --format device");
  }
  if (options.format == "hf") {
    export_folder(options, on_tensor);
    return;
  }
  if (options.dtype != tensorio::DtypeChoice::kAuto) {
    throw InputError("--dtype", "is for --format hf", "--weights int4, int8, bf16 or f32");
  }
  if (options.format == "gguf") {
    export_gguf_files(options, on_tensor);
  } else {
    if (options.weights == "f16") {
      throw InputError("--weights f16", "is for --format gguf", "--weights bf16 or f32");
    }
    export_device_file(options, on_tensor);
  }
}

}  // namespace

Command export_command() {
  const auto options = std::make_shared<ExportOptions>();
  return {"export",
          "merge an adapter into its base: a folder, a device file or GGUF",
          "  litemedcot export --model DIR --adapter ADAPTER --format hf --out merged\n"
          "  litemedcot export --model DIR --adapter ADAPTER --dtype float32 --out merged\n"
          "  litemedcot export --model DIR --adapter ADAPTER --format device --weights int4 \\\n"
          "      --out student.lmcd\n"
          "  litemedcot export --model DIR --format gguf --weights int8 --out student.gguf\n"
          "  litemedcot ask --model student.lmcd --image chest.jpg --question \"What is seen?\"\n",
          options->fields(),
          "",
          [options] { run_export(*options); }};
}

}  // namespace lmc::apps
