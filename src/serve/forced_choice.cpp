#include "serve/forced_choice.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <utility>

#include "base/check.h"                // cat, LMC_CHECK
#include "infer/token_log_probs.h"     // log_sum_exp
#include "serve/api_error.h"           // ApiError
#include "serve/request_parameters.h"  // given

namespace lmc::serve {

namespace {

constexpr size_t kMostChoices = 64;

[[noreturn]] void refuse(const std::string& param, const std::string& problem) {
  throw ApiError(400, cat(param, ": ", problem), "unsupported_parameter", param);
}

// Whether an object has no members but these.
bool has_only(const Json& object, std::initializer_list<std::string_view> names) {
  for (const auto& [name, value] : object.items()) {
    if (!value.is_null() && std::find(names.begin(), names.end(), name) == names.end()) {
      return false;
    }
  }
  return true;
}

std::vector<std::string> texts_of(const Json& list, const std::string& param) {
  if (!list.is_array() || list.empty() || list.size() > kMostChoices) {
    refuse(param, cat("expected a list of 1 to ", kMostChoices, " texts"));
  }
  std::vector<std::string> texts;
  for (const Json& text : list) {
    if (!text.is_string() || text == "") refuse(param, "expected texts that are not empty");
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

// {"type": "object", "properties": {"answer": {"type": "string", "enum": [...]}}}
std::vector<std::string> objects_of_schema(const Json& schema) {
  const std::string param = "response_format";
  constexpr const char* kWanted =
      "of JSON schemas, an object of one property that is an enum of texts is supported";
  const Json* const properties = schema.is_object() ? given(schema, "properties") : nullptr;
  if (properties == nullptr || !properties->is_object() || properties->size() != 1 ||
      schema.value("type", "object") != "object" ||
      !has_only(schema, {"type", "properties", "required", "additionalProperties", "title",
                         "description", "$schema"})) {
    refuse(param, kWanted);
  }
  const auto property = properties->begin();
  const Json* const values = property->is_object() ? given(*property, "enum") : nullptr;
  if (values == nullptr || !has_only(*property, {"type", "enum", "title", "description"})) {
    refuse(param, kWanted);
  }
  std::vector<std::string> objects;
  for (const std::string& text : texts_of(*values, param)) {
    objects.push_back(cat("{", Json(property.key()).dump(), ": ", Json(text).dump(), "}"));
  }
  return objects;
}

std::vector<std::string> choices_of_format(const Json& format) {
  const std::string param = "response_format";
  const Json* const type = format.is_object() ? given(format, "type") : nullptr;
  if (type != nullptr && *type == "text") return {};
  if (type == nullptr || *type != "json_schema") {
    refuse(param, "only {\"type\": \"text\"} and a \"json_schema\" of one enum are supported");
  }
  const Json* const named = given(format, "json_schema");
  const Json* const schema =
      named != nullptr && named->is_object() ? given(*named, "schema") : nullptr;
  if (schema == nullptr) refuse(param, "\"json_schema\" has no \"schema\"");
  return objects_of_schema(*schema);
}

std::vector<std::string> choices_of_outputs(const Json& outputs) {
  const std::string param = "structured_outputs";
  const Json* const choice = outputs.is_object() ? given(outputs, "choice") : nullptr;
  if (choice == nullptr || !has_only(outputs, {"choice"})) {
    refuse(param, "only {\"choice\": [...]} is supported");
  }
  return texts_of(*choice, param);
}

bool is_blank(const Json& value) { return value == "" || (value.is_structured() && value.empty()); }

}  // namespace

std::vector<std::string> read_choices(const Json& request) {
  std::vector<std::string> choices;
  std::string param_of_choices;
  const auto take = [&](const char* param, std::vector<std::string> (*read)(const Json&)) {
    const Json* const found = given(request, param);
    if (found == nullptr || is_blank(*found)) return;
    std::vector<std::string> read_here = read(*found);
    if (read_here.empty()) return;
    if (!choices.empty()) refuse(param, cat("there is ", param_of_choices, " as well"));
    choices = std::move(read_here);
    param_of_choices = param;
  };
  take("structured_outputs", choices_of_outputs);
  take("guided_choice", [](const Json& list) { return texts_of(list, "guided_choice"); });
  take("response_format", choices_of_format);
  return choices;
}

size_t draw_choice(std::span<const double> log_probabilities, double temperature, Random& random) {
  const auto likeliest = std::max_element(log_probabilities.begin(), log_probabilities.end());
  constexpr double kGreedy = 1e-5;  // as in infer/sampling.h
  if (temperature < kGreedy) return static_cast<size_t>(likeliest - log_probabilities.begin());
  std::vector<double> weights;
  for (const double one : log_probabilities) {
    weights.push_back(std::exp((one - *likeliest) / temperature));
  }
  double left = random.uniform(0, std::accumulate(weights.begin(), weights.end(), 0.0));
  for (size_t i = 0; i + 1 < weights.size(); ++i) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.size() - 1;
}

ForcedChoice::ForcedChoice(std::vector<std::string> choices, const text::Tokenizer& tokenizer,
                           std::span<const int32_t> end_ids, const infer::SamplingOptions& sampling,
                           std::vector<uint64_t> stream_ids)
    : choices_(std::move(choices)),
      tokenizer_(tokenizer),
      end_ids_(end_ids.begin(), end_ids.end()),
      sampling_(sampling),
      stream_ids_(std::move(stream_ids)) {
  for (const std::string& choice : choices_) {
    ids_.push_back(tokenizer_.encode(choice, text::AddedTokens::kAsText));
  }
}

std::vector<infer::Reply> ForcedChoice::replies(std::span<const infer::Score> scores) const {
  LMC_CHECK(scores.size() == choices_.size());
  const std::vector<double> log_probabilities = this->log_probabilities(scores);
  std::vector<infer::Reply> replies;
  for (const uint64_t stream : stream_ids_) {
    Random random = Random::named(static_cast<uint64_t>(sampling_.seed), "choice", stream);
    const size_t choice = draw_choice(log_probabilities, sampling_.temperature, random);
    replies.push_back(reply_of(choice, scores[choice]));
  }
  return replies;
}

std::vector<double> ForcedChoice::log_probabilities(std::span<const infer::Score> scores) const {
  std::vector<double> result;
  for (const infer::Score& score : scores) {
    double ends = -std::numeric_limits<double>::infinity();
    for (const int32_t end : end_ids_) {
      const double one = score.next_logits_V[static_cast<size_t>(end)];
      ends = std::max(ends, one) + std::log1p(std::exp(-std::abs(ends - one)));
    }
    result.push_back(std::accumulate(score.log_probs.begin(), score.log_probs.end(), 0.0) + ends -
                     infer::log_sum_exp(score.next_logits_V));
  }
  return result;
}

infer::Reply ForcedChoice::reply_of(size_t choice, const infer::Score& score) const {
  infer::Reply reply;
  reply.text = choices_[choice];
  reply.ids = ids_[choice];
  if (sampling_.top_log_probs < 0) return reply;
  for (size_t i = 0; i < reply.ids.size(); ++i) {
    reply.log_probs.push_back({{tokenizer_.token_bytes(reply.ids[i]), score.log_probs[i]}, {}});
  }
  return reply;
}

}  // namespace lmc::serve
