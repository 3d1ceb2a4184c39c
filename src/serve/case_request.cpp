#include "serve/case_request.h"

#include <algorithm>

#include "base/check.h"                // InputError, cat
#include "base/data_url.h"             // parse_data_url
#include "base/json.h"                 // Json, parse_json
#include "serve/api_error.h"           // ApiError
#include "serve/request_parameters.h"  // given

namespace lmc::serve {

namespace {

[[noreturn]] void refuse(const std::string& param, const std::string& problem) {
  throw ApiError(400, cat(param, ": ", problem), {}, param);
}

Json read_object(std::string_view body) {
  try {
    Json json = parse_json(body, "request", kJsonRequest);
    if (!json.is_object()) throw InputError("request", "the body is no JSON object");
    return json;
  } catch (const InputError& error) {
    throw ApiError(400, error.what());
  }
}

std::string text_of(const Json& request, const char* key) {
  const Json* const found = given(request, key);
  if (found == nullptr || !found->is_string()) refuse(key, "expected a text");
  return found->get<std::string>();
}

std::string image_of(const Json& request, size_t max_image_bytes) {
  const Json* const found = given(request, "image");
  if (found == nullptr || !found->is_string()) refuse("image", "expected a data: URL");
  try {
    return parse_data_url(found->get_ref<const std::string&>(), max_image_bytes, "image").bytes;
  } catch (const InputError& error) {
    throw ApiError(400, error.what(), "invalid_image", "image");
  }
}

std::string number_text(const Json& window, const char* key) {
  const Json* const found = given(window, key);
  if (found == nullptr || !found->is_number()) refuse("window", cat("\"", key, "\" is no number"));
  return found->dump();
}

// Whatever the image: what is no DICOM is shown as it is.
image::DicomView view_of(const Json& request) {
  image::DicomView view;
  if (const Json* const window = given(request, "window")) {
    if (window->is_string()) {
      view.window = window->get<std::string>();
    } else if (window->is_object()) {
      view.window = cat(number_text(*window, "centre"), ",", number_text(*window, "width"));
    } else {
      refuse("window", "expected a text, or \"centre\" and \"width\"");
    }
  }
  if (const Json* const frame = given(request, "frame")) {
    if (!frame->is_number_unsigned()) refuse("frame", "expected a number from 1");
    view.frame = frame->get<int64_t>();
  }
  return view;
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

std::map<char, std::string> options_of(const Json& request) {
  const Json* const choices = given(request, "choices");
  if (choices == nullptr || (choices->is_array() && choices->empty())) return {};
  if (!choices->is_array() || choices->size() < 2 || choices->size() > kMostOptions) {
    refuse("choices", cat("expected a list of 2 to ", kMostOptions, " texts"));
  }
  std::map<char, std::string> options;
  for (const Json& choice : *choices) {
    if (!choice.is_string() || is_blank(choice.get_ref<const std::string&>())) {
      refuse("choices", "expected texts that are not empty");
    }
    options[static_cast<char>('A' + options.size())] = choice.get<std::string>();
  }
  return options;
}

CaseRequest case_of(const Json& json, size_t max_image_bytes) {
  CaseRequest request;
  request.question = text_of(json, "question");
  if (is_blank(request.question)) refuse("question", "it is empty");
  request.options = options_of(json);
  request.view = view_of(json);
  request.image = image_of(json, max_image_bytes);
  return request;
}

}  // namespace

CaseRequest parse_view_request(std::string_view body, size_t max_image_bytes) {
  const Json json = read_object(body);
  CaseRequest request;
  request.view = view_of(json);
  request.image = image_of(json, max_image_bytes);
  return request;
}

CaseRequest parse_ask_request(std::string_view body, size_t max_image_bytes) {
  const Json json = read_object(body);
  CaseRequest request = case_of(json, max_image_bytes);
  const Json* const stream = given(json, "stream");
  if (stream != nullptr && !stream->is_boolean()) refuse("stream", "expected true or false");
  request.stream = stream != nullptr && stream->get<bool>();
  return request;
}

CaseRequest parse_sentences_request(std::string_view body, size_t max_image_bytes) {
  const Json json = read_object(body);
  CaseRequest request = case_of(json, max_image_bytes);
  request.reply = text_of(json, "reply");
  if (given(json, "method") != nullptr) request.method = text_of(json, "method");
  return request;
}

OverrideRequest parse_override_request(std::string_view body) {
  const Json json = read_object(body);
  const Json* const record = given(json, "record");
  if (record == nullptr || !record->is_number_unsigned()) refuse("record", "expected a number");
  OverrideRequest request;
  request.record = record->get<int64_t>();
  request.answer = text_of(json, "answer");
  const bool is_letter = request.answer.size() == 1 && request.answer[0] >= 'A' &&
                         request.answer[0] < 'A' + static_cast<int>(kMostOptions);
  if (!request.answer.empty() && !is_letter)
    refuse("answer", "expected a letter, or an empty text");
  return request;
}

}  // namespace lmc::serve
