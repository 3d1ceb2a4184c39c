// What else than asking a model can be done with evaluated runs: options of `evaluate`, one at a
// time.
#pragma once

#include <string>
#include <vector>

#include "base/fields.h"         // Field
#include "eval/evaluate.h"       // EvaluateOptions
#include "record/calibration.h"  // CalibrationMethod

namespace lmc::apps {

struct EvaluationActions {
  std::vector<std::string> merge;
  std::string rescore;
  std::string extractor;
  std::string calibration;
  std::string calibrate;
  record::CalibrationMethod method = record::CalibrationMethod::kPlatt;

  std::vector<Field> fields();
};

// Does the one that is named, with those options of `evaluate` that it needs; false: none is named.
// Errors: InputError, also when two are named.
bool run_evaluation_action(const EvaluationActions& actions, const eval::EvaluateOptions& options);

}  // namespace lmc::apps
