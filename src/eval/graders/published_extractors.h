// The published evaluators behind extractor.h, each in a file of its own that names its source.
#pragma once

#include "eval/graders/extractor.h"  // ReplyToGrade, Verdict

namespace lmc::eval {

Verdict medvint(const ReplyToGrade& one);               // extractor_medvint.cpp
Verdict medvint_td(const ReplyToGrade& one);            //
Verdict medvint_te(const ReplyToGrade& one);            //
Verdict medvlthinker(const ReplyToGrade& one);          // extractor_medvlthinker.cpp
Verdict medvlthinker_regrade(const ReplyToGrade& one);  // extractor_medvlthinker_regrade.cpp
Verdict medevalkit(const ReplyToGrade& one);            // extractor_medevalkit.cpp
Verdict likelihood(const ReplyToGrade& one);            // extractor_likelihood.cpp

}  // namespace lmc::eval
