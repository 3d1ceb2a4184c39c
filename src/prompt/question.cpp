#include "prompt/question.h"

#include <string_view>
#include <utility>

#include "base/check.h"          // InputError
#include "prompt/chat_pieces.h"  // kThinkStart, kThinkEnd

namespace lmc::prompt {

namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

std::string_view instruction(ReplyStyle style, bool has_image) {
  if (style == ReplyStyle::kAnswerOnly) {
    return "Reply with one line: \"Answer: X\", where X is the letter of the correct option.";
  }
  if (style == ReplyStyle::kAnswerThenReasoning) {
    return has_image ? "Begin with one line: \"Answer: X\", where X is the letter of the correct "
                       "option. Then explain step by step from what the image shows."
                     : "Begin with one line: \"Answer: X\", where X is the letter of the correct "
                       "option. Then explain step by step.";
  }
  return has_image ? "Reason step by step from what the image shows. Then end with one line: "
                     "\"Answer: X\", where X is the letter of the correct option."
                   : "Reason step by step. Then end with one line: \"Answer: X\", where X is the "
                     "letter of the correct option.";
}

// A teacher's own tags would close the student's block too early. Taking one out may join the
// halves of another, so this repeats until none is left.
std::string without_think_tags(std::string text) {
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view tag : {kThinkStart, kThinkEnd}) {
      const size_t at = text.find(tag);
      if (at == text.npos) continue;
      text.erase(at, tag.size());
      found = true;
    }
  }
  return text;
}

}  // namespace

std::string question_text(const QuestionText& question, ReplyStyle style, bool has_image) {
  if (question.options.empty()) throw InputError("question", "it has no options");
  std::string text;
  if (!question.caption.empty()) text += cat("Figure caption: ", trim(question.caption), "\n\n");
  text += cat("Question: ", trim(question.question), "\n");
  for (const auto& [letter, option] : question.options) {
    text += cat(letter, ". ", trim(option), "\n");
  }
  text += cat("\n", instruction(style, has_image));
  return text;
}

std::vector<Message> question_messages(const QuestionText& question, ReplyStyle style,
                                       bool has_image) {
  Message message{"user", {}};
  if (has_image) message.parts.push_back(Part::of_image());
  message.parts.push_back(Part::of_text(question_text(question, style, has_image)));
  return {std::move(message)};
}

std::string training_reply(const std::string& reasoning, char answer, ReplyStyle style,
                           ChatStyle chat) {
  const std::string answer_line = cat("Answer: ", answer);
  const std::string clean = without_think_tags(reasoning);
  const std::string_view steps =
      style == ReplyStyle::kAnswerOnly ? std::string_view() : trim(clean);
  if (style == ReplyStyle::kAnswerThenReasoning) {
    if (chat == ChatStyle::kThinking) {
      throw InputError("answer-reasoning", "a Thinking model reasons before it answers",
                       "reasoning-answer, or an Instruct checkpoint");
    }
    return cat(answer_line, steps.empty() ? "" : "\n\n", steps);
  }
  if (chat == ChatStyle::kThinking) {
    return cat(steps, steps.empty() ? "" : "\n", kThinkEnd, "\n\n", answer_line);
  }
  return cat(steps, steps.empty() ? "" : "\n\n", answer_line);
}

}  // namespace lmc::prompt
