// The stage `ground`: does a model answer from the image, from which part of it, and does its
// answer follow its reasoning.
//
// Writes into the folder `out`:
//   manifest.json        what the run was made with
//   grounding.jsonl      one line a question and condition: the raw answers
//   maps.jsonl           with --maps: one line an occlusion map
//   faithfulness.jsonl   with --faithfulness: one line a question asked with changed reasoning
//   sentences.jsonl      with --sentences: one line a reply, sentence by sentence
//   result.json          the metrics; written last: a folder that has it is complete
// A run that was killed continues where it was and ends with the same bytes. All metrics can be
// recomputed from the lines without a model (rescore). A folder made with other options or
// inputs is refused; --maps, --faithfulness and --sentences may grow.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "base/fields.h"          // Field
#include "eval/endpoint_model.h"  // EndpointModel
#include "eval/predictor.h"       // Predictor, PredictionOptions
#include "grounding/occlusion.h"  // Fill
#include "infer/engine.h"         // Engine
#include "infer/sampling.h"       // SamplingOptions
#include "prompt/processor.h"     // Processor
#include "prompt/question.h"      // ReplyStyle
#include "record/grounding.h"     // GroundingResult
#include "record/manifest.h"      // Manifest
#include "record/output.h"        // FolderOutput

namespace lmc::grounding {

struct GroundOptions {
  std::string questions;
  std::string out;
  std::string name;
  std::vector<std::string> conditions;
  int64_t shuffles = 3;
  prompt::ReplyStyle reply = prompt::ReplyStyle::kAnswerOnly;
  std::string split;
  int64_t limit = 0;
  int64_t batch = 16;
  int64_t maps = 0;
  int64_t map_grid = 8;
  int64_t map_window = 1;
  Fill map_fill = Fill::kSurroundings;
  int64_t curve_steps = 8;
  int64_t faithfulness = 0;
  int64_t sentences = 0;
  int64_t max_image_area = 0;
  std::string rescore;
  infer::SamplingOptions sampling;

  std::vector<Field> fields();
  // A model that tells no likelihoods replies instead.
  eval::PredictionOptions prediction(bool tells_likelihoods) const;
};

// By a model in this process. `manifest` says how the engine was made; the stage's own options and
// the questions are added.
// Errors: InputError for options and files; Interrupted after a stop was asked for, when what was
// done is on disk.
record::GroundingResult ground(infer::Engine& engine, const prompt::Processor& processor,
                               const GroundOptions& options, record::Manifest manifest,
                               std::ostream& progress_out);

// Conditions alone: for maps and changed reasoning an engine is needed.
// Errors: as above.
record::GroundingResult ground(eval::Predictor& predictor, const GroundOptions& options,
                               record::Manifest manifest, std::ostream& progress_out);

// The same by a model behind an endpoint, whose files stand in the run's folder
// (eval/endpoint_predictor.h). Images are made as they are sent, at their own size, to the next
// whole visual token of Qwen3-VL and within the budget.
record::GroundingResult ground(const eval::EndpointModel& model, const GroundOptions& options,
                               std::ostream& progress_out);

// What `ground` writes into the folder of a run.
record::FolderOutput run_output(const std::string& folder, const std::vector<std::string>& inputs);

// The metrics of a folder's lines, written to its result.json. A run that is not complete gives
// those of what is there. An empty name keeps the run's own.
// Errors: InputError for a folder that is no grounding run's.
record::GroundingResult rescore(const std::string& folder, const std::string& name);

// Tables for the user.
std::string summary(const record::GroundingResult& result);

}  // namespace lmc::grounding
