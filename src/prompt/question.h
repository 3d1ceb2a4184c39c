// The default prompts: how a multiple-choice question is put to the student and what it replies.
// FORMATS prints them; training, evaluation, serving and the device all call these.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/enum_names.h"  // Named
#include "prompt/chat.h"      // Message, ChatStyle

namespace lmc::prompt {

// What the student is asked. A caption is part of the text only when given, which evaluation never
// does.
struct QuestionText {
  std::string question;
  std::map<char, std::string> options;  // 'A' -> text without its letter
  std::string caption;                  // empty: none
};

enum class ReplyStyle { kAnswerOnly, kReasoningThenAnswer, kAnswerThenReasoning };
constexpr auto names_of(ReplyStyle) {
  return std::to_array<Named<ReplyStyle>>({{ReplyStyle::kReasoningThenAnswer, "reasoning"},
                                           {ReplyStyle::kAnswerOnly, "answer"},
                                           {ReplyStyle::kAnswerThenReasoning, "answer-reasoning"}});
}

// One user message: image, question, options, and the instruction for the wanted reply.
// With `has_image` false the image is left out.
std::vector<Message> question_messages(const QuestionText& question, ReplyStyle style,
                                       bool has_image = true);

// The text alone of that message: what stands beside the image.
std::string question_text(const QuestionText& question, ReplyStyle style, bool has_image = true);

// The reply the student learns: the reasoning, an empty line, "Answer: B", or the other way round;
// for Thinking models the reasoning stands in the <think> block that the prompt has opened.
// Errors: InputError for kAnswerThenReasoning with a Thinking model, which cannot reply so.
std::string training_reply(const std::string& reasoning, char answer, ReplyStyle style,
                           ChatStyle chat);

}  // namespace lmc::prompt
