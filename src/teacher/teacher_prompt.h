// What the teacher is asked: the student's own prompt, with a system message that says how to
// explain and, when the gold answer is given, one addition.
//
// The user text is made of prompt::question_messages, so a teacher that was trained on our form
// (the demo's) is asked in that form, and what it explains is what the student will be asked.
#pragma once

#include <string>

#include "client/chat_request.h"   // ChatPrompt
#include "record/question.h"       // Question
#include "teacher/prompt_texts.h"  // PromptTexts

namespace lmc::teacher {

// How one request is put. kRationalise gives the gold answer and asks for the reasoning that leads
// to it; kReject withholds it and keeps what reaches it.
// Sources: STaR, arXiv 2203.14465, section 3 (rationalisation); rejection sampling as in LLaMA 2,
// arXiv 2307.09288, section 3.2.
enum class Mode { kRationalise, kReject };

std::string mode_word(Mode mode);  // "rationalise" or "reject", as the ledger has it

// How all questions of a run are put.
struct PromptOptions {
  bool with_caption = false;
  bool structured = false;  // ask for a JSON object
  PromptTexts texts = default_prompt_texts();
};

client::ChatPrompt teacher_prompt(const record::Question& question, const PromptOptions& form,
                                  Mode mode);

}  // namespace lmc::teacher
