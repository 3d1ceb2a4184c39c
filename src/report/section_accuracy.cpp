// How often each run is right, and how the runs stand to each other and to published results.
#include <algorithm>

#include "base/check.h"     // cat
#include "report/charts.h"  // letter_histogram
#include "report/html.h"    // escaped, percent
#include "report/published_results.h"
#include "report/result_tables.h"
#include "report/sections.h"

namespace lmc::report {

namespace {

std::string track_text(const RunTrack& track) {
  return track.name.empty() ? cat("track not known (", escaped(track.how), ")")
                            : cat("<b>", escaped(track.name), "</b>");
}

std::string tracks_text(const ReportData& data) {
  std::map<std::string, std::string> runs_by_track;
  for (size_t i = 0; i < data.track_by_run.size(); ++i) {
    std::string& runs = runs_by_track[track_text(data.track_by_run[i])];
    runs += cat(runs.empty() ? "" : ", ", run_cell(data.comparison.runs[i].name, i).html);
  }
  std::string items;
  for (const auto& [track, runs] : runs_by_track) {
    items += cat("<li>", track, ": ",
                 runs_by_track.size() == 1 && data.track_by_run.size() > 1 ? "all runs" : runs,
                 "</li>\n");
  }
  return cat("<ul class=\"plain\">", items, "</ul>\n");
}

bool any_track_is_published(const ReportData& data) {
  const auto results = published_results();
  return std::any_of(
      data.track_by_run.begin(), data.track_by_run.end(), [&](const RunTrack& track) {
        return std::any_of(results.begin(), results.end(), [&](const PublishedResult& result) {
          return result.track == track.name;
        });
      });
}

}  // namespace

Section results_section(const ReportData& data) {
  const record::Comparison& comparison = data.comparison;
  if (comparison.runs.empty()) return {"results", "Results", {}};
  const Table more = accuracy_table(comparison);
  std::string body = table_html(results_table(comparison));
  body += note(
      "Accuracy is the share of all questions whose answer letter was read from the reply and is "
      "the gold one; a reply without an answer counts as wrong. Intervals are Wilson's. Captions "
      "are never shown to a model here.");
  const Table seeds = seeds_table(comparison);
  if (!seeds.rows.empty()) {
    body +=
        table_html(seeds) +
        note(
            "The interval over other seeds (Student's t) is on training, and says nothing on "
            "other questions; the one over other questions (a bootstrap over image groups) takes "
            "these seeds as they are. A difference is shown where both leave zero out.");
  }
  body += "<details><summary>Beside the letters, and by image group</summary>\n";
  body += table_html(more);
  body += note(
      "Balanced over letters: the mean over the gold letters of the accuracy on their questions. "
      "Skill above letters: 0 where a run is no better than the best single letter, 1 where all is "
      "right. The interval by image group keeps a group's questions together; where several are "
      "asked of one group it is the one to quote. The smallest significant gap is the difference to "
      "another run on these questions that an exact McNemar test could call significant at 0.05, "
      "when a fifth of them are answered right by exactly one of the two.");
  body += "</details>\n";
  return {"results", "Results", body};
}

Section published_section(const ReportData& data) {
  Section section{"published", "Published results", {}};
  if (!data.published || data.comparison.runs.empty()) return section;
  const bool comparable = any_track_is_published(data);
  section.body = cat(
      note("PMC-VQA has several test files that share almost no question. A result may be compared "
           "with a run on the same track only, and never across tracks. These runs:"),
      tracks_text(data),
      comparable ? ""
                 : "<p class=\"notice\">No run here is known to be on a track with published "
                   "results. None of the results below can be compared with these runs.</p>\n",
      "<details", comparable ? " open" : "", "><summary>Results with track and source</summary>\n",
      table_html(published_table(data.comparison, data.track_by_run)), "</details>\n",
      note(
          "Where a result lies to an interval is no test: published results have an error of their "
          "own, other prompts and other rules for reading an answer, and come without their "
          "answers, so that nothing can be paired."));
  return section;
}

Section letters_section(const ReportData& data) {
  if (data.comparison.runs.empty()) return {"letters", "Answer letters", {}};
  std::string results;
  for (size_t i = 0; i < data.comparison.runs.size(); ++i) {
    const record::Result& run = data.comparison.runs[i];
    results += cat("<figure class=\"", series_class(i), "\"><figcaption>", escaped(run.name),
                   "</figcaption>", letter_histogram(run.gold_letters, run.predicted_letters, i),
                   "</figure>\n");
  }
  return {"letters", "Answer letters",
          cat(note("Percent of questions: outlined the gold letters, filled the letters given."),
              "<div class=\"histograms\">\n", results, "</div>\n")};
}

Section extractors_section(const ReportData& data) {
  Section section{"extractors", "Other ways to read the same replies", {}};
  const Table table = extractors_table(data.comparison);
  if (table.rows.empty()) return section;
  section.body =
      cat(table_html(extractors_overview(data.comparison)),
          "<details><summary>Counts and intervals</summary>\n", table_html(table), "</details>\n") +
      note(
          "Published evaluators read an answer from a reply by rules of their own, and some grade "
          "by rules of their own: where one falls back on a default letter or on likeness to an "
          "option, it counts an answer that the reply does not give.");
  return section;
}

}  // namespace lmc::report
