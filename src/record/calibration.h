// calibration.json: how a run's confidence is turned into one that means what it says, fitted on
// questions that were kept apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.h"  // Named
#include "base/json.h"        // Json

namespace lmc::record {

enum class CalibrationMethod { kTemperature, kPlatt };
constexpr auto names_of(CalibrationMethod) {
  return std::to_array<Named<CalibrationMethod>>(
      {{CalibrationMethod::kPlatt, "platt"}, {CalibrationMethod::kTemperature, "temperature"}});
}

// How options are put into a set that holds the right one with a stated probability
// (eval/prediction_set.h).
struct PredictionSetRule {
  double coverage = 0;    // the stated probability
  double threshold = 0;   // an option of at least this probability is in the set
  int64_t num_items = 0;  // questions that the threshold comes from
};

struct Calibration {
  CalibrationMethod method = CalibrationMethod::kTemperature;
  double temperature = 1;    // kTemperature: divides the options' log-probabilities
  double slope = 1;          // kPlatt: of the confidence's logit
  double intercept = 0;      // kPlatt
  bool smoothed = false;     // kPlatt: fitted to Platt's targets instead of 0 and 1
  std::string fitted_on;     // the answers' file
  int64_t num_items = 0;     // that the fit used
  int64_t num_left_out = 0;  // of the file: without what the fit needs
  double nll_before = 0;     // mean negative log-likelihood on those items, nats
  double nll_after = 0;
  std::vector<PredictionSetRule> prediction_sets;  // in the order of their coverage
};

Json to_json(const Calibration& calibration);
// Errors: InputError for an unknown method, a temperature that is not above zero, a newer schema.
Calibration calibration_from_json(const Json& json, std::string_view where);

Calibration read_calibration(const std::string& path);

}  // namespace lmc::record
