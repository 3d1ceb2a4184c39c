#include "teacher/teacher_prompt.h"

#include <algorithm>
#include <utility>

#include "base/check.h"       // cat, LMC_CHECK
#include "base/sha256.h"      // sha256_hex
#include "prompt/question.h"  // question_messages

namespace lmc::teacher {

namespace {

std::string task_text(const record::Question& question, const PromptForm& form) {
  const prompt::QuestionText text{question.question, question.options,
                                  form.with_caption ? question.caption : std::string()};
  std::string joined;
  for (const prompt::Message& message :
       prompt::question_messages(text, form.style, !question.image.empty())) {
    for (const prompt::Part& part : message.parts) joined += part.text;
  }
  return joined;
}

std::map<std::string, std::string> values_of(const record::Question& question,
                                             const PromptForm& form) {
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

// What a request has beside its messages.
void add_drawing(Json& request, const Drawing& drawing) {
  request["max_tokens"] = drawing.max_tokens;
  request["temperature"] = drawing.temperature;
  if (drawing.temperature > 0) request["seed"] = drawing.seed;
  if (drawing.top_log_probs > 0) {
    request["logprobs"] = true;
    request["top_logprobs"] = drawing.top_log_probs;
  }
  if (drawing.stream) {
    request["stream"] = true;
    request["stream_options"] = {{"include_usage", true}};
  }
  if (!drawing.response_format.is_null()) request["response_format"] = drawing.response_format;
  request.update(drawing.extra);
  // Some endpoints refuse even a null, so the member goes.
  for (const auto& [name, value] : drawing.extra.items()) {
    if (value.is_null()) request.erase(name);
  }
}

}  // namespace

std::optional<int64_t> reply_token_limit(const Drawing& drawing) {
  Json request = Json::object();
  add_drawing(request, drawing);
  std::optional<int64_t> limit;
  for (const auto& [name, value] : request.items()) {
    const bool is_limit = (name.starts_with("max_") && name.ends_with("tokens")) ||
                          name == "n_predict" || name == "num_predict";
    if (!is_limit || !value.is_number_integer() || value < 1) continue;
    limit = std::max(limit.value_or(0), value.get<int64_t>());
  }
  return limit;
}

std::string mode_word(Mode mode) { return mode == Mode::kRationalise ? "rationalise" : "reject"; }

TeacherPrompt teacher_prompt(const record::Question& question, const PromptForm& form, Mode mode) {
  const std::string& text = mode == Mode::kRationalise ? form.texts.rationalise : form.texts.reject;
  return {form.texts.system,
          filled(text, values_of(question, form)) + (form.structured ? kAsJson : "")};
}

std::string prompt_sha256(const TeacherPrompt& prompt, const std::string& image_sha256) {
  return sha256_hex(to_text(Json{prompt.system, prompt.user, image_sha256}));
}

std::string request_text(const TeacherPrompt& prompt, std::string_view picture_url,
                         const Drawing& drawing) {
  // The picture is put into the finished text: as a JSON string it would be gone over byte by byte.
  // A data: URL needs no escapes, and inside another string the quotes sought here are escaped.
  constexpr std::string_view kPlace = "data:picture";
  Json content = Json::array();
  if (!picture_url.empty()) {
    content.push_back({{"type", "image_url"}, {"image_url", {{"url", kPlace}}}});
  }
  content.push_back({{"type", "text"}, {"text", prompt.user}});
  Json user = {{"role", "user"}, {"content", std::move(content)}};

  Json request = {{"model", drawing.model}};
  request["messages"] = Json::array();
  if (!prompt.system.empty()) {
    request["messages"].push_back({{"role", "system"}, {"content", prompt.system}});
  }
  request["messages"].push_back(std::move(user));
  add_drawing(request, drawing);

  std::string text = to_text(request);
  if (picture_url.empty()) return text;
  const std::string quoted = cat("\"url\":\"", kPlace, "\"");
  const size_t at = text.find(quoted);
  LMC_CHECK(at != text.npos, "the request has no place for the picture");
  text.replace(at + quoted.size() - 1 - kPlace.size(), kPlace.size(), picture_url);
  return text;
}

}  // namespace lmc::teacher
