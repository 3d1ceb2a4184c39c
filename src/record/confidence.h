// How a run's confidence compares with its answers, in result.json under "confidence". What each
// metric means: docs/STATISTICS.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"           // Json
#include "record/calibration.h"  // PredictionSetRule
#include "record/proportion.h"   // Proportion

namespace lmc::record {

// The answers with a confidence above `low`, up to and with `high`.
struct ConfidenceBin {
  double low = 0;
  double high = 0;
  int64_t answers = 0;
  double mean_confidence = 0;
  double accuracy = 0;
  std::array<double, 2> interval_95{};  // of the accuracy (Wilson)
};

// What comes of answering only at a confidence of at least `threshold`.
struct CoveragePoint {
  double threshold = 0;
  double coverage = 0;  // answered of all questions
  double risk = 0;      // wrong of those answered
};

// The widest coverage whose risk on new questions stays at or below `target` (95 % sure); without a
// point where no threshold is safe.
struct RiskPromise {
  double target = 0;
  std::optional<CoveragePoint> point;
  double risk_bound = 0;
};

// What the prediction sets of a run's questions hold.
struct PredictionSetRow {
  PredictionSetRule rule;
  Proportion covered;            // sets with the gold option
  double mean_size = 0;          // options in a set
  std::vector<int64_t> by_size;  // sets of one option, of two, ...
};

struct Confidence {
  int64_t answers = 0;             // with a confidence
  int64_t without_confidence = 0;  // left out of the metrics below
  std::optional<double> mean_confidence;
  std::optional<double> ece;
  std::optional<double> adaptive_ece;
  std::optional<double> mce;
  std::optional<double> brier;
  std::optional<double> nll;
  std::optional<double> auroc;
  std::optional<double> risk_coverage_area;
  std::optional<double> excess_area;
  std::vector<ConfidenceBin> table;
  std::vector<CoveragePoint> curve;  // thinned out to a few hundred points
  std::vector<RiskPromise> promises;
  std::vector<PredictionSetRow> prediction_sets;  // by a calibration that has rules for them
  std::string calibration;  // what it was calibrated by; empty: as the model gave it
};

Json to_json(const Confidence& confidence);
Confidence confidence_from_json(const Json& json, std::string_view where);

}  // namespace lmc::record
