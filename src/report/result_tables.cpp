#include "report/result_tables.h"

#include <algorithm>

#include "base/check.h"     // cat
#include "report/charts.h"  // series_class
#include "report/html.h"    // escaped, percent

namespace lmc::report {

namespace {

using record::Comparison;
using record::PairComparison;
using record::Proportion;
using record::Result;

const Column kRight = {"right", {"correct", "total"}};
const Column kAccuracy = {"accuracy", {"accuracy"}};
const Column kInterval = {"95 % interval", {"interval_95_low", "interval_95_high"}};

Cell accuracy_cell(const Proportion& share) {
  Cell cell = percent_cell(share.accuracy);
  cell.html = cat("<b>", cell.shown, "</b>");
  return cell;
}

Cell count_with_proportion(int64_t count, int64_t total) {
  Cell cell = count_cell(count);
  if (count > 0 && total > 0) {
    cell.shown += cat(" (", percent(static_cast<double>(count) / static_cast<double>(total)), ")");
  }
  return cell;
}

}  // namespace

void drop_empty_columns(Table& table) {
  for (size_t column = table.columns.size(); column-- > 1;) {
    const bool is_empty = !table.rows.empty() &&
                          std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) {
                            return row[column].shown == kNoValue;
                          });
    if (!is_empty) continue;
    table.columns.erase(table.columns.begin() + static_cast<ptrdiff_t>(column));
    for (auto& row : table.rows) row.erase(row.begin() + static_cast<ptrdiff_t>(column));
  }
}

Cell run_cell(const std::string& name, size_t series) {
  Cell cell = text_cell(name);
  cell.html = cat("<span class=\"key ", series_class(series), "\"></span>", escaped(name));
  return cell;
}

Cell proportion_cell(const Proportion& share) {
  return {cat(share.correct, " of ", share.total),
          {std::to_string(share.correct), std::to_string(share.total)}};
}

Table results_table(const Comparison& comparison) {
  Table table{"results",
              "Accuracy of each run",
              {kRun,
               kRight,
               kAccuracy,
               kInterval,
               {"no answer", {"no_answer"}},
               {"cut short", {"truncated"}},
               {"not asked", {"errors"}},
               {"tokens a reply", {"mean_reply_tokens"}}},
              {}};
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const Result& run = comparison.runs[i];
    const Proportion& share = run.overall;
    table.rows.push_back({run_cell(run.name, i), proportion_cell(share), accuracy_cell(share),
                          interval_cell(share.interval_95),
                          count_with_proportion(run.no_answer, share.total),
                          count_with_proportion(run.truncated, share.total), count_cell(run.errors),
                          number_cell(run.mean_reply_tokens, 0)});
  }
  return table;
}

Table accuracy_table(const Comparison& comparison) {
  Table table{
      "accuracy",
      "Accuracy beside the letters, and by image group",
      {kRun,
       {"balanced over letters", {"letter_balanced_accuracy"}},
       {"best single letter", {"best_letter_accuracy"}},
       {"skill above letters", {"skill_above_letters"}},
       {"image groups", {"figures"}},
       {"95 % interval by image group", {"figure_interval_95_low", "figure_interval_95_high"}},
       {"smallest significant gap", {"smallest_significant_gap"}}},
      {}};
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const Result& run = comparison.runs[i];
    Cell image_groups = count_cell(run.image_groups);
    if (run.image_groups == 0) image_groups = {kNoValue, {""}};
    Cell gap = percent_cell(run.smallest_significant_gap);
    if (run.smallest_significant_gap) {
      gap.shown = cat(fixed(100 * *run.smallest_significant_gap, 1), " points");
    }
    table.rows.push_back({run_cell(run.name, i), percent_cell(run.letter_balanced_accuracy),
                          percent_cell(run.best_letter_accuracy),
                          number_cell(run.skill_above_letters, 3), image_groups,
                          interval_cell(run.image_group_interval_95), gap});
  }
  drop_empty_columns(table);
  return table;
}

