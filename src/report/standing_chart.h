// The image of the first screen: who is right how often, best first.
#pragma once

#include <string>

#include "report/contenders.h"  // QuestionSet

namespace lmc::report {

// A list with a bar a contender: its accuracy, the 95 % interval as a band, a dot a seed, and a
// tick where always giving the commonest letter would end. Beside it in words the difference to the
// reference.
std::string standing_html(const record::Comparison& comparison, const QuestionSet& set);

// "+55.6 points (51.0 to 60.2)".
std::string difference_words(const Standing& standing);

}  // namespace lmc::report
