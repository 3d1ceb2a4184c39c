// The page, section by section.
#include <algorithm>

#include "base/check.h"       // cat
#include "report/charts.h"    // interval_bar, letter_histogram, line_chart
#include "report/examples.h"  // pick_examples, example_html
#include "report/html.h"      // escaped, percent
#include "report/report.h"
#include "report/style.h"  // kStyle

namespace lmc::report {

namespace {

std::string cell(const std::string& label, const std::string& html) {
  return cat("<td data-label=\"", escaped(label), "\">", html, "</td>");
}

std::string name_cell(const std::string& name, size_t series) {
  return cat("<td class=\"name\"><span class=\"key ", series_class(series), "\"></span>",
             escaped(name), "</td>");
}

std::string count_with_share(int64_t count, int64_t total) {
  if (count == 0 || total == 0) return std::to_string(count);
  return cat(count, " (", percent(static_cast<double>(count) / static_cast<double>(total)), ")");
}

std::string results_section(const record::Comparison& comparison) {
  std::string rows;
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const record::Result& run = comparison.runs[i];
    const record::Share& share = run.overall;
    rows +=
        cat("<tr>", name_cell(run.name, i), cell("right", cat(share.correct, " of ", share.total)),
            cell("accuracy", cat("<b>", percent(share.accuracy), "</b>")),
            cell("95 % interval",
                 cat(fixed(100 * share.interval_95[0], 1), " to ", percent(share.interval_95[1]))),
            "<td class=\"bar-cell\">", interval_bar(share, run.best_letter_accuracy, i), "</td>",
            cell("no answer", count_with_share(run.no_answer, share.total)),
            cell("cut short", count_with_share(run.truncated, share.total)),
            cell("not asked", std::to_string(run.errors)),
            cell("tokens a reply", fixed(run.mean_reply_tokens, 0)), "</tr>\n");
  }
  return cat(
      "<h2>Results</h2>\n<table><thead><tr><th>run</th><th>right</th><th>accuracy</th>"
      "<th>95 % interval</th><th class=\"bar-cell\">0 to 100 %</th><th>no answer</th><th>cut "
      "short</th>"
      "<th>not asked</th><th>tokens a reply</th></tr></thead><tbody>\n",
      rows,
      "</tbody></table>\n<p class=\"quiet\">Accuracy is the share of all questions whose answer "
      "letter was read from the reply and is the gold one; a reply without an answer counts as "
      "wrong. The line across each bar is the 95 % Wilson interval, the dashed tick what always "
      "giving the commonest letter would score. Captions are never shown to a model here.</p>\n");
}

std::string pairs_section(const record::Comparison& comparison) {
  if (comparison.pairs.empty()) return {};
  std::string rows;
  for (const record::PairComparison& pair : comparison.pairs) {
    const double gain = static_cast<double>(pair.only_second_right - pair.only_first_right) /
                        static_cast<double>(std::max<int64_t>(1, pair.total()));
    rows +=
        cat("<tr><td class=\"name\">", escaped(pair.first), " <span class=\"quiet\">and</span> ",
            escaped(pair.second), "</td>", cell("both right", std::to_string(pair.both_right)),
            cell("only the first", std::to_string(pair.only_first_right)),
            cell("only the second", std::to_string(pair.only_second_right)),
            cell("both wrong", std::to_string(pair.both_wrong)),
            cell("second minus first", cat(gain > 0 ? "+" : "", fixed(100 * gain, 1), " points")),
            cell("McNemar p", p_value(pair.p_value)), "</tr>\n");
  }
  return cat(
      "<h2>Runs compared on the same questions</h2>\n<table><thead><tr><th>first and second "
      "run</th><th>both right</th><th>only the first</th><th>only the second</th>"
      "<th>both wrong</th><th>second minus first</th><th>McNemar p</th></tr></thead><tbody>\n",
      rows,
      "</tbody></table>\n<p class=\"quiet\">p is the exact two-sided McNemar test: how likely a "
      "difference at least this uneven would be between two runs of equal skill. It is not "
      "adjusted for the number of pairs.</p>\n");
}

std::string letters_section(const record::Comparison& comparison) {
  std::string figures;
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const record::Result& run = comparison.runs[i];
    figures += cat("<figure class=\"", series_class(i), "\"><figcaption>", escaped(run.name),
                   "</figcaption>", letter_histogram(run.gold_letters, run.predicted_letters, i),
                   "<p class=\"quiet\">balanced over letters ",
                   percent(run.letter_balanced_accuracy), "</p></figure>\n");
  }
  return cat(
      "<h2>Answer letters</h2>\n<p class=\"quiet\">Percent of questions: outlined the gold "
      "letters, filled the letters given.</p>\n<div class=\"histograms\">\n",
      figures, "</div>\n");
}

