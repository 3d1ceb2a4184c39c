// Where the models look: occlusion maps over their images.
#include <unordered_map>

#include "base/check.h"  // cat
#include "report/heat_map.h"
#include "report/result_tables.h"  // run_cell
#include "report/sections.h"
#include "report/sentence_strip.h"

namespace lmc::report {

namespace {

constexpr size_t kOpen = 4;    // maps in a row of the page; the others are folded away
constexpr size_t kStrips = 4;  // replies shown sentence by sentence

using Questions = std::unordered_map<std::string, const record::Question*>;

std::string run_title(const GroundingRun& run) {
  return cat("<h3>", run_cell(run.result.name, run.series).html, "</h3>\n");
}

std::string maps_html(const GroundingRun& run, const Questions& by_id, size_t num_maps) {
  std::string first;
  std::string others;
  size_t shown = 0;
  for (const record::OcclusionMap& map : run.maps) {
    const auto question = by_id.find(map.question_id);
    if (question == by_id.end() || shown == num_maps) continue;
    (shown < kOpen ? first : others) += heat_map_html(map, *question->second);
    ++shown;
  }
  if (shown == 0) return {};
  std::string html = cat(run_title(run), "<div class=\"maps\">\n", first, "</div>\n");
  if (!others.empty()) {
    html += cat("<details><summary>", shown - kOpen, " more of ", run.maps.size(),
                " maps</summary>\n<div class=\"maps\">\n", others, "</div></details>\n");
  }
  return html;
}

std::string strips_html(const GroundingRun& run, const Questions& by_id, size_t number) {
  std::string html;
  size_t shown = 0;
  for (const record::ReplyEvidence& evidence : run.sentences) {
    const auto question = by_id.find(evidence.question_id);
    if (question == by_id.end() || shown == kStrips) continue;
    const std::string strip =
        sentence_strip_html(evidence, *question->second, cat("strip", number, "-", shown));
    shown += strip.empty() ? 0 : 1;
    html += strip;
  }
  return html.empty() ? html : run_title(run) + html;
}

}  // namespace

Section maps_section(const ReportData& data) {
  Section section{"looks", "Where they look", {}};
  Questions by_id;
  for (const record::Question& question : data.questions) by_id[question.id] = &question;
  std::string maps;
  std::string strips;
  for (size_t i = 0; i < data.grounding.size(); ++i) {
    maps += maps_html(data.grounding[i], by_id, data.num_maps);
    strips += strips_html(data.grounding[i], by_id, i);
  }
  if (!maps.empty()) {
    section.body =
        note(
            "Orange: hiding this part makes the answer less likely; blue: more likely. Strength is "
            "relative to the strongest part of each map. Outlined: boxes that came with the "
            "question. Gradient: the same to first order, of the visual tokens (gradient times "
            "input). For research use only.") +
        maps;
  }
  if (!strips.empty()) {
    section.body +=
        "<h2>Sentence by sentence</h2>\n" +
        note(
            "The same for each sentence of a reply, on one scale; attention: where its tokens read. Outlined: the places that the sentence speaks "
            "of. What a sentence owes the image is how much likelier, in natural logarithms, the "
            "image makes it than its own blurred one: near 0, it would have been written without "
            "the details that the blur takes away.") +
        strips;
  }
  return section;
}

}  // namespace lmc::report
