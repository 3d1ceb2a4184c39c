#include "serve/request_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/api_error.h"

namespace lmc::serve {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The parameter that is refused; empty: none.
std::string refused(const Json& request) {
  try {
    check_parameters(request);
    return "";
  } catch (const ApiError& error) {
    EXPECT_EQ(error.status, 400);
    EXPECT_THAT(error.what(), HasSubstr(error.param));
    return error.param;
  }
}

TEST(RequestParameters, WhatWouldChangeTheReplyIsRefusedByName) {
  const std::pair<const char*, Json> cases[] = {
      {"tools", {{{"type", "function"}}}},
      {"tool_choice", "required"},
      {"tool_choice", {{"type", "function"}, {"function", {{"name", "f"}}}}},
      {"functions", {{{"name", "f"}}}},
      {"function_call", {{"name", "f"}}},
      {"logit_bias", {{"50256", -100}}},
      {"frequency_penalty", 0.5},
      {"modalities", {"text", "audio"}},
      {"audio", {{"voice", "alloy"}}},
      {"web_search_options", {{"search_context_size", "low"}}},
      {"best_of", 3},
      {"echo", true},
      {"use_beam_search", true},
      {"min_tokens", 4},
      {"min_new_tokens", 4},
      {"ignore_eos", true},
      {"stop_token_ids", {5}},
      {"include_stop_str_in_output", true},
      {"skip_special_tokens", false},
      {"bad_words", {"lung"}},
      {"allowed_token_ids", {1}},
      {"prompt_logprobs", 0},
      {"continue_final_message", true},
      {"add_generation_prompt", false},
      {"guided_json", {{"type", "object"}}},
      {"guided_regex", "[AB]"},
      {"regex", "[AB]"},
      {"ebnf", "root ::= x"},
      {"grammar", "root ::= x"},
      {"json_schema", {{"type", "object"}}},
      {"chat_template", "{{ messages }}"},
      {"mm_processor_kwargs", {{"max_pixels", 1}}},
      {"lora_path", "adapter"},
      {"n_predict", 100},
      {"max_new_tokens", 100},
      {"max_output_tokens", 100},
      {"repeat_penalty", 1.1},
      {"mirostat", 2},
      {"typical_p", 0.5},
      {"format", "json"},
      {"options", {{"num_predict", 3}}},
      {"system", "Be brief."},
      {"prompt", "hello"},
      {"input", "hello"},
  };
  for (const auto& [name, value] : cases) EXPECT_EQ(refused({{name, value}}), name) << value;
}

TEST(RequestParameters, WhatHoldsAnywayIsTaken) {
  const Json request = {{"n", 1},
                        {"tools", Json::array()},
                        {"tool_choice", "auto"},
                        {"functions", Json::array()},
                        {"function_call", "none"},
                        {"parallel_tool_calls", true},
                        {"response_format", {{"type", "text"}}},
                        {"logit_bias", Json::object()},
                        {"frequency_penalty", 0.0},
                        {"modalities", {"text"}},
                        {"best_of", 1},
                        {"echo", false},
                        {"use_beam_search", false},
                        {"length_penalty", 1.0},
                        {"min_tokens", 0},
                        {"ignore_eos", false},
                        {"stop_token_ids", Json::array()},
                        {"skip_special_tokens", true},
                        {"spaces_between_special_tokens", false},
                        {"add_generation_prompt", true},
                        {"continue_final_message", false},
                        {"guided_json", nullptr},
                        {"guided_regex", ""},
                        {"n_predict", -1},
                        {"repeat_penalty", 1},
                        {"mirostat", 0},
                        {"store", false},
                        {"user", "u"},
                        {"metadata", {{"a", "b"}}},
                        {"service_tier", "auto"},
                        {"safety_identifier", "x"},
                        {"prompt_cache_key", "x"},
                        {"prediction", {{"type", "content"}, {"content", "x"}}},
                        {"cache_prompt", true},
                        {"keep_alive", "5m"},
                        {"request_id", "r"}};
  EXPECT_EQ(refused(request), "");
  EXPECT_THAT(check_parameters(request), IsEmpty());
}

TEST(RequestParameters, TheRestIsNamed) {
  EXPECT_THAT(check_parameters({{"reasoning_effort", "low"},
                                {"temperature", 0},
                                {"never_heard_of", 1},
                                {"store", true},
                                {"chat_template_kwargs", {{"enable_thinking", false}}},
                                {"also_unknown", nullptr},
                                {"verbosity", "low"}}),
              ElementsAre("reasoning_effort", "never_heard_of", "store", "chat_template_kwargs",
                          "verbosity"));
  // Names come from whoever asks: they are cut, and not all are repeated.
  Json many = Json::object();
  for (int i = 0; i < 100; ++i) many[std::string(200, 'x') + std::to_string(i)] = 1;
  const std::vector<std::string> named = check_parameters(many);
  EXPECT_EQ(named.size(), 32u);
  EXPECT_EQ(named[0].size(), 67u);
}

TEST(RequestParameters, InsideObjects) {
  EXPECT_THAT(unknown_members({{"role", "user"}, {"weight", 1}, {"other", nullptr}}, "messages",
                              {"role", "content"}),
              ElementsAre("messages.weight"));
}

}  // namespace
}  // namespace lmc::serve
