// Curves of the training runs.
#include "base/check.h"     // cat
#include "report/charts.h"  // series_class
#include "report/html.h"    // escaped
#include "report/plot.h"
#include "report/sections.h"

namespace lmc::report {

namespace {

// A long run has thousands of points; some hundreds are all that can be seen.
PlotLine line_of(const std::vector<CurvePoint>& points, size_t series, bool faint) {
  constexpr size_t kMaxPoints = 600;
  const size_t stride = points.size() / kMaxPoints + 1;
  PlotLine line{series, faint, false, {}};
  for (size_t i = 0; i < points.size(); ++i) {
    if (i % stride != 0 && i + 1 != points.size()) continue;
    line.points.push_back({static_cast<double>(points[i].step), points[i].value});
  }
  return line;
}

std::string step_plot(const std::vector<PlotLine>& lines, const PlotAxis& y,
                      const std::string& title) {
  return plot(lines, {{"step", false, true, {}}, y, false, title});
}

}  // namespace

Section training_section(const ReportData& data) {
  std::vector<PlotLine> loss;
  std::vector<PlotLine> validation_loss;
  std::vector<PlotLine> accuracy;
  std::string legend;
  for (const TrainingCurve& curve : data.curves) {
    loss.push_back(line_of(curve.loss, curve.series, true));
    loss.push_back(line_of(smoothed(curve.loss, curve.loss.size() / 50), curve.series, false));
    validation_loss.push_back(line_of(curve.validation_loss, curve.series, false));
    accuracy.push_back(line_of(curve.validation_accuracy, curve.series, false));
    legend += cat("<li><span class=\"key ", series_class(curve.series), "\"></span>",
                  escaped(curve.name), "</li>");
  }
  const std::string charts =
      chart_figure("Training loss (faint: each step; strong: running mean)",
                   step_plot(loss, {"nats a token", false, false, {}}, "Training loss by step")) +
      chart_figure("Loss on the validation questions",
                   step_plot(validation_loss, {"nats a token", false, false, {}},
                             "Validation loss by step")) +
      chart_figure("Accuracy on the validation questions",
                   step_plot(accuracy, {"right", true, false, {}}, "Validation accuracy by step"));
  Section section{"training", "Training", {}};
  if (charts.empty()) return section;
  section.body =
      cat("<ul class=\"legend\">", legend, "</ul>\n<div class=\"charts\">\n", charts, "</div>\n");
  return section;
}

}  // namespace lmc::report
