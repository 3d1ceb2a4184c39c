#include "serve/request_parameters.h"

#include <algorithm>
#include <string_view>

#include "serve/api_error.h"  // ApiError

namespace lmc::serve {

namespace {

enum class Treatment { kRead, kHarmless, kRefused, kIgnored };
using enum Treatment;

struct Parameter {
  std::string_view name;
  Treatment treatment;
  // A JSON list of the values that ask for nothing; of kRefused also what there is instead.
  std::string_view neutral = "[]";
  std::string_view hint = "not supported";
};

constexpr std::string_view kNoTools = "this server calls no tools";
constexpr std::string_view kNoGrammar =
    "replies follow no grammar; \"structured_outputs\": {\"choice\": [...]} is supported";
constexpr std::string_view kMaxTokens = "the limit is \"max_completion_tokens\" or \"max_tokens\"";
constexpr std::string_view kPrefill = "a last message of the assistant is continued by itself";
constexpr std::string_view kInMessages = "what is asked stands in \"messages\"";

constexpr Parameter kParameters[] = {
    // The API of OpenAI.
    {"model", kRead},
    {"messages", kRead},
    {"max_tokens", kRead},
    {"max_completion_tokens", kRead},
    {"temperature", kRead},
    {"top_p", kRead},
    {"presence_penalty", kRead},
    {"stop", kRead},
    {"seed", kRead},
    {"stream", kRead},
    {"stream_options", kRead},
    {"logprobs", kRead},
    {"top_logprobs", kRead},
    {"n", kRead},
    {"frequency_penalty", kRefused, "[0]", "not supported; presence_penalty is"},
    {"logit_bias", kRefused},
    {"response_format", kRead},
    {"modalities", kRefused, R"([["text"]])", "replies are text"},
    {"audio", kRefused, "[]", "replies are text"},
    {"tools", kRefused, "[]", kNoTools},
    {"tool_choice", kRefused, R"(["none","auto"])", kNoTools},
    {"functions", kRefused, "[]", kNoTools},
    {"function_call", kRefused, R"(["none","auto"])", kNoTools},
    {"web_search_options", kRefused, "[]", "this server works offline"},
    {"parallel_tool_calls", kHarmless},  // there are none
    {"prediction", kHarmless},           // makes a reply faster, not another one
    {"user", kHarmless},
    {"metadata", kHarmless},
    {"store", kIgnored, "[false]"},  // nothing is kept
    {"service_tier", kHarmless},
    {"safety_identifier", kHarmless},
    {"prompt_cache_key", kHarmless},
    {"prompt_cache_retention", kHarmless},
    {"reasoning_effort", kIgnored},
    {"verbosity", kIgnored},

    // vLLM, some of it SGLang's too.
    {"top_k", kRead},
    {"min_p", kRead},
    {"repetition_penalty", kRead},
    {"skip_special_tokens", kRefused, "[true]", "special tokens are left out of replies"},
    {"spaces_between_special_tokens", kHarmless},  // they are left out
    {"add_generation_prompt", kRefused, "[true]", kPrefill},
    {"continue_final_message", kRefused, "[false]", kPrefill},
    {"add_special_tokens", kRefused, "[false]"},
    {"echo", kRefused, "[false]"},
    {"best_of", kRefused, "[1]", "only 1 is supported"},
    {"use_beam_search", kRefused, "[false]"},
    {"length_penalty", kRefused, "[1]"},
    {"early_stopping", kRefused, "[false]"},
    {"min_tokens", kRefused, "[0]"},
    {"ignore_eos", kRefused, "[false]"},
    {"stop_token_ids", kRefused, "[]", "not supported; \"stop\" is"},
    {"include_stop_str_in_output", kRefused, "[false]"},
    {"bad_words", kRefused},
    {"allowed_token_ids", kRefused, "[]", kNoGrammar},
    {"logits_processors", kRefused},
    {"prompt_logprobs", kRefused, "[false]", "only of the reply, by \"logprobs\""},
    {"truncate_prompt_tokens", kRefused, "[-1]"},
    {"return_token_ids", kRefused, "[false]"},
    {"return_tokens_as_token_ids", kRefused, "[false]"},
    {"guided_choice", kRead},
    {"guided_json", kRefused, "[]", kNoGrammar},
    {"guided_regex", kRefused, "[]", kNoGrammar},
    {"guided_grammar", kRefused, "[]", kNoGrammar},
    {"guided_whitespace_pattern", kRefused, "[]", kNoGrammar},
    {"guided_decoding_backend", kHarmless},  // there is one way
    {"structured_outputs", kRead},
    {"structural_tag", kRefused, "[]", kNoGrammar},
    {"chat_template", kRefused, "[]", "the model's own template is used"},
    {"chat_template_kwargs", kIgnored},  // Qwen3-VL's template takes none
    {"mm_processor_kwargs", kRefused, "[]", "the server's own image budget is used"},
    {"media_io_kwargs", kIgnored},
    {"documents", kRefused, "[]", kInMessages},
    {"thinking_token_budget", kIgnored},
    {"include_reasoning", kIgnored},
    {"priority", kHarmless},
    {"request_id", kHarmless},
    {"cache_salt", kHarmless},
    {"kv_transfer_params", kHarmless},

    // SGLang.
    {"regex", kRefused, "[]", kNoGrammar},
    {"ebnf", kRefused, "[]", kNoGrammar},
    {"json_schema", kRefused, "[]", kNoGrammar},
    {"min_new_tokens", kRefused, "[0]"},
    {"stop_regex", kRefused, "[]", "not supported; \"stop\" is"},
    {"no_stop_trim", kRefused, "[false]"},
    {"lora_path", kRefused, "[]", "one model with its adapter is served"},
    {"custom_logit_processor", kRefused},
    {"return_hidden_states", kRefused, "[false]"},
    {"separate_reasoning", kIgnored},
    {"stream_reasoning", kIgnored},
    {"rid", kHarmless},

    // llama.cpp.
    {"n_predict", kRefused, "[-1]", kMaxTokens},
    {"grammar", kRefused, "[]", kNoGrammar},
    {"repeat_penalty", kRefused, "[1]", "not supported; repetition_penalty is"},
    {"repeat_last_n", kIgnored},  // of the penalty before
    {"typical_p", kRefused, "[1]"},
    {"tfs_z", kRefused, "[1]"},
    {"top_a", kRefused, "[0]"},
    {"top_n_sigma", kRefused, "[-1,0]"},
    {"mirostat", kRefused, "[0]"},
    {"xtc_probability", kRefused, "[0]"},
    {"dynatemp_range", kRefused, "[0]"},
    {"dry_multiplier", kRefused, "[0]"},
    {"samplers", kRefused},
    {"n_probs", kRefused, "[0]", "not supported; \"logprobs\" is"},
    {"lora", kRefused, "[]", "one model with its adapter is served"},
    {"reasoning_format", kIgnored},
    {"cache_prompt", kHarmless},
    {"id_slot", kHarmless},
    {"timings_per_token", kHarmless},

    // Ollama, OpenRouter and others: members of another protocol, or of a router before this one.
    {"max_new_tokens", kRefused, "[]", kMaxTokens},
    {"max_output_tokens", kRefused, "[]", kMaxTokens},
    {"num_predict", kRefused, "[-1]", kMaxTokens},
    {"options", kRefused, "[]", "sampling options stand in the request itself"},
    {"format", kRefused, "[]", kNoGrammar},
    {"prompt", kRefused, "[]", kInMessages},
    {"input", kRefused, "[]", kInMessages},
    {"instructions", kRefused, "[]", kInMessages},
    {"system", kRefused, "[]", kInMessages},
    {"images", kRefused, "[]", kInMessages},
    {"models", kRefused, "[]", "one model is served"},
    {"plugins", kRefused, "[]", kNoTools},
    {"transforms", kRefused},
    {"think", kIgnored},
    {"thinking", kIgnored},
    {"enable_thinking", kIgnored},
    {"thinking_budget", kIgnored},
    {"reasoning", kIgnored},
    {"keep_alive", kHarmless},
    {"provider", kHarmless},
    {"route", kHarmless},
    {"usage", kHarmless},  // is always sent, or by stream_options
};

const Parameter* parameter_named(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kParameters), std::end(kParameters),
                                         [&](const Parameter& one) { return one.name == name; });
  return found == std::end(kParameters) ? nullptr : found;
}