// A long run has thousands of points; some hundreds are all that can be seen.
std::vector<CurvePoint> thinned(const std::vector<CurvePoint>& points) {
  constexpr size_t kMostPoints = 600;
  const size_t stride = points.size() / kMostPoints + 1;
  std::vector<CurvePoint> kept;
  for (size_t i = 0; i < points.size(); i += stride) kept.push_back(points[i]);
  if (!points.empty() && kept.back().step != points.back().step) kept.push_back(points.back());
  return kept;
}

std::string chart_figure(const std::string& caption, const std::string& chart) {
  if (chart.empty()) return {};
  return cat("<figure><figcaption>", escaped(caption), "</figcaption>", chart, "</figure>\n");
}

std::string curves_section(const std::vector<TrainingCurve>& curves) {
  std::vector<ChartLine> loss;
  std::vector<ChartLine> accuracy;
  std::string legend;
  for (size_t i = 0; i < curves.size(); ++i) {
    const std::vector<CurvePoint>& points = curves[i].loss;
    const size_t series = curves[i].series;
    loss.push_back({series, true, thinned(points)});
    loss.push_back({series, false, thinned(smoothed(points, points.size() / 50))});
    if (!curves[i].validation_accuracy.empty()) {
      accuracy.push_back({series, false, curves[i].validation_accuracy});
    }
    legend += cat("<span><span class=\"key ", series_class(series), "\"></span>",
                  escaped(curves[i].name), "</span>");
  }
  const std::string figures =
      chart_figure("Training loss (faint: each step; strong: running mean)",
                   line_chart(loss, "Training loss by step", false)) +
      chart_figure("Accuracy on the validation questions",
                   line_chart(accuracy, "Validation accuracy by step", true));
  if (figures.empty()) return {};
  return cat("<h2>Training</h2>\n<div class=\"legend\">", legend,
             "</div>\n<div class=\"charts\">\n", figures, "</div>\n");
}

std::string examples_section(const ReportData& data) {
  const std::vector<Example> examples =
      pick_examples(data.questions, data.answers_by_run, data.num_examples);
  if (examples.empty()) return {};
  std::vector<std::string> names;
  for (const record::Result& run : data.comparison.runs) names.push_back(run.name);
  std::string html = cat(
      "<h2>Examples</h2>\n<p class=\"quiet\">", examples.size(),
      " questions, picked in turn from every pattern of right and wrong over the runs: they are "
      "not a fair sample of how often each is right.</p>\n");
  for (const Example& example : examples) html += example_html(example, names);
  return html;
}

std::string text_or(const Json& object, const char* key, const std::string& fallback) {
  if (!object.is_object()) return fallback;
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : fallback;
}

std::string origin_section(const ReportData& data) {
  std::string html = "<h2>How the runs were made</h2>\n";
  for (size_t i = 0; i < data.comparison.runs.size(); ++i) {
    const Json& manifest = data.manifest_by_run[i];
    const std::string& name = data.comparison.runs[i].name;
    if (!manifest.is_object()) {
      html += cat("<p class=\"quiet\">", escaped(name), ": no manifest.</p>\n");
      continue;
    }
    html += cat("<details><summary>", escaped(name), " <span class=\"quiet\">version ",
                escaped(text_or(manifest, "version", "?")), ", commit ",
                escaped(text_or(manifest, "commit", "unknown").substr(0, 12)), ", ",
                escaped(text_or(manifest, "device", "?")), ", ",
                escaped(text_or(manifest, "time", "?")), "</span></summary><pre>",
                escaped(to_pretty_text(manifest)), "</pre></details>\n");
  }
  return html;
}

}  // namespace

std::string report_page(const ReportData& data) {
  const std::string notice =
      data.notice.empty() ? "" : cat("<p class=\"notice\">", escaped(data.notice), "</p>\n");
  return cat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
      escaped(data.title), "</title>\n<style>", kStyle, "</style>\n</head>\n<body>\n<h1>",
      escaped(data.title), "</h1>\n<p class=\"quiet\">Made by litemedcot from the answers of ",
      data.comparison.runs.size(), " run", data.comparison.runs.size() == 1 ? "" : "s",
      ". Every figure can be computed again from their answers.jsonl.</p>\n", notice,
      results_section(data.comparison), pairs_section(data.comparison),
      letters_section(data.comparison), curves_section(data.curves), examples_section(data),
      origin_section(data), "</body>\n</html>\n");
}

}  // namespace lmc::report
