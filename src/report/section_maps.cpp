// Where the models look: occlusion maps over their images.
#include <unordered_map>

#include "base/check.h"  // cat
#include "report/heat_map.h"
#include "report/result_tables.h"  // run_cell
#include "report/sections.h"

namespace lmc::report {

Section maps_section(const ReportData& data) {
  constexpr size_t kOpen = 4;  // a row of the page; the others are folded away
  Section section{"looks", "Where they look", {}};
  std::unordered_map<std::string, const record::Question*> by_id;
  for (const record::Question& question : data.questions) by_id[question.id] = &question;
  std::string html;
  for (const GroundingRun& run : data.grounding) {
    std::string first;
    std::string others;
    size_t shown = 0;
    for (const record::OcclusionMap& map : run.maps) {
      const auto question = by_id.find(map.question_id);
      if (question == by_id.end() || shown == data.num_maps) continue;
      (shown < kOpen ? first : others) += heat_map_html(map, *question->second);
      ++shown;
    }
    if (shown == 0) continue;
    html += cat("<h3>", run_cell(run.result.name, run.series).html, "</h3>\n<div class=\"maps\">\n",
                first, "</div>\n");
    if (!others.empty()) {
      html += cat("<details><summary>", shown - kOpen, " more of ", run.maps.size(),
                  " maps</summary>\n<div class=\"maps\">\n", others, "</div></details>\n");
    }
  }
  if (html.empty()) return section;
  section.body =
      note(
          "Orange: hiding this part makes the answer less likely; blue: more likely. Strength is "
          "relative to the strongest part of each map. Outlined: boxes that came with the "
          "question. Gradient: the same to first order, of the visual tokens (gradient times "
          "input). For research use only.") +
      html;
  return section;
}

}  // namespace lmc::report