Table pairs_table(const Comparison& comparison) {
  Table table{"pairs",
              "Runs compared on the questions that both answered",
              {{"first", {"first"}, true},
               {"second", {"second"}, true},
               {"both right", {"both_right"}},
               {"only first", {"only_first_right"}},
               {"only second", {"only_second_right"}},
               {"both wrong", {"both_wrong"}},
               {"first less second, points", {"difference"}},
               {"95 % interval by image group",
                {"difference_interval_95_low", "difference_interval_95_high"}},
               {"McNemar p", {"mcnemar_p"}},
               {"mid-p", {"mcnemar_mid_p"}},
               {"Holm p", {"holm_p"}},
               {"equivalent within 2 points, p", {"equivalence_p"}}},
              {}};
  // A mid-p is below its p value wherever it was computed: records without one have 1 in all three.
  const bool has_tests =
      std::any_of(comparison.pairs.begin(), comparison.pairs.end(),
                  [](const PairComparison& pair) { return pair.mid_p < pair.p_value; });
  for (const PairComparison& pair : comparison.pairs) {
    const double by_counts = static_cast<double>(pair.only_first_right - pair.only_second_right) /
                             static_cast<double>(std::max<int64_t>(1, pair.total()));
    const auto if_computed = [&](double p) {
      return p_cell(has_tests ? std::optional(p) : std::nullopt);
    };
    table.rows.push_back(
        {text_cell(pair.first), text_cell(pair.second), count_cell(pair.both_right),
         count_cell(pair.only_first_right), count_cell(pair.only_second_right),
         count_cell(pair.both_wrong), points_cell(has_tests ? pair.difference : by_counts),
         interval_cell(pair.difference_interval_95, true), p_cell(pair.p_value),
         if_computed(pair.mid_p), if_computed(pair.holm_p), p_cell(pair.equivalence_p)});
  }
  drop_empty_columns(table);
  return table;
}

Table letters_table(const Comparison& comparison) {
  Table table{"letters",
              "Gold letters, and letters given",
              {kRun, {"letter", {"letter"}, true}, {"gold", {"gold"}}, {"given", {"predicted"}}},
              {}};
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const Result& run = comparison.runs[i];
    std::map<char, int64_t> letters = run.gold_letters;
    letters.insert(run.predicted_letters.begin(), run.predicted_letters.end());
    const auto count = [](const std::map<char, int64_t>& counts, char letter) {
      const auto found = counts.find(letter);
      return count_cell(found == counts.end() ? 0 : found->second);
    };
    for (const auto& [letter, unused] : letters) {
      table.rows.push_back({run_cell(run.name, i), text_cell(std::string(1, letter)),
                            count(run.gold_letters, letter), count(run.predicted_letters, letter)});
    }
  }
  return table;
}

Table extractors_table(const Comparison& comparison) {
  Table table{"extractors",
              "The same replies, read and graded as published evaluators do",
              {kRun,
               {"extractor", {"extractor"}, true},
               kRight,
               kAccuracy,
               kInterval,
               {"no answer", {"no_answer"}},
               {"by default or likeness", {"by_default"}}},
              {}};
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const Result& run = comparison.runs[i];
    for (const record::ExtractorRow& row : run.extractors) {
      table.rows.push_back(
          {run_cell(run.name, i), text_cell(row.name), proportion_cell(row.graded_right),
           percent_cell(row.graded_right.accuracy), interval_cell(row.graded_right.interval_95),
           count_cell(row.no_answer), count_cell(row.by_default)});
    }
  }
  return table;
}

Table extractors_overview(const Comparison& comparison) {
  Table table{"extractors-overview", "Accuracy by what reads the reply", {kRun}, {}};
  std::vector<std::string> names;
  for (const Result& run : comparison.runs) {
    for (const record::ExtractorRow& row : run.extractors) {
      if (std::find(names.begin(), names.end(), row.name) == names.end()) names.push_back(row.name);
    }
  }
  for (const std::string& name : names) table.columns.push_back({name, {name}});
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const Result& run = comparison.runs[i];
    if (run.extractors.empty()) continue;
    std::vector<Cell> cells = {run_cell(run.name, i)};
    for (const std::string& name : names) {
      const auto row = std::find_if(run.extractors.begin(), run.extractors.end(),
                                    [&](const auto& one) { return one.name == name; });
      cells.push_back(row == run.extractors.end() ? percent_cell(std::nullopt)
                                                  : percent_cell(row->graded_right.accuracy));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Groups groups_of(const Comparison& comparison) {
  Groups groups;
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const Result& run = comparison.runs[i];
    const auto add = [&](const std::string& kind, const std::map<std::string, Proportion>& shares) {
      for (const auto& [group, share] : shares) groups[kind][group].emplace_back(i, share);
    };
    for (const auto& [kind, shares] : run.breakdowns) add(kind, shares);
    if (run.by_split.size() > 1) add("split", run.by_split);
    if (run.by_source.size() > 1) add("source", run.by_source);
  }
  return groups;
}

Table groups_table(const Comparison& comparison) {
  Table table{"groups",
              "Accuracy by group of questions",
              {kRun,
               {"grouped by", {"kind"}, true},
               {"group", {"group"}, true},
               kRight,
               kAccuracy,
               kInterval},
              {}};
  for (const auto& [kind, groups] : groups_of(comparison)) {
    for (const auto& [group, shares] : groups) {
      for (const auto& [run, share] : shares) {
        table.rows.push_back({run_cell(comparison.runs[run].name, run), text_cell(kind),
                              text_cell(group), proportion_cell(share),
                              percent_cell(share.accuracy), interval_cell(share.interval_95)});
      }
    }
  }
  return table;
}

}  // namespace lmc::report
