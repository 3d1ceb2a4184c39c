#include "report/grounding_tables.h"

#include <algorithm>

#include "base/check.h"     // cat
#include "report/charts.h"  // series_class
#include "report/html.h"    // escaped, fixed
#include "report/look.h"    // find_metric
#include "report/result_tables.h"

namespace lmc::report {

namespace {

using record::ConditionRow;
using record::GroundingMetric;
using record::GroundingResult;

Table metrics_table(const std::vector<GroundingRun>& runs, const char* name, const char* caption,
                    std::vector<GroundingMetric> GroundingResult::*metrics) {
  Table table{name,
              caption,
              {kRun,
               {"metric", {"figure"}, true},
               {"value", {"value"}},
               {"95 % interval", {"interval_95_low", "interval_95_high"}},
               {"questions or pairs", {"items"}},
               {"each shuffle", {"by_variant"}, true},
               {"formula", {"formula"}, true},
               {"defined in", {"source"}, true}},
              {}};
  for (size_t i = 0; i < runs.size(); ++i) {
    for (const GroundingMetric& metric : runs[i].result.*metrics) {
      Cell interval = interval_cell(metric.interval_95);
      if (metric.interval_95) {
        interval.shown =
            cat(fixed((*metric.interval_95)[0], 3), " to ", fixed((*metric.interval_95)[1], 3));
      }
      std::string variants;
      for (const double value : metric.by_variant) {
        variants += cat(variants.empty() ? "" : ", ", fixed(value, 3));
      }
      Cell by_variant = text_cell(variants);
      if (variants.empty()) by_variant.shown = kNoValue;
      table.rows.push_back({run_cell(runs[i].result.name, runs[i].series), text_cell(metric.name),
                            number_cell(metric.value, 3), interval, count_cell(metric.items),
                            by_variant, text_cell(metric.formula), text_cell(metric.source)});
    }
  }
  return table;
}

// "0.525 (0.440 to 0.600), 200".
Cell metric_cell(const GroundingMetric& metric) {
  Cell cell = number_cell(metric.value, 3);
  std::string beside;
  if (metric.interval_95) {
    beside =
        cat(fixed((*metric.interval_95)[0], 3), " to ", fixed((*metric.interval_95)[1], 3), ", ");
  }
  cell.html = cat("<span><b>", cell.shown, "</b> <span class=\"quiet\">", beside, "n ",
                  metric.items, "</span></span>");
  return cell;
}

const ConditionRow* row_of(const GroundingResult& result, const char* condition) {
  for (const ConditionRow& row : result.conditions) {
    if (row.condition == condition) return &row;
  }
  return nullptr;
}

}  // namespace

Table conditions_table(const std::vector<GroundingRun>& runs) {
  Table table{"conditions",
              "Answers under changed images and options",
              {kRun,
               {"condition", {"condition", "variant"}, true},
               {"right", {"correct", "total"}},
               {"accuracy", {"accuracy"}},
               {"95 % interval", {"interval_95_low", "interval_95_high"}},
               {"other answer than real", {"flip_rate"}},
               {"its 95 % interval", {"flip_interval_95_low", "flip_interval_95_high"}},
               {"right to wrong", {"right_to_wrong"}},
               {"wrong to right", {"wrong_to_right"}},
               {"neither read", {"both_unread"}},
               {"mean shift", {"mean_shift"}},
               {"no answer", {"no_answer"}},
               {"not asked", {"errors"}}},
              {}};
  for (size_t i = 0; i < runs.size(); ++i) {
    for (const ConditionRow& row : runs[i].result.conditions) {
      table.rows.push_back({run_cell(runs[i].result.name, runs[i].series),
                            {condition_label(row.condition, row.variant),
                             {row.condition, std::to_string(row.variant)}},
                            proportion_cell(row.accuracy),
                            percent_cell(row.accuracy.accuracy),
                            interval_cell(row.accuracy.interval_95),
                            percent_cell(row.flipped.accuracy),
                            interval_cell(row.flipped.interval_95),
                            count_cell(row.right_to_wrong),
                            count_cell(row.wrong_to_right),
                            count_cell(row.both_unread),
                            number_cell(row.mean_shift, 3),
                            count_cell(row.no_answer),
                            count_cell(row.errors)});
    }
  }
  return table;
}

Table captions_table(const std::vector<GroundingRun>& runs) {
  Table table{"captions",
              "Captions in training and in the prompt",
              {kRun,
               {"captions in training", {"trained_with_captions"}, true},
               {"asked without", {"accuracy_without"}},
               {"95 % interval", {"without_low", "without_high"}},
               {"asked with", {"accuracy_with"}},
               {"95 % interval", {"with_low", "with_high"}}},
              {}};
  for (size_t i = 0; i < runs.size(); ++i) {
    const ConditionRow* without = row_of(runs[i].result, "real");
    const ConditionRow* with = row_of(runs[i].result, "caption");
    if (without == nullptr || with == nullptr) continue;
    Cell trained = text_cell(runs[i].trained_with_captions);
    if (trained.shown.empty()) trained.shown = "not known, or not trained";
    table.rows.push_back(
        {run_cell(runs[i].result.name, runs[i].series), trained,
         percent_cell(without->accuracy.accuracy), interval_cell(without->accuracy.interval_95),
         percent_cell(with->accuracy.accuracy), interval_cell(with->accuracy.interval_95)});
  }
  return table;
}

Table metrics_by_run(const std::vector<GroundingRun>& runs, const char* caption,
                     std::vector<GroundingMetric> GroundingResult::*metrics) {
  Table table{"metrics-by-run", caption, {{"metric", {"figure"}, true}}, {}};
  std::vector<const GroundingMetric*> row_metrics;  // the first of each name
  for (const GroundingRun& run : runs) {
    if ((run.result.*metrics).empty()) continue;
    table.columns.push_back({run.result.name, {run.result.name}});
    for (const GroundingMetric& metric : run.result.*metrics) {
      const bool is_known =
          std::any_of(row_metrics.begin(), row_metrics.end(),
                      [&](const GroundingMetric* one) { return one->name == metric.name; });
      if (!is_known) row_metrics.push_back(&metric);
    }
  }
  for (const GroundingMetric* row_metric : row_metrics) {
    Cell name = text_cell(row_metric->name);
    name.html =
        cat(escaped(row_metric->name), "<span class=\"quiet formula\">",
            escaped(row_metric->formula), " <i>(", escaped(row_metric->source), ")</i></span>");
    std::vector<Cell> row = {name};
    for (const GroundingRun& run : runs) {
      if ((run.result.*metrics).empty()) continue;
      const GroundingMetric* metric = find_metric(run.result.*metrics, row_metric->name);
      row.push_back(metric == nullptr ? number_cell(std::nullopt, 3) : metric_cell(*metric));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table grounding_metrics_table(const std::vector<GroundingRun>& runs) {
  return metrics_table(runs, "grounding", "Metrics of grounding, each with its formula",
                       &GroundingResult::metrics);
}

Table map_metrics_table(const std::vector<GroundingRun>& runs) {
  return metrics_table(runs, "maps", "Metrics of the occlusion maps, each with its formula",
                       &GroundingResult::map_metrics);
}

Table sentence_metrics_table(const std::vector<GroundingRun>& runs) {
  return metrics_table(runs, "sentences", "Metrics of the sentences, each with its formula",
                       &GroundingResult::sentence_metrics);
}

Table faithfulness_table(const std::vector<GroundingRun>& runs) {
  return metrics_table(runs, "faithfulness",
                       "Whether answers follow their reasoning: metrics with their formulas",
                       &GroundingResult::faithfulness);
}

}  // namespace lmc::report
