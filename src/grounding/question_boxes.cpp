#include "grounding/question_boxes.h"

#include <algorithm>

#include "reading/words.h"  // Words

namespace lmc::grounding {

std::vector<LabelledBox> boxes_of(const record::Question& question, const image::Image& stored) {
  std::vector<LabelledBox> boxes;
  const auto width = static_cast<double>(stored.width_px);
  const auto height = static_cast<double>(stored.height_px);
  for (const record::Box& box : question.boxes) {
    record::FractionBox part{box.ltrb_px[0] / width, box.ltrb_px[1] / height,
                             box.ltrb_px[2] / width, box.ltrb_px[3] / height};
    for (double& end : part) end = std::clamp(end, 0.0, 1.0);
    if (part[0] < part[2] && part[1] < part[3]) boxes.push_back({box.label, part});
  }
  return boxes;
}

bool speaks_of(std::string_view sentence, std::string_view label) {
  constexpr std::string_view kKinds[] = {"zone", "region", "area", "field", "side"};
  const reading::Words said(sentence);
  const reading::Words wanted(label);
  bool has_place = false;
  size_t next = 0;  // of the sentence
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted.is_word(i) ||
        std::find(std::begin(kKinds), std::end(kKinds), wanted[i]) != std::end(kKinds)) {
      continue;
    }
    has_place = true;
    while (next < said.size() && !(said.is_word(next) && said[next] == wanted[i])) ++next;
    if (next++ >= said.size()) return false;
  }
  return has_place;
}

}  // namespace lmc::grounding
