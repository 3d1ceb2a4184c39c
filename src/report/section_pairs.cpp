// How the runs stand to each other on the questions that both answered.
#include "base/check.h"  // cat
#include "report/result_tables.h"
#include "report/sections.h"

namespace lmc::report {

namespace {

std::string folded(const std::string& summary, const Table& table) {
  if (table.rows.empty()) return {};
  return cat("<details><summary>", summary, "</summary>\n", table_html(table), "</details>\n");
}

}  // namespace

Section pairs_section(const ReportData& data) {
  const record::Comparison& comparison = data.comparison;
  Section section{"pairs", "Compared on the same questions", {}};
  if (comparison.pairs.empty()) return section;
  for (const QuestionSet& set : question_sets(comparison, data.manifests, data.reference)) {
    const Table table = against_reference_table(comparison, set);
    if (!table.rows.empty()) section.body += table_html(table);
  }
  const size_t count = comparison.pairs.size();
  if (count > 1) section.body += folded("All pairs of runs, as a square", pairs_square(comparison));
  section.body += folded(cat("All ", count, " pairs with their counts"), pairs_table(comparison));
  section.body += folded("All pairs of arms", arm_pairs_table(comparison));
  section.body += note(
      "McNemar p, exact and two-sided: how likely a difference at least this uneven would be "
      "between two runs of equal skill; mid-p is the same test made less strict. Holm p is "
      "adjusted for all pairs of runs; the others are not. A difference counts as shown when Holm "
      "p is below 0.05 and the interval leaves zero out. A high p shows nothing: that two runs are "
      "alike is shown by a low p for a difference of 2 points or more. A column that is missing "
      "was not computed when the runs were compared.");
  return section;
}

}  // namespace lmc::report
