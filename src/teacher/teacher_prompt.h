// What the teacher is asked: the student's own prompt, with a system message that says how to
// explain and, when the gold answer is given, one addition.
//
// The user text is prompt::question_messages, so a teacher that was trained on our form (the
// demo's) is asked in that form, and what the teacher explains is what the student will be asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"        // Json
#include "record/question.h"  // Question

namespace lmc::teacher {

// kRationalise gives the gold answer and asks for the reasoning that leads to it; kReject withholds
// it and keeps what reaches it. Sources: STaR, arXiv 2203.14465, section 3 (rationalisation);
// rejection sampling as in LLaMA 2, arXiv 2307.09288, section 3.2.
enum class Mode { kRationalise, kReject };

Mode mode_from_word(const std::string& word);  // "rationalise" or "reject"; else InputError
std::string mode_word(Mode mode);

extern const std::string_view kSystemPrompt;  // the default system message

// How all questions of a run are put.
struct PromptForm {
  Mode mode = Mode::kRationalise;
  bool with_caption = false;
  std::string system = std::string(kSystemPrompt);
};

struct TeacherPrompt {
  std::string system;  // empty: no system message
  std::string user;    // the text beside the picture
};

TeacherPrompt teacher_prompt(const record::Question& question, const PromptForm& form);

// Names what was asked: the texts and the picture's hash, not the way of sampling.
std::string prompt_sha256(const TeacherPrompt& prompt, const std::string& image_sha256);

// How replies are drawn, as the request says it.
struct Drawing {
  std::string model;
  int64_t max_tokens = 1024;
  double temperature = 0;
  int64_t seed = 0;             // sent when the temperature is not 0
  Json extra = Json::object();  // members added to the request as they are
};

// The body of POST /chat/completions. `picture_url` is a data: URL.
Json request_json(const TeacherPrompt& prompt, const std::string& picture_url,
                  const Drawing& drawing);

}  // namespace lmc::teacher
