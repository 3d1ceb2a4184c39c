#include "teacher/teacher_prompt.h"

#include <utility>

#include "base/check.h"       // InputError, cat
#include "base/sha256.h"      // sha256_hex
#include "prompt/question.h"  // question_messages

namespace lmc::teacher {

namespace {

std::string user_text(const record::Question& question, bool with_caption) {
  const prompt::QuestionText text{question.question, question.options,
                                  with_caption ? question.caption : std::string()};
  std::string joined;
  for (const prompt::Message& message :
       prompt::question_messages(text, prompt::ReplyStyle::kReasoningThenAnswer)) {
    for (const prompt::Part& part : message.parts) joined += part.text;
  }
  return joined;
}

}  // namespace

const std::string_view kSystemPrompt =
    "You are an experienced physician who teaches how to read medical images. You see a figure "
    "from the medical literature and a multiple-choice question about it. Explain in three to "
    "eight short sentences how one arrives at the answer: first what the image shows that matters "
    "(modality, view, structures, findings and where they lie), then how these findings decide the "
    "question, and why the closest other options do not fit. Rely on what can be seen; do not "
    "invent findings, measurements or a patient's history. If a figure caption is given, let it "
    "guide your reading, but write as if you had the image alone: neither quote nor mention the "
    "caption. Write plain text without headings, lists or markdown.";

Mode mode_from_word(const std::string& word) {
  if (word == "rationalise") return Mode::kRationalise;
  if (word == "reject") return Mode::kReject;
  throw InputError("--mode", cat("expected rationalise or reject, found \"", word, "\""));
}

std::string mode_word(Mode mode) { return mode == Mode::kRationalise ? "rationalise" : "reject"; }

TeacherPrompt teacher_prompt(const record::Question& question, const PromptForm& form) {
  TeacherPrompt prompt{form.system, user_text(question, form.with_caption)};
  if (form.mode == Mode::kRationalise) {
    prompt.user += cat("\n\nThe correct answer is ", question.answer,
                       ". Reason towards it as if you had found it yourself, without saying that "
                       "it was given.");
  }
  return prompt;
}

std::string prompt_sha256(const TeacherPrompt& prompt, const std::string& image_sha256) {
  return sha256_hex(to_text(Json{prompt.system, prompt.user, image_sha256}));
}

Json request_json(const TeacherPrompt& prompt, const std::string& picture_url,
                  const Drawing& drawing) {
  Json messages = Json::array();
  if (!prompt.system.empty()) {
    messages.push_back({{"role", "system"}, {"content", prompt.system}});
  }
  Json content = Json::array();
  content.push_back({{"type", "image_url"}, {"image_url", {{"url", picture_url}}}});
  content.push_back({{"type", "text"}, {"text", prompt.user}});
  messages.push_back({{"role", "user"}, {"content", std::move(content)}});

  Json request = {{"model", drawing.model},
                  {"messages", std::move(messages)},
                  {"max_tokens", drawing.max_tokens},
                  {"temperature", drawing.temperature}};
  if (drawing.temperature > 0) request["seed"] = drawing.seed;
  request.update(drawing.extra);
  return request;
}

}  // namespace lmc::teacher
