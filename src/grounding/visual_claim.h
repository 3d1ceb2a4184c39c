// Whether a reply says something specific about what the image shows: the v_i of HVRR.
//
// How the source (arXiv 2603.03437) tells is not published, so the rule is spelled out here and is
// ours. A reply makes a visual claim if one of its sentences (of the reasoning, not of the answer
// line) has words of at least two of these kinds, and none that makes it general knowledge:
//   seeing:     image, image, scan, radiograph, x-ray, ct, mri, shows, visible, seen, ...
//   place:      left, right, upper, lower, middle, bilateral, anterior, apical, base, lobe, ...
//   appearance: opacity, nodule, mass, effusion, dark, bright, enlarged, round, red, clear, ...
//   general:    typically, usually, generally, commonly, often, if, would, definition, defined
// So "Left lung: upper two nodules." (place, appearance) and "The image shows a mass." (seeing,
// appearance) are claims; "The image is needed." (seeing alone) and "Pneumonia typically shows an
// opacity in the lower lobe." (general) are not. Sentences end at . ! ? ; and at line breaks. Words
// are compared without case, and with a plural s or es taken off.
#pragma once

#include <string_view>

namespace lmc::grounding {

bool makes_visual_claim(std::string_view reply);

// The rule in a line, for reports.
std::string_view visual_claim_rule();

}  // namespace lmc::grounding