// Null and "", [], {} ask for nothing, whatever they stand for.
bool is_blank(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty()) || value == "";
}

bool is_neutral(const Json& value, const Parameter& parameter) {
  if (is_blank(value)) return true;
  const Json neutral = Json::parse(parameter.neutral);
  return std::find(neutral.begin(), neutral.end(), value) != neutral.end();
}

// Names come from whoever asks.
std::string shortened(const std::string& name) {
  constexpr size_t kMaxLength = 64;
  return name.size() > kMaxLength ? name.substr(0, kMaxLength) + "..." : name;
}

}  // namespace

std::vector<std::string> check_parameters(const Json& request) {
  constexpr size_t kMaxNamed = 32;
  std::vector<std::string> ignored;
  for (const auto& [name, value] : request.items()) {
    const Parameter* const parameter = parameter_named(name);
    const Treatment treatment = parameter == nullptr ? kIgnored : parameter->treatment;
    const bool asks = parameter == nullptr ? !is_blank(value) : !is_neutral(value, *parameter);
    if (treatment == kRefused && asks) {
      throw ApiError(400, cat(name, ": ", parameter->hint), "unsupported_parameter", name);
    }
    if (treatment == kIgnored && asks && ignored.size() < kMaxNamed) {
      ignored.push_back(shortened(name));
    }
  }
  return ignored;
}

std::vector<std::string> unknown_members(const Json& object, const std::string& where,
                                         const std::vector<std::string>& known) {
  std::vector<std::string> unknown;
  for (const auto& [name, value] : object.items()) {
    if (is_blank(value) || std::find(known.begin(), known.end(), name) != known.end()) continue;
    unknown.push_back(cat(where, ".", shortened(name)));
  }
  return unknown;
}

const Json* given(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && !it->is_null() ? &*it : nullptr;
}

}  // namespace lmc::serve
