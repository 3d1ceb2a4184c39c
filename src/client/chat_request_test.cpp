#include "client/chat_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lmc::client {
namespace {

TEST(ChatRequest, TheHashNamesTextsAndImage) {
  const ChatPrompt prompt{"system", "user"};
  const std::string hash = prompt_sha256(prompt, "abc");
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_EQ(hash, prompt_sha256({"system", "user"}, "abc"));
  EXPECT_NE(hash, prompt_sha256(prompt, "abd"));
  EXPECT_NE(hash, prompt_sha256({"system2", "user"}, "abc"));
  EXPECT_NE(hash, prompt_sha256({"systemu", "ser"}, "abc"));
}

TEST(ChatRequest, TheRequest) {
  SamplingParams sampling_params;
  sampling_params.model = "teacher";
  sampling_params.max_tokens = 99;
  sampling_params.seed = 7;
  const auto request_json = [&](const ChatPrompt& prompt, const std::string& url) {
    return parse_json(request_text(prompt, url, sampling_params), "request");
  };
  Json request = request_json({"", "user"}, "data:image/png;base64,AAAA");
  EXPECT_EQ(request["messages"].size(), 1u);
  EXPECT_EQ(request["messages"][0]["content"][0]["image_url"]["url"], "data:image/png;base64,AAAA");
  EXPECT_EQ(request["messages"][0]["content"][1]["text"], "user");
  EXPECT_EQ(request["max_tokens"], 99);
  for (const char* key : {"seed", "logprobs", "stream", "response_format"}) {
    EXPECT_FALSE(request.contains(key)) << key;
  }
  sampling_params.temperature = 0.7;
  sampling_params.top_log_probs = 5;
  sampling_params.stream = true;
  sampling_params.response_format = {{"type", "json_object"}};
  sampling_params.extra = {{"top_p", 0.9}};
  // A text that holds the image's place in quotes does not get the image.
  const std::string sly = "\"url\":\"data:picture\"";
  request = request_json({sly, sly}, "data:,x");
  EXPECT_EQ(request["messages"][0], Json({{"role", "system"}, {"content", sly}}));
  EXPECT_EQ(request["messages"][1]["content"][0]["image_url"]["url"], "data:,x");
  EXPECT_EQ(request["messages"][1]["content"][1]["text"], sly);
  EXPECT_EQ(request["seed"], 7);
  EXPECT_EQ(request["logprobs"], true);
  EXPECT_EQ(request["top_logprobs"], 5);
  EXPECT_EQ(request["stream_options"]["include_usage"], true);
  EXPECT_EQ(request["response_format"]["type"], "json_object");
  EXPECT_EQ(request["top_p"], 0.9);
}

TEST(ChatRequest, ALimitOfTokensUnderEveryName) {
  const auto limit_with = [](const Json& extra) {
    SamplingParams sampling_params;
    sampling_params.extra = extra;
    return reply_token_limit(sampling_params).value_or(-1);
  };
  EXPECT_EQ(limit_with(Json::object()), 1024);
  EXPECT_EQ(limit_with({{"max_tokens", nullptr}}), -1);
  EXPECT_EQ(limit_with({{"max_tokens", nullptr}, {"max_completion_tokens", 70}}), 70);
  EXPECT_EQ(limit_with({{"max_tokens", nullptr}, {"max_new_tokens", 80}}), 80);
  EXPECT_EQ(limit_with({{"max_tokens", 50}}), 50);
  EXPECT_EQ(limit_with({{"max_completion_tokens", 4000}}), 4000);  // either may hold
  EXPECT_EQ(limit_with({{"max_tokens", nullptr}, {"max_completion_tokens", "many"}}), -1);
}

}  // namespace
}  // namespace lmc::client
