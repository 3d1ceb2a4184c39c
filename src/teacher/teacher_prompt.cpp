#include "teacher/teacher_prompt.h"

#include <map>

#include "base/check.h"       // cat
#include "prompt/question.h"  // question_text

namespace lmc::teacher {

namespace {

std::string task_text(const record::Question& question, const PromptOptions& form) {
  const prompt::QuestionText text{question.question, question.options,
                                  form.with_caption ? question.caption : std::string()};
  return prompt::question_text(text, prompt::ReplyStyle::kReasoningThenAnswer,
                               !question.image.empty());
}

std::map<std::string, std::string> values_of(const record::Question& question,
                                             const PromptOptions& form) {
  std::string options;
  for (const auto& [letter, text] : question.options) options += cat(letter, ". ", text, "\n");
  if (!options.empty()) options.pop_back();
  return {{"task", task_text(question, form)},
          {"question", question.question},
          {"options", options},
          {"caption", form.with_caption ? question.caption : ""},
          {"answer", std::string(1, question.answer)},
          {"answer_text", question.options.at(question.answer)}};
}

constexpr char kAsJson[] =
    "\n\nReply with one JSON object: \"reasoning\" holds the explanation, \"answer\" the letter.";

}  // namespace

std::string mode_word(Mode mode) { return mode == Mode::kRationalise ? "rationalise" : "reject"; }

client::ChatPrompt teacher_prompt(const record::Question& question, const PromptOptions& form,
                                  Mode mode) {
  const std::string& text = mode == Mode::kRationalise ? form.texts.rationalise : form.texts.reject;
  return {form.texts.system,
          filled(text, values_of(question, form)) + (form.structured ? kAsJson : "")};
}

}  // namespace lmc::teacher
