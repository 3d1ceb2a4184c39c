// A second look at an explanation: the request to a judge, a teacher of the same or another name,
// and what its reply says.
//
// The judge sees the image, the question, the gold answer and the explanation, and ends with a
// line "Verdict: valid" or "Verdict: invalid".
// Source: the quality check of LLaVA-CoT, arXiv 2411.10440, section 3.1.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "record/question.h"         // Question
#include "teacher/teacher_prompt.h"  // ChatPrompt

namespace lmc::teacher {

extern const std::string_view kJudgeSystemPrompt;  // the default system message

// `form` gives the system message (PromptTexts::judge) and whether the judge sees the caption.
client::ChatPrompt judge_prompt(const record::Question& question, std::string_view reasoning,
                                const PromptOptions& form);

// Empty: valid. Else the reason to reject, as the ledger has it: "judge", or "judge-unreadable" for
// a reply that settles on neither. Read are, in any case and with or without markdown, the last
// `Verdict: valid`, {"verdict": "valid"}, or a last line of that one word.
std::string reason_of_judge(std::string_view reply);

}  // namespace lmc::teacher
