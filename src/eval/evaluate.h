// The stage `evaluate`: a model's answers to a file of questions, and how many are right.
//
// Writes into the folder `out`:
//   manifest.json   what the run was made with
//   answers.jsonl   one line a question, in the questions' order, appended as they come
//   result.json     the metrics; written last: a folder that has it is complete
// A run that was killed continues where it was and ends with the same bytes: each question draws
// from its own random stream, and questions whose results depend on what runs beside them (an
// engine that is not batch invariant) are answered in fixed blocks. A folder made with other
// options or inputs is refused. A shard answers whole blocks, so that the shards of a run, put
// together (merge_runs.h), have the bytes of the run that answers all.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "base/enum_names.h"      // Named
#include "base/fields.h"          // Field
#include "eval/endpoint_model.h"  // EndpointModel
#include "eval/predictor.h"       // Predictor, PredictionOptions
#include "infer/engine.h"         // Engine
#include "infer/sampling.h"       // SamplingOptions
#include "prompt/processor.h"     // Processor
#include "prompt/question.h"      // ReplyStyle
#include "record/manifest.h"      // Manifest
#include "record/output.h"        // FolderOutput
#include "record/question.h"      // Question
#include "record/result.h"        // Result

namespace lmc::eval {

enum class AnswerMode { kGenerate, kLikelihood, kReasonedLikelihood };
constexpr auto names_of(AnswerMode) {
  return std::to_array<Named<AnswerMode>>(
      {{AnswerMode::kGenerate, "generate"},
       {AnswerMode::kLikelihood, "likelihood"},
       {AnswerMode::kReasonedLikelihood, "reasoned-likelihood"}});
}

struct EvaluateOptions {
  std::string questions;
  std::string out;
  std::string name;
  AnswerMode mode = AnswerMode::kGenerate;
  prompt::ReplyStyle reply = prompt::ReplyStyle::kReasoningThenAnswer;
  std::string split;
  int64_t limit = 0;
  int64_t batch = 8;
  int64_t samples = 1;
  std::string shard;
  int64_t max_image_area = 0;
  infer::SamplingOptions sampling;

  std::vector<Field> fields();
  PredictionOptions prediction() const;
};

// `manifest` says who answers (options, inputs, libraries, device); the evaluation's own options
// and the questions are added to it. Progress goes to `progress_out`.
// Errors: InputError for options and files; Interrupted after a stop was asked for, when what was
// answered is on disk.
record::Result evaluate(Predictor& predictor, const EvaluateOptions& options,
                        record::Manifest manifest, std::ostream& progress_out);

// By a model in this process.
record::Result evaluate(infer::Engine& engine, const prompt::Processor& processor,
                        const EvaluateOptions& options, record::Manifest manifest,
                        std::ostream& progress_out);

// By a model behind an endpoint, whose files stand in the run's folder (endpoint_predictor.h).
// Errors: also InputError for a mode that needs more than replies.
record::Result evaluate(const EndpointModel& model, const EvaluateOptions& options,
                        std::ostream& progress_out);

// The questions that the options choose, of all shards.
// Errors: InputError when there are none.
std::vector<record::Question> chosen_questions(const std::string& path, const std::string& split,
                                               int64_t limit);

// What `evaluate` writes into the folder of a run.
record::FolderOutput run_output(const std::string& folder, const std::vector<std::string>& inputs);

// The manifest of such a folder.
// Errors: InputError when there is none, or it is another stage's.
record::Manifest evaluation_manifest(const std::string& folder);

// A few lines for the user.
std::string summary(const record::Result& result);

}  // namespace lmc::eval
