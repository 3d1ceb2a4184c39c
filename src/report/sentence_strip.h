// A reply sentence by sentence, each beside the part of the image it rests on.
#pragma once

#include <string>

#include "record/question.h"           // Question
#include "record/sentence_evidence.h"  // ReplyEvidence

namespace lmc::report {

// Empty without sentences. `id` names the image in the page, once among all; `question` is the
// reply's own.
std::string sentence_strip_html(const record::ReplyEvidence& evidence,
                                const record::Question& question, const std::string& id);

}  // namespace lmc::report
