#include "serve/case_backend.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/check.h"                  // InputError, cat
#include "base/json.h"                   // read_json
#include "base/utf8_edges.h"             // without_last_break
#include "grounding/sentence_metrics.h"  // pointing_of, trusted_methods
#include "infer/explainer.h"             // Explainer
#include "prompt/question.h"             // question_messages
#include "record/grounding.h"            // grounding_result_from_json
#include "record/run_files.h"            // result_path

namespace lmc::serve {

namespace {

record::PredictionSetRule rule_of(const record::Calibration& calibration, double coverage,
                                  const std::string& where) {
  for (const record::PredictionSetRule& rule : calibration.prediction_sets) {
    if (rule.coverage == coverage) return rule;
  }
  throw InputError(where, cat("it has no prediction sets of coverage ", coverage),
                   "see its \"prediction_sets\" for --coverage");
}

// The cheapest first: the page takes the first that earned it.
std::vector<SentenceMethod> tested_methods(const infer::Explainer* explainer,
                                           const std::string& grounding_run) {
  std::vector<SentenceMethod> methods;
  for (const infer::RelevanceKind kind :
       {infer::RelevanceKind::kAttention, infer::RelevanceKind::kGradient}) {
    if (explainer != nullptr && explainer->tells(kind)) {
      methods.push_back({std::string(name_of(kind)), {}});
    }
  }
  methods.push_back({"occlusion", {}});
  if (grounding_run.empty()) return methods;
  const std::string path = record::result_path(grounding_run);
  const Json json = read_json(path);
  if (!record::is_grounding_result(json)) {
    throw InputError(path, "expected the result of a grounding run");
  }
  const record::GroundingResult result = record::grounding_result_from_json(json, path);
  if (result.sentence_metrics.empty()) {
    throw InputError(path, "this run did not look at sentences", "ground --sentences N");
  }
  const std::vector<std::string> trusted = grounding::trusted_methods(result);
  for (SentenceMethod& method : methods) {
    const auto pointing = grounding::pointing_of(result, method.name);
    if (!pointing) continue;
    const bool earned = std::find(trusted.begin(), trusted.end(), method.name) != trusted.end();
    method.test = {pointing->value, pointing->chance, earned};
  }
  return methods;
}

std::shared_ptr<const archive::Archive> archive_of(const CaseOptions& options) {
  if (options.dicomweb.empty()) {
    if (!options.dicomweb_auth_env.empty()) {
      throw InputError("--dicomweb-auth-env", "needs --dicomweb");
    }
    return nullptr;
  }
  archive::ArchiveOptions how;
  how.url = options.dicomweb;
  if (!options.dicomweb_auth_env.empty()) {
    const char* const found = std::getenv(options.dicomweb_auth_env.c_str());
    if (found == nullptr || *found == '\0') {
      throw InputError("--dicomweb-auth-env",
                       cat("the environment has no variable ", options.dicomweb_auth_env));
    }
    how.authorization = without_last_break(found);
  }
  return std::make_shared<archive::Archive>(std::move(how));
}

}  // namespace

std::vector<Field> CaseOptions::weighing_fields() {
  return {
      {"calibration",
       "calibration.json of this model (evaluate --calibrate): its probabilities and prediction "
       "sets",
       as_file(&calibration)},
      {"coverage", "what the prediction sets promise; of those in the calibration", &coverage,
       from_to(0, 1)},
      {"sure-from",
       "confidence below which the page says \"not sure\"; 0: where the set holds more than one "
       "option",
       &sure_from, from_to(0, 1)},
  };
}

std::vector<Field> CaseOptions::fields() {
  std::vector<Field> all = weighing_fields();
  const std::vector<Field> others = {
      {"grounding",
       "folder of a run of ground --sentences with this model: which maps of sentences the page "
       "shows",
       as_folder(&grounding)},
      {"audit-log",
       "file that is told of every answer of the page, in hashes and chained; see audit verify",
       as_file(&audit_log)},
      {"audit-words", "keep the words of questions and replies in it as well", &audit_words},
      {"dicomweb",
       "the archive's address, such as http://pacs:8042/dicom-web: the page takes images from it "
       "and files answers in it",
       &dicomweb},
      {"dicomweb-auth-env",
       "environment variable with the Authorization field that the archive wants",
       &dicomweb_auth_env},
  };
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

CaseBackend::CaseBackend(infer::Engine& engine, const prompt::Processor& model_processor,
                         std::shared_ptr<ImageReader> image_reader, const CaseOptions& options)
    : processor(model_processor),
      images(std::move(image_reader)),
      sure_from(options.sure_from),
      methods(tested_methods(engine.explainer(), options.grounding)) {
  if (!options.audit_log.empty()) {
    audit = std::make_shared<CaseAudit>(options.audit_log, options.audit_words, options.model);
  } else if (options.audit_words) {
    throw InputError("--audit-words", "needs --audit-log");
  }
  archive = archive_of(options);
  if (options.calibration.empty()) return;
  calibration = record::read_calibration(options.calibration);
  if (!calibration->prediction_sets.empty()) {
    sets = rule_of(*calibration, options.coverage, options.calibration);
  }
}

std::vector<prompt::Message> case_messages(const std::string& question,
                                           const std::map<char, std::string>& options,
                                           bool has_image) {
  if (!options.empty()) {
    return prompt::question_messages({question, options, ""},
                                     prompt::ReplyStyle::kReasoningThenAnswer, has_image);
  }
  prompt::Message message{"user", {}};
  if (has_image) message.parts.push_back(prompt::Part::of_image());
  message.parts.push_back(prompt::Part::of_text(question));
  return {std::move(message)};
}

}  // namespace lmc::serve
