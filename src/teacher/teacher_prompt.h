// What the teacher is asked: the student's own prompt, with a system message that says how to
// explain and, when the gold answer is given, one addition.
//
// The user text is made of prompt::question_messages, so a teacher that was trained on our form
// (the demo's) is asked in that form, and what it explains is what the student will be asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"             // Json
#include "prompt/question.h"       // ReplyStyle
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
struct PromptForm {
  bool with_caption = false;
  bool structured = false;  // ask for a JSON object
  prompt::ReplyStyle style = prompt::ReplyStyle::kReasoningThenAnswer;
  PromptTexts texts = default_prompt_texts();
};

struct TeacherPrompt {
  std::string system;  // empty: no system message
  std::string user;    // the text beside the picture
};

TeacherPrompt teacher_prompt(const record::Question& question, const PromptForm& form, Mode mode);

// Names what was asked: the texts and the picture's hash, not the way of sampling.
std::string prompt_sha256(const TeacherPrompt& prompt, const std::string& image_sha256);

// How replies are drawn, as the request says it.
struct Drawing {
  std::string model;
  int64_t max_tokens = 1024;
  double temperature = 0;
  int64_t seed = 0;           // sent when the temperature is not 0
  int64_t top_log_probs = 0;  // so many per token; 0: none
  bool stream = false;        // the reply comes in pieces, so that no idle proxy cuts it off
  Json response_format;       // null: free text
  // Members added to the request as they are; null leaves a member out.
  Json extra = Json::object();
};

// The most tokens that a reply may have by what the request says, under whichever name
// ("max_tokens", "max_completion_tokens", ...); of several the largest. Nothing when it does not
// say.
std::optional<int64_t> reply_token_limit(const Drawing& drawing);

// The body of POST /chat/completions. `picture_url` is a data: URL; it may be several megabytes and
// is put in as it is. Empty: the request has no picture.
std::string request_text(const TeacherPrompt& prompt, std::string_view picture_url,
                         const Drawing& drawing);

}  // namespace lmc::teacher
