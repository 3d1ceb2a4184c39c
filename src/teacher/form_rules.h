// Rules about how an explanation is written.
#pragma once

namespace lmc::teacher {

struct Candidate;

bool is_too_short(const Candidate& candidate);
bool is_too_long(const Candidate& candidate);
bool is_in_another_language(const Candidate& candidate);
bool repeats_itself(const Candidate& candidate);

}  // namespace lmc::teacher
