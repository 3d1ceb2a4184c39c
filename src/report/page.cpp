// The page: its sections in order, and links to them.
#include "base/check.h"     // cat
#include "report/charts.h"  // series_class
#include "report/claim_checklist.h"
#include "report/grounding_tables.h"
#include "report/html.h"  // escaped, policy_hash
#include "report/published_results.h"
#include "report/report.h"
#include "report/result_tables.h"
#include "report/sections.h"
#include "report/web.h"  // kPageStyle, kItemsScript

namespace lmc::report {

namespace {

std::vector<Section> sections_of(const ReportData& data) {
  std::vector<Section> sections;
  for (const auto make :
       {findings_section, maps_section, results_section, pairs_section, published_section,
        letters_section, extractors_section, groups_section, confidence_section, grounding_section,
        training_section, examples_section, items_section, checklist_section, manifests_section}) {
    Section section = make(data);
    if (!section.body.empty()) sections.push_back(std::move(section));
  }
  return sections;
}

std::string links_to(const std::vector<Section>& sections) {
  std::string links;
  for (const Section& section : sections) {
    links += cat("<li><a href=\"#", section.id, "\">", escaped(section.title), "</a></li>");
  }
  return cat("<nav aria-label=\"Sections\"><ul>", links, "</ul></nav>\n");
}

std::string head(const ReportData& data) {
  return cat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'; script-src ",
      policy_hash(kItemsScript),
      "; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
      escaped(data.title), "</title>\n<style>", kPageStyle, "</style>\n</head>\n");
}

}  // namespace

std::string runs_legend(const record::Comparison& comparison, const std::set<size_t>& shown) {
  std::string items;
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    if (!shown.empty() && !shown.contains(i)) continue;
    items += cat("<li>", run_cell(comparison.runs[i].name, i).html, "</li>");
  }
  return cat("<ul class=\"legend\">", items, "</ul>\n");
}

std::string chart_figure(const std::string& caption, const std::string& chart) {
  if (chart.empty()) return {};
  return cat("<figure><figcaption>", escaped(caption), "</figcaption>", chart, "</figure>\n");
}

std::string note(const std::string& text) {
  return cat("<p class=\"quiet\">", escaped(text), "</p>\n");
}

std::vector<Table> report_tables(const ReportData& data) {
  const record::Comparison& comparison = data.comparison;
  std::vector<Table> tables = {results_table(comparison),
                               accuracy_table(comparison),
                               pairs_table(comparison),
                               seeds_table(comparison),
                               arm_pairs_table(comparison),
                               letters_table(comparison),
                               extractors_table(comparison),
                               groups_table(comparison),
                               confidence_table(comparison),
                               reliability_table(comparison),
                               promises_table(comparison),
                               prediction_sets_table(comparison),
                               conditions_table(data.grounding),
                               grounding_metrics_table(data.grounding),
                               captions_table(data.grounding),
                               map_metrics_table(data.grounding),
                               sentence_metrics_table(data.grounding),
                               faithfulness_table(data.grounding),
                               claim_checklist(data)};
  if (data.published) tables.push_back(published_table(comparison, data.track_by_run));
  std::erase_if(tables, [](const Table& table) { return table.rows.empty(); });
  return tables;
}

std::string report_page(const ReportData& data) {
  const std::string notice =
      data.notice.empty() ? "" : cat("<p class=\"notice\">", escaped(data.notice), "</p>\n");
  const size_t num_runs = data.comparison.runs.size() + data.grounding.size();
  const std::vector<Section> sections = sections_of(data);
  std::string page =
      cat(head(data), "<body>\n<main>\n<h1>", escaped(data.title), "</h1>\n", notice);
  // What was found comes before the way through the rest.
  const bool has_findings = !sections.empty() && sections[0].id == "findings";
  if (!has_findings) page += links_to(sections);
  for (const Section& section : sections) {
    page += cat("<section aria-labelledby=\"", section.id, "\">\n<h2 id=\"", section.id, "\">",
                escaped(section.title), "</h2>\n", section.body, "</section>\n");
    if (has_findings && &section == &sections[0]) page += links_to(sections);
  }
  return cat(page, "<p class=\"quiet\">Made by litemedcot from the answers of ", num_runs, " run",
             num_runs == 1 ? "" : "s",
             ". Every metric can be recomputed from the raw answers. Research use only.</p>\n"
             "</main>\n<script>",
             kItemsScript, "</script>\n</body>\n</html>\n");
}

}  // namespace lmc::report
