#include "apps/evaluation_actions.h"

#include <iostream>

#include "base/check.h"              // InputError
#include "base/files.h"              // write_file
#include "eval/graders/extractor.h"  // extractors
#include "eval/merge_runs.h"         // merge_runs
#include "eval/rescore.h"            // rescore, calibrate_on
#include "record/calibration.h"      // read_calibration
#include "record/output.h"           // claim_file_output

namespace lmc::apps {

namespace {

void rescore_run(const EvaluationActions& actions, const eval::EvaluateOptions& options) {
  eval::RescoreOptions rescore;
  rescore.run = actions.rescore;
  rescore.questions = options.questions;
  rescore.extractor = actions.extractor;
  if (!actions.calibration.empty()) {
    rescore.calibration = record::read_calibration(actions.calibration);
  }
  rescore.out = options.out;
  const record::Result result = eval::rescore(rescore);
  std::cout << eval::summary(result);
}

void calibrate(const EvaluationActions& actions, const eval::EvaluateOptions& options) {
  if (options.out.empty()) throw InputError("--calibrate", "--out, the file to write, is missing");
  record::claim_file_output(
      options.out, {actions.calibrate}, "a calibration",
      [](const std::string& path) { return record::is_json_with(path, "method"); });
  const record::Calibration fitted = eval::calibrate_on(actions.calibrate, actions.method);
  write_file(options.out, to_pretty_text(record::to_json(fitted)));
  std::cout << options.out << ": fitted on " << fitted.num_items << " answers ("
            << fitted.num_left_out << " left out), negative log-likelihood " << fitted.nll_before
            << " before, " << fitted.nll_after << " after\n";
}

void merge(const EvaluationActions& actions, const eval::EvaluateOptions& options) {
  if (options.out.empty()) throw InputError("--merge", "--out, the new run's folder, is missing");
  std::cout << eval::summary(
      eval::merge_runs(actions.merge, options.questions, options.out, std::cerr));
}

std::vector<std::string> extractor_names() {
  std::vector<std::string> names;
  for (const eval::Extractor& extractor : eval::extractors()) names.emplace_back(extractor.name);
  return names;
}

}  // namespace

std::vector<Field> EvaluationActions::fields() {
  std::vector<Field> all;
  append_fields(
      all, "Instead of asking a model",
      {
          {"merge", "join the shards of a run into the new run --out", as_folder(&merge)},
          {"rescore",
           "recompute the metrics of this run from its replies; with --out as a new "
           "run",
           as_folder(&rescore)},
          {"extractor", "with --rescore: whose rules read the replies", &extractor, false,
           extractor_names()},
          {"calibration", "with --rescore: a file of --calibrate, which corrects the confidence",
           as_file(&calibration)},
          {"calibrate", "fit a calibration to this run on held-out questions, into the file --out",
           as_folder(&calibrate)},
          {"method", "with --calibrate: what is fitted", &method},
      });
  return all;
}

bool run_evaluation_action(const EvaluationActions& actions, const eval::EvaluateOptions& options) {
  const int named = (actions.merge.empty() ? 0 : 1) + (actions.rescore.empty() ? 0 : 1) +
                    (actions.calibrate.empty() ? 0 : 1);
  if (named == 0) {
    if (!actions.extractor.empty() || !actions.calibration.empty()) {
      throw InputError("--rescore", "is needed for --extractor and --calibration");
    }
    return false;
  }
  if (named > 1) throw InputError("litemedcot evaluate", "one of --merge, --rescore, --calibrate");
  if (!actions.merge.empty()) merge(actions, options);
  if (!actions.rescore.empty()) rescore_run(actions, options);
  if (!actions.calibrate.empty()) calibrate(actions, options);
  return true;
}

}  // namespace lmc::apps
