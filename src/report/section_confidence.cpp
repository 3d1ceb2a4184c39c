// What a run's confidence is worth: reliability, risk against coverage, promised risks.
#include <algorithm>

#include "base/check.h"     // cat
#include "report/charts.h"  // series_class
#include "report/html.h"    // escaped
#include "report/plot.h"
#include "report/result_tables.h"
#include "report/sections.h"

namespace lmc::report {

namespace {

constexpr std::array<double, 2> kWhole = {0.0, 1.0};

std::string reliability_plot(const record::Confidence& confidence, size_t series,
                             const std::string& name) {
  PlotLine line{series, false, true, {}};
  for (const record::ConfidenceBin& bin : confidence.table) {
    if (bin.answers == 0) continue;
    line.points.push_back({bin.mean_confidence, bin.accuracy, bin.interval_95});
  }
  return plot({line}, {{"mean confidence", true, false, kWhole},
                       {"accuracy", true, false, kWhole},
                       true,
                       cat("Reliability of ", name,
                           ": accuracy against confidence; the table below has it in numbers")});
}

std::string risk_plot(const record::Comparison& comparison) {
  std::vector<PlotLine> lines;
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const auto& confidence = comparison.runs[i].confidence;
    if (!confidence || confidence->curve.empty()) continue;
    PlotLine line{i, false, false, {}};
    for (const record::CoveragePoint& point : confidence->curve) {
      line.points.push_back({point.coverage, point.risk});
    }
    std::sort(line.points.begin(), line.points.end(),
              [](const PlotPoint& a, const PlotPoint& b) { return a.x < b.x; });
    lines.push_back(std::move(line));
  }
  PlotFrame frame{{"questions answered", true, false, kWhole},
                  {"wrong of those answered", true, false, {}},
                  false,
                  "Risk against coverage of each run"};
  return plot(lines, frame);
}

}  // namespace

Section confidence_section(const ReportData& data) {
  const record::Comparison& comparison = data.comparison;
  Section section{"confidence", "Confidence", {}};
  const Table table = confidence_table(comparison);
  if (table.rows.empty()) return section;
  std::string plots;
  std::set<size_t> with_confidence;
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const record::Result& run = comparison.runs[i];
    if (run.confidence) {
      with_confidence.insert(i);
      plots += chart_figure(run.name, reliability_plot(*run.confidence, i, run.name));
    }
  }
  section.body =
      cat(table_html(table),
          note("Confidence is the probability of the given letter among the question's options. "
               "ECE, adaptive ECE and MCE: how far confidence and accuracy lie apart, on average "
               "and at worst; Brier and NLL: lower is better; AUROC: how well confidence tells "
               "right from wrong, 0.5 is not at all; AURC: mean risk over all coverages. Answers "
               "without a confidence are left out here and counted beside."));
  if (!plots.empty()) {
    section.body +=
        cat("<h3>Reliability</h3>\n<div class=\"charts\">\n", plots, "</div>\n",
            note("On the dashed line a run is as often right as it is sure. Below it, it is surer "
                 "than it should be. Lines: 95 % Wilson intervals."),
            "<details><summary>The same in numbers</summary>\n",
            table_html(reliability_table(comparison)), "</details>\n");
  }
  const std::string risk = risk_plot(comparison);
  if (!risk.empty()) {
    section.body +=
        cat("<h3>Risk and coverage</h3>\n", runs_legend(comparison, with_confidence),
            "<div class=\"charts\">\n",
            chart_figure("What comes of answering only the surest questions", risk), "</div>\n");
  }
  const Table promises = promises_table(comparison);
  if (!promises.rows.empty()) {
    section.body +=
        table_html(promises) +
        note(
            "The threshold of the widest coverage whose risk on new questions of the same kind "
            "stays at or below the target, with 95 % certainty. It holds for questions like these "
            "and for no others.");
  }
  const Table sets = prediction_sets_table(comparison);
  if (!sets.rows.empty()) {
    section.body +=
        table_html(sets) +
        note(
            "Every option of at least a threshold's probability is in a question's set (split "
            "conformal prediction). On new questions drawn like those of the fit, sets hold the "
            "right option as often as promised, whatever the model; one that knows little gets "
            "larger sets.");
  }
  return section;
}

}  // namespace lmc::report
