// Rules about a reply as a whole: did the teacher answer, and the gold letter?
#pragma once

namespace lmc::teacher {

struct Candidate;

bool is_truncated(const Candidate& candidate);
bool is_refused(const Candidate& candidate);
bool is_empty(const Candidate& candidate);
bool has_no_answer(const Candidate& candidate);
bool has_wrong_answer(const Candidate& candidate);
bool has_no_reasoning(const Candidate& candidate);

}  // namespace lmc::teacher
