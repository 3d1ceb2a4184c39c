// Accuracy by group of questions: a plot a kind of group, and all of it as a table.
#include <algorithm>
#include <cstdlib>

#include "base/check.h"       // cat
#include "base/utf8_edges.h"  // whole_characters
#include "report/html.h"      // escaped
#include "report/plot.h"
#include "report/result_tables.h"
#include "report/sections.h"

namespace lmc::report {

namespace {

// How many questions the group has, in words that a plot's label can bear.
std::string group_label(const std::string& group,
                        const std::vector<std::pair<size_t, record::Proportion>>& shares) {
  int64_t least = shares.front().second.total;
  int64_t most = least;
  for (const auto& [run, share] : shares) {
    least = std::min(least, share.total);
    most = std::max(most, share.total);
  }
  const std::string count = least == most ? cat(most) : cat(least, " to ", most);
  return cat(group.empty() ? "not known" : group, " (", count, ")");
}

std::string shortened(const std::string& text, size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  return std::string(whole_characters(text, most_bytes)) + "...";
}

using GroupList =
    std::vector<std::pair<std::string, std::vector<std::pair<size_t, record::Proportion>>>>;

// "below 25", "25 to 49", "100 to 199" by their numbers; groups without one by their names.
double rank_of(const std::string& group) {
  const size_t digit = group.find_first_of("0123456789");
  if (digit == std::string::npos) return 0;
  const double number = std::strtod(group.c_str() + digit, nullptr);
  return group.starts_with("below") ? number - 0.5 : number;
}

GroupList in_reading_order(const Groups::mapped_type& groups) {
  GroupList list(groups.begin(), groups.end());
  std::stable_sort(list.begin(), list.end(), [](const auto& one, const auto& other) {
    return rank_of(one.first) < rank_of(other.first);
  });
  return list;
}

}  // namespace

Section groups_section(const ReportData& data) {
  constexpr size_t kMaxLabelLength = 52;
  Section section{"groups", "By group of questions", {}};
  std::string charts;
  for (const auto& [kind, groups] : groups_of(data.comparison)) {
    std::vector<GroupProportions> rows;
    for (const auto& [group, shares] : in_reading_order(groups)) {
      rows.push_back({shortened(group_label(group, shares), kMaxLabelLength), shares});
    }
    charts += chart_figure(
        cat("By ", kind, " (questions)"),
        group_plot(rows, cat("Accuracy by ", kind, "; the table below has it in numbers")));
  }
  if (charts.empty()) return section;
  section.body = cat(
      runs_legend(data.comparison), "<div class=\"charts\">\n", charts, "</div>\n",
      note("Dots are accuracies, lines their 95 % Wilson intervals. Small groups have wide ones: "
           "with many groups, some will look special by chance."),
      "<details><summary>The same in numbers</summary>\n",
      table_html(groups_table(data.comparison)), "</details>\n");
  return section;
}

}  // namespace lmc::report
