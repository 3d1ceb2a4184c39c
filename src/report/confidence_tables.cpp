// The tables of what a run's confidence is worth.
#include "base/check.h"   // cat
#include "report/html.h"  // fixed, percent
#include "report/result_tables.h"

namespace lmc::report {

namespace {

using record::Comparison;
using record::Confidence;

}  // namespace

Table confidence_table(const Comparison& comparison) {
  Table table{"confidence",
              "Confidence of each run",
              {kRun,
               {"answers", {"answers"}},
               {"without", {"without_confidence"}},
               {"mean", {"mean_confidence"}},
               {"ECE", {"ece"}},
               {"adaptive ECE", {"adaptive_ece"}},
               {"MCE", {"mce"}},
               {"Brier", {"brier"}},
               {"NLL", {"nll"}},
               {"AUROC", {"auroc"}},
               {"AURC", {"risk_coverage_area"}},
               {"excess AURC", {"excess_area"}},
               {"calibrated by", {"calibration"}, true}},
              {}};
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const auto& confidence = comparison.runs[i].confidence;
    if (!confidence) continue;
    Cell calibration = text_cell(confidence->calibration);
    if (confidence->calibration.empty()) calibration.shown = "as the model gave it";
    table.rows.push_back({run_cell(comparison.runs[i].name, i), count_cell(confidence->answers),
                          count_cell(confidence->without_confidence),
                          percent_cell(confidence->mean_confidence),
                          number_cell(confidence->ece, 3), number_cell(confidence->adaptive_ece, 3),
                          number_cell(confidence->mce, 3), number_cell(confidence->brier, 3),
                          number_cell(confidence->nll, 3), number_cell(confidence->auroc, 3),
                          number_cell(confidence->risk_coverage_area, 3),
                          number_cell(confidence->excess_area, 3), calibration});
  }
  return table;
}

Table reliability_table(const Comparison& comparison) {
  Table table{"reliability",
              "Answers by their confidence",
              {kRun,
               {"confidence above, up to", {"low", "high"}},
               {"answers", {"answers"}},
               {"mean confidence", {"mean_confidence"}},
               {"accuracy", {"accuracy"}},
               {"95 % interval", {"interval_95_low", "interval_95_high"}}},
              {}};
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const auto& confidence = comparison.runs[i].confidence;
    if (!confidence) continue;
    for (const record::ConfidenceBin& bin : confidence->table) {
      table.rows.push_back({run_cell(comparison.runs[i].name, i),
                            interval_cell(std::array<double, 2>{bin.low, bin.high}),
                            count_cell(bin.answers), percent_cell(bin.mean_confidence),
                            percent_cell(bin.accuracy), interval_cell(bin.interval_95)});
    }
  }
  return table;
}

Table promises_table(const Comparison& comparison) {
  Table table{"promises",
              "Answering only when sure enough",
              {kRun,
               {"risk at most", {"target"}},
               {"answer at a confidence of", {"threshold"}},
               {"questions answered", {"coverage"}},
               {"wrong of these", {"risk"}},
               {"upper limit of the risk", {"risk_bound"}}},
              {}};
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const auto& confidence = comparison.runs[i].confidence;
    if (!confidence) continue;
    for (const record::RiskPromise& promise : confidence->promises) {
      const auto value_of = [&](double record::CoveragePoint::*member) {
        return promise.point ? std::optional((*promise.point).*member) : std::nullopt;
      };
      Cell threshold = number_cell(value_of(&record::CoveragePoint::threshold), 3);
      if (!promise.point) threshold.shown = "no threshold is safe";
      table.rows.push_back(
          {run_cell(comparison.runs[i].name, i), percent_cell(promise.target), threshold,
           percent_cell(value_of(&record::CoveragePoint::coverage)),
           percent_cell(value_of(&record::CoveragePoint::risk)),
           percent_cell(promise.point ? std::optional(promise.risk_bound) : std::nullopt)});
    }
  }
  return table;
}

Table prediction_sets_table(const Comparison& comparison) {
  Table table{"prediction-sets",
              "Sets that hold the right option",
              {kRun,
               {"promised", {"coverage"}},
               {"hold the right option", {"covered", "sets"}},
               {"share", {"covered_share"}},
               {"95 % interval", {"interval_95_low", "interval_95_high"}},
               {"options in a set", {"mean_size"}},
               {"of one option", {"of_one"}},
               {"fitted on", {"num_items"}}},
              {}};
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const auto& confidence = comparison.runs[i].confidence;
    if (!confidence) continue;
    for (const record::PredictionSetRow& row : confidence->prediction_sets) {
      table.rows.push_back({run_cell(comparison.runs[i].name, i), percent_cell(row.rule.coverage),
                            proportion_cell(row.covered), percent_cell(row.covered.accuracy),
                            interval_cell(row.covered.interval_95), number_cell(row.mean_size, 2),
                            count_cell(row.by_size.empty() ? 0 : row.by_size[0]),
                            count_cell(row.rule.num_items)});
    }
  }
  return table;
}

}  // namespace lmc::report
