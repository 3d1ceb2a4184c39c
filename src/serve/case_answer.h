// What the page is told of an answer: how likely each option is, how sure the model is of the one it
// gives, and what that is worth.
//
// Options are weighed as `evaluate --mode reasoned-likelihood` weighs them: by the log-probabilities of
// their letters where the reply states its answer, behind its own reasoning. A calibration by
// temperature makes all of them alike or unlike; Platt's corrects the confidence in the likeliest, and
// the others share the rest in proportion.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"           // Json
#include "infer/reply.h"         // FinishReason
#include "record/calibration.h"  // Calibration, PredictionSetRule

namespace lmc::serve {

struct WeighedOptions {
  std::map<char, double> probability;
  char likeliest = 'A';   // the first of equal ones
  std::vector<char> set;  // the likeliest first; empty without a rule
};

// `log_probability` is not empty.
WeighedOptions weighed(const std::map<char, double>& log_probability,
                       const std::optional<record::Calibration>& calibration,
                       const std::optional<record::PredictionSetRule>& sets = {});

struct CaseAnswer {
  std::map<char, std::string> options;
  std::optional<WeighedOptions> with_image;  // nothing: there are no options, or no room to ask
  std::optional<WeighedOptions> without_image;
  std::optional<char> stated;  // the letter that the reply names
  infer::FinishReason finish = infer::FinishReason::kEnd;
  bool is_calibrated = false;
  std::optional<double> coverage;  // of the set
  double sure_from = 0;            // 0: no threshold
};

Json to_json(const CaseAnswer& answer);

}  // namespace lmc::serve
