// Whether answers rest on the image, where in it, and whether they follow their reasoning.
#include "base/check.h"  // cat
#include "report/grounding_tables.h"
#include "report/html.h"  // escaped
#include "report/plot.h"
#include "report/result_tables.h"
#include "report/sections.h"

namespace lmc::report {

namespace {

// Conditions in the order of the first run that has them.
std::vector<GroupProportions> by_condition(const std::vector<GroundingRun>& runs,
                                           record::Proportion record::ConditionRow::*share) {
  std::vector<GroupProportions> groups;
  for (size_t i = 0; i < runs.size(); ++i) {
    for (const record::ConditionRow& row : runs[i].result.conditions) {
      if ((row.*share).total == 0) continue;
      const std::string label = condition_label(row.condition, row.variant);
      auto group = groups.begin();
      while (group != groups.end() && group->group != label) ++group;
      if (group == groups.end()) group = groups.insert(group, {label, {}});
      group->shares.emplace_back(runs[i].series, row.*share);
    }
  }
  return groups;
}

std::string plot_of(const std::vector<GroundingRun>& runs, const char* caption,
                    record::Proportion record::ConditionRow::*share) {
  const std::vector<GroupProportions> groups = by_condition(runs, share);
  if (groups.empty()) return {};
  return chart_figure(caption, group_plot(groups, cat(caption, "; the table has it in numbers")));
}

std::string legend(const std::vector<GroundingRun>& runs) {
  std::string items;
  for (size_t i = 0; i < runs.size(); ++i) {
    const record::GroundingResult& result = runs[i].result;
    items += cat("<li>", run_cell(result.name, runs[i].series).html, " <span class=\"quiet\">(",
                 result.questions, " questions, ",
                 result.reply == "reasoning" ? "replies read" : "letters compared",
                 "; best single letter ", percent(result.best_letter_accuracy), ")</span></li>");
  }
  return cat("<ul class=\"legend\">", items, "</ul>\n");
}

std::string conditions_html(const std::vector<GroundingRun>& runs) {
  return cat(
      legend(runs), "<div class=\"charts\">\n",
      plot_of(runs, "Accuracy by condition", &record::ConditionRow::accuracy),
      plot_of(runs, "Answers that differ from those to the real image",
              &record::ConditionRow::flipped),
      "</div>\n<details><summary>The same in numbers</summary>\n",
      table_html(conditions_table(runs)), "</details>\n",
      note("real: the question's own image; grey, black, white, noise: an image without content; "
           "absent: none in the prompt; shuffled: that of another question; patch-shuffled, "
           "low-pass, high-pass: what is left of the own one; rotation: the options moved on; "
           "option-hidden: \"None of these\" in place of the right option; caption: the own "
           "image, and its caption. Under every condition the best single letter is the floor, "
           "not one in the number of options. Mean shift: of the options' probabilities, as total "
           "variation."));
}

// Empty without rows.
std::string titled_table(const char* title, const Table& table, const char* text) {
  if (table.rows.empty()) return {};
  return cat("<h3>", title, "</h3>\n", table_html(table), note(text));
}

// A row a metric, a column a run. Empty without metrics.
std::string metrics_html(const char* title, const std::vector<GroundingRun>& runs,
                         std::vector<record::GroundingMetric> record::GroundingResult::*metrics,
                         const char* text) {
  return titled_table(title, metrics_by_run(runs, "Value, 95 % interval, and number", metrics),
                      text);
}

}  // namespace

Section grounding_section(const ReportData& data) {
  Section section{"grounding", "Grounding", {}};
  const std::vector<GroundingRun>& runs = data.grounding;
  if (runs.empty()) return section;
  section.body =
      conditions_html(runs) +
      metrics_html("Metrics", runs, &record::GroundingResult::metrics,
                   "Names such as VRS stand for different things in different papers: compare "
                   "metrics of the same formula only. n: questions, or pairs of question and "
                   "shuffle. An unread pair is one in which neither reply gives a letter.") +
      metrics_html("Occlusion maps", runs, &record::GroundingResult::map_metrics,
                   "A map says which parts of the image an answer hangs on. It does not say that "
                   "the answer or its reasoning is right.") +
      metrics_html(
          "Sentences", runs, &record::GroundingResult::sentence_metrics,
          "Of the sentences that speak of a place of the question's boxes. A grey image is "
          "unlike any that a model was trained on, and upsets one that does not look, too: "
          "what is owed to the image rather than to a blurred or another one tells them "
          "apart. Maps are to be trusted as far as they point above chance.") +
      metrics_html("Faithfulness", runs, &record::GroundingResult::faithfulness,
                   "If an answer stays the same whatever reasoning stands before it, the reasoning "
                   "is no explanation of it, however plausible it reads.") +
      titled_table("Captions", captions_table(runs),
                   "A caption is in a prompt under this condition alone. Runs trained with and "
                   "without captions make the two by two.");
  return section;
}

std::vector<ConditionAnswers> condition_answers(const std::vector<GroundingRun>& runs) {
  std::vector<ConditionAnswers> conditions;
  for (const GroundingRun& run : runs) {
    for (const record::ConditionRow& row : run.result.conditions) {
      // The first of a kind stands for it in the list of questions; the table has all.
      if (row.variant > 1 || (row.variant == 1 && row.condition != "rotation")) continue;
      ConditionAnswers one{cat(run.result.name, ": ", condition_label(row.condition, row.variant)),
                           {}};
      for (const record::ProbeAnswer& probe : run.answers) {
        if (probe.condition == row.condition && probe.variant == row.variant) {
          one.answers.push_back(probe.answer);
        }
      }
      if (!one.answers.empty()) conditions.push_back(std::move(one));
    }
  }
  return conditions;
}

}  // namespace lmc::report
