// Rules about what the student will not see: the gold answer in the prompt, the caption, the rest
// of the figure and the article it stands in.
//
// What the question or an option itself names may be spoken of.
#pragma once

namespace lmc::teacher {

struct Candidate;

bool leaks_gold(const Candidate& candidate);
bool cites_caption(const Candidate& candidate);
bool copies_caption(const Candidate& candidate);
bool speaks_of_other_panels(const Candidate& candidate);

}  // namespace lmc::teacher
