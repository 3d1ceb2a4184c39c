// The tables of pairs that the page shows: against the reference, and all pairs as a square.
#include <map>

#include "base/check.h"   // cat
#include "report/html.h"  // escaped, points
#include "report/result_tables.h"

namespace lmc::report {

namespace {

using record::Comparison;

Cell if_counted(const std::optional<int64_t>& count) {
  return count ? count_cell(*count) : Cell{kNoValue, {""}};
}

const char* words_of(Verdict verdict) {
  return verdict == Verdict::kAhead    ? "ahead"
         : verdict == Verdict::kBehind ? "behind"
                                       : "not shown";
}

}  // namespace

Table against_reference_table(const Comparison& comparison, const QuestionSet& set) {
  const Contender& reference = set.contenders[set.reference];
  Table table{"against-reference",
              cat("Each against ", reference.name),
              {kRun,
               {"difference", {"verdict"}, true},
               {"points", {"difference"}},
               {"95 % interval by image group", {"low", "high"}},
               {"over seeds", {"seed_low", "seed_high"}},
               {"only it right", {"only_here"}},
               {"only the reference", {"only_there"}},
               {"McNemar p", {"mcnemar_p"}},
               {"Holm p", {"holm_p"}},
               {"alike within 2 points, p", {"equivalence_p"}}},
              {}};
  for (size_t i = 0; i < set.contenders.size(); ++i) {
    const Contender& one = set.contenders[i];
    if (i == set.reference) continue;
    const auto standing = standing_of(comparison, one, reference);
    if (!standing) continue;
    table.rows.push_back(
        {run_cell(one.name, one.runs[0]), text_cell(words_of(standing->verdict)),
         points_cell(standing->difference), interval_cell(standing->interval_95, true),
         interval_cell(standing->seed_interval_95, true), if_counted(standing->only_first_right),
         if_counted(standing->only_second_right), p_cell(standing->mcnemar_p),
         p_cell(standing->holm_p), p_cell(standing->equivalence_p)});
  }
  drop_empty_columns(table);
  return table;
}

Table pairs_square(const Comparison& comparison) {
  Table table{"pairs-square", "Points of the row less those of the column, and Holm p", {kRun}, {}};
  std::map<std::pair<std::string, std::string>, const record::PairComparison*> by_names;
  for (const record::PairComparison& pair : comparison.pairs) {
    by_names[{pair.first, pair.second}] = &pair;
  }
  for (const record::Result& run : comparison.runs) table.columns.push_back({run.name, {run.name}});
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    const std::string& row_name = comparison.runs[i].name;
    std::vector<Cell> row = {run_cell(row_name, i)};
    for (const record::Result& column : comparison.runs) {
      const auto straight = by_names.find({row_name, column.name});
      const auto turned = by_names.find({column.name, row_name});
      if (straight == by_names.end() && turned == by_names.end()) {
        row.push_back({column.name == row_name ? "" : kNoValue, {""}});
        continue;
      }
      const bool is_turned = straight == by_names.end();
      const record::PairComparison& pair = is_turned ? *turned->second : *straight->second;
      const auto more = static_cast<double>(pair.only_first_right - pair.only_second_right) /
                        static_cast<double>(pair.total());
      Cell cell = points_cell(is_turned ? -more : more);
      const bool is_shown = pair.holm_p < kSignificance;
      cell.html = cat("<span>", is_shown ? "<b>" : "", escaped(cell.shown), is_shown ? "</b>" : "",
                      " <span class=\"quiet\">", p_value(pair.holm_p), "</span></span>");
      row.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace lmc::report
