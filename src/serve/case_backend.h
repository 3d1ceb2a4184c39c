// What the clinician's page needs of a model beyond chat: questions as `evaluate` asks them,
// probabilities that mean what they say, and what is known of the maps of its sentences.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/dicomweb.h"    // Archive
#include "base/fields.h"         // Field
#include "infer/engine.h"        // Engine
#include "prompt/processor.h"    // Processor, Message
#include "record/calibration.h"  // Calibration, PredictionSetRule
#include "serve/case_audit.h"    // CaseAudit
#include "serve/image_reader.h"  // ImageReader

namespace lmc::serve {

struct CaseOptions {
  std::string calibration;  // a file that `evaluate` wrote
  double coverage = 0.9;
  double sure_from = 0;
  std::string grounding;  // the folder of a run of `ground --sentences`
  std::string audit_log;
  bool audit_words = false;
  std::string dicomweb;
  std::string dicomweb_auth_env;
  Json model = nullptr;  // what the audit log says of the model; no field

  std::vector<Field> fields();
  std::vector<Field> weighing_fields();  // of these, those about probabilities
};

// A kind of map over the image, and how it did where it is known what a sentence speaks of.
struct SentenceMethod {
  std::string name;  // "occlusion", or a RelevanceKind's
  struct Test {
    double hits = 0;    // sentences whose place the map's largest value lies in
    double chance = 0;  // the same of a place drawn at random
    bool earned = false;
  };
  std::optional<Test> test;
};

struct CaseBackend {
  // Engine and processor outlive it.
  // Errors: InputError for the files.
  CaseBackend(infer::Engine& engine, const prompt::Processor& model_processor,
              std::shared_ptr<ImageReader> image_reader, const CaseOptions& options);

  const prompt::Processor& processor;
  const std::shared_ptr<ImageReader> images;
  std::optional<record::Calibration> calibration;
  std::optional<record::PredictionSetRule> sets;
  double sure_from = 0;  // an answer of less confidence is not named; 0: all are
  std::vector<SentenceMethod> methods;
  std::shared_ptr<CaseAudit> audit;                 // null: none is kept
  std::shared_ptr<const archive::Archive> archive;  // null: none was named
};

// One user message: the image, if it is shown, and what is asked. With options it is the prompt of
// `evaluate --reply reasoning`, without them the question as it is.
std::vector<prompt::Message> case_messages(const std::string& question,
                                           const std::map<char, std::string>& options,
                                           bool has_image);

}  // namespace lmc::serve
