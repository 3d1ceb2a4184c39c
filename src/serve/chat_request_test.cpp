#include "serve/chat_request.h"

#include <gtest/gtest.h>

#include <set>

#include <cstdint>

#include "base/data_url.h"  // make_data_url
#include "base/json.h"      // Json, to_text
#include "base/random.h"    // Random
#include "serve/api_error.h"

namespace lmc::serve {
namespace {

Json request_with(const Json& more) {
  Json request = {{"model", "m"}, {"messages", {{{"role", "user"}, {"content", "hello"}}}}};
  request.update(more);
  return request;
}

ChatRequest parse(const Json& request, const ChatLimits& limits = {}) {
  return parse_chat_request(to_text(request), limits);
}

// The status and text of the refusal; 200 when there is none.
std::pair<int, std::string> refusal(const Json& request, const ChatLimits& limits = {}) {
  try {
    parse(request, limits);
    return {200, ""};
  } catch (const ApiError& error) {
    return {error.status, error.what()};
  }
}

TEST(ChatRequest, DefaultsAreTheServers) {
  ChatLimits limits;
  limits.defaults.temperature = 0.5;
  limits.defaults.max_new_tokens = 77;
  const ChatRequest chat = parse(request_with({{"user", "ignored"}, {"top_p", nullptr}}), limits);
  EXPECT_EQ(chat.model, "m");
  EXPECT_EQ(chat.sampling.temperature, 0.5);
  EXPECT_EQ(chat.sampling.max_new_tokens, 77);
  EXPECT_FALSE(chat.stream);
  ASSERT_EQ(chat.messages.size(), 1u);
  EXPECT_EQ(chat.messages[0].parts[0].text, "hello");
}

TEST(ChatRequest, EverySamplingMember) {
  const ChatRequest chat = parse(request_with({{"temperature", 1},
                                               {"top_p", 0.8},
                                               {"top_k", 20},
                                               {"min_p", 0.1},
                                               {"presence_penalty", 1.5},
                                               {"repetition_penalty", 1.1},
                                               {"stop", {"\n\n", "END"}},
                                               {"seed", 42},
                                               {"max_tokens", 5},
                                               {"max_completion_tokens", 9},
                                               {"stream", true},
                                               {"stream_options", {{"include_usage", true}}}}));
  EXPECT_EQ(chat.sampling.temperature, 1);
  EXPECT_EQ(chat.sampling.top_p, 0.8);
  EXPECT_EQ(chat.sampling.top_k, 20);
  EXPECT_EQ(chat.sampling.min_p, 0.1);
  EXPECT_EQ(chat.sampling.presence_penalty, 1.5);
  EXPECT_EQ(chat.sampling.repetition_penalty, 1.1);
  EXPECT_EQ(chat.sampling.stop, (std::vector<std::string>{"\n\n", "END"}));
  EXPECT_EQ(chat.sampling.seed, 0);  // so that requests of different seeds share a batch
  EXPECT_EQ(chat.stream_ids[0], 42u);
  EXPECT_EQ(chat.sampling.max_new_tokens, 9);
  EXPECT_TRUE(chat.stream);
  EXPECT_TRUE(chat.include_usage);
  EXPECT_EQ(parse(request_with({{"stop", "x"}, {"top_k", -1}})).sampling.top_k, 0);
}

TEST(ChatRequest, TextAndImagesInOrder) {
  const Json request = {
      {"model", "m"},
      {"messages",
       {{{"role", "developer"}, {"content", "be brief"}},
        {{"role", "user"},
         {"content",
          {{{"type", "image_url"}, {"image_url", {{"url", make_data_url("image/png", "one")}}}},
           {{"type", "text"}, {"text", "compare"}},
           {{"type", "image_url"}, {"image_url", make_data_url("image/jpeg", "two")}}}}},
        {{"role", "assistant"}, {"content", "how?"}},
        {{"role", "user"}, {"content", "well"}}}}};
  const ChatRequest chat = parse(request);
  ASSERT_EQ(chat.messages.size(), 4u);
  EXPECT_EQ(chat.messages[0].role, "system");
  EXPECT_EQ(chat.images, (std::vector<std::string>{"one", "two"}));
  ASSERT_EQ(chat.messages[1].parts.size(), 3u);
  EXPECT_EQ(chat.messages[1].parts[0].kind, prompt::Part::Kind::kImage);
  EXPECT_EQ(chat.messages[1].parts[1].text, "compare");
}

TEST(ChatRequest, LogProbabilities) {
  const auto asked = [](const Json& more) {
    return parse(request_with(more)).sampling.top_log_probs;
  };
  EXPECT_EQ(asked(Json::object()), -1);
  EXPECT_EQ(asked({{"logprobs", false}, {"top_logprobs", nullptr}}), -1);
  EXPECT_EQ(asked({{"logprobs", true}}), 0);
  EXPECT_EQ(asked({{"logprobs", true}, {"top_logprobs", 20}}), 20);
}

TEST(ChatRequest, NullIsAsGoodAsAbsent) {
  ChatLimits limits;
  limits.defaults.max_new_tokens = 77;
  Json nulls = Json::object();
  for (const char* key : {"max_tokens",
                          "max_completion_tokens",
                          "temperature",
                          "top_p",
                          "top_k",
                          "min_p",
                          "n",
                          "seed",
                          "stop",
                          "stream",
                          "stream_options",
                          "logprobs",
                          "top_logprobs",
                          "presence_penalty",
                          "frequency_penalty",
                          "repetition_penalty",
                          "logit_bias",
                          "tools",
                          "tool_choice",
                          "functions",
                          "response_format",
                          "user",
                          "modalities",
                          "audio",
                          "prediction",
                          "metadata",
                          "store",
                          "guided_json",
                          "never_heard_of"}) {
    nulls[key] = nullptr;
  }
  const ChatRequest chat = parse(request_with(nulls), limits);
  EXPECT_EQ(chat.sampling.max_new_tokens, 77);
  EXPECT_EQ(chat.sampling.top_log_probs, -1);
  EXPECT_TRUE(chat.sampling.stop.empty());
  EXPECT_TRUE(chat.ignored.empty());
}

TEST(ChatRequest, NumbersAsClientsWriteThem) {
  const ChatRequest chat = parse(request_with({{"max_tokens", 5.0},
                                               {"seed", 42.0},
                                               {"top_k", 20.0},
                                               {"n", 1.0},
                                               {"top_p", 0},
                                               {"stop", ""}}));
  EXPECT_EQ(chat.sampling.max_new_tokens, 5);
  EXPECT_EQ(chat.stream_ids[0], 42u);
  EXPECT_EQ(chat.sampling.top_k, 20);
  EXPECT_GT(chat.sampling.top_p, 0);
  EXPECT_LT(chat.sampling.top_p, 1e-5);
  EXPECT_TRUE(chat.sampling.stop.empty());
  EXPECT_EQ(chat.stream_ids.size(), 1u);
  EXPECT_EQ(parse(request_with({{"seed", -1}})).stream_ids[0], ~uint64_t{0});
  EXPECT_EQ(parse(request_with({{"seed", INT64_MAX}})).stream_ids[0], uint64_t{INT64_MAX});
}

TEST(ChatRequest, SeveralRepliesDrawFromStreamsOfTheirOwn) {
  const std::vector<uint64_t> one = parse(request_with({{"seed", 7}})).stream_ids;
  const std::vector<uint64_t> three = parse(request_with({{"seed", 7}, {"n", 3}})).stream_ids;
  const std::vector<uint64_t> next = parse(request_with({{"seed", 8}, {"n", 3}})).stream_ids;
  ASSERT_EQ(three.size(), 3u);
  EXPECT_EQ(one, (std::vector<uint64_t>{three[0]}));
  std::set<uint64_t> all(three.begin(), three.end());
  all.insert(next.begin(), next.end());
  EXPECT_EQ(all.size(), 6u);
}

// A length is an upper bound.
TEST(ChatRequest, LengthsBeyondTheServersOwn) {
  ChatLimits limits;
  limits.max_new_tokens = 100;
  limits.defaults.max_new_tokens = 512;
  EXPECT_EQ(parse(request_with(Json::object()), limits).sampling.max_new_tokens, 100);
  EXPECT_EQ(parse(request_with({{"max_tokens", 8192}}), limits).sampling.max_new_tokens, 100);
  EXPECT_EQ(parse(request_with({{"max_tokens", 99}}), limits).sampling.max_new_tokens, 99);
}

TEST(ChatRequest, RefusalsNameTheParameter) {
  const std::pair<const char*, Json> cases[] = {{"temperature", "hot"},
                                                {"top_k", 1.5},
                                                {"seed", "1"},
                                                {"stream", 1},
                                                {"stop", 5},
                                                {"max_tokens", 0},
                                                {"logprobs", 3},
                                                {"top_logprobs", 2},
                                                {"model", nullptr},
                                                {"messages", "hello"},
                                                {"n", 17},
                                                {"structured_outputs", {{"regex", "[AB]"}}},
                                                {"stream_options", 1},
                                                {"min_p", 2},
                                                {"logit_bias", {{"5", 1}}},
                                                {"tools", {{{"type", "function"}}}}};
  for (const auto& [name, value] : cases) {
    try {
      parse(request_with({{name, value}}));
      FAIL() << name;
    } catch (const ApiError& error) {
      EXPECT_EQ(error.status, 400) << name;
      EXPECT_EQ(error.param, name);
      EXPECT_TRUE(std::string(error.what()).starts_with(cat(name, ": "))) << error.what();
    }
  }
}

TEST(ChatRequest, RefusesWhatItCannotDo) {
  const Json cases[] = {
      {{"n", 0}},
      {{"n", 17}},
      {{"n", "1"}},
      {{"n", true}},
      {{"logprobs", 3}},
      {{"logprobs", true}, {"top_logprobs", 21}},
      {{"logprobs", true}, {"top_logprobs", -1}},
      {{"top_logprobs", 5}},
      {{"tools", {{{"type", "function"}}}}},
      {{"frequency_penalty", 0.5}},
      {{"response_format", {{"type", "json_object"}}}},
      {{"temperature", -0.1}},
      {{"temperature", 2.1}},
      {{"temperature", "hot"}},
      {{"top_p", -0.1}},
      {{"top_p", 1.1}},
      {{"top_k", -2}},
      {{"top_k", 1.5}},
      {{"max_tokens", 0}},
      {{"max_tokens", -1}},
      {{"max_tokens", 1.5}},
      {{"max_tokens", "5"}},
      {{"stop", {""}}},
      {{"stop", {1}}},
      {{"stop", 5}},
      {{"stop", std::vector<std::string>(17, "x")}},
      {{"seed", 1.5}},
      {{"seed", 1e300}},
      {{"stream", 1}},
      {{"messages", Json::array()}},
      {{"messages", "hello"}},
      {{"messages", {{{"role", "tool"}, {"content", "x"}}}}},
      {{"messages", {{{"role", "user"}}}}},
      {{"messages", {{{"role", "user"}, {"content", 5}}}}},
      {{"messages", {{{"role", "user"}, {"content", {{{"type", "input_audio"}}}}}}}},
      {{"model", 5}},
  };
  EXPECT_EQ(refusal(request_with(Json::object())).first, 200);
  for (const Json& more : cases) EXPECT_EQ(refusal(request_with(more)).first, 400) << more;
  EXPECT_THROW(parse_chat_request("{\"model\":", {}), ApiError);
  EXPECT_THROW(parse_chat_request("[]", {}), ApiError);
}

Json one_image(const std::string& url) {
  return {{"messages",
           {{{"role", "user"},
             {"content", {{{"type", "image_url"}, {"image_url", {{"url", url}}}}}}}}}};
}

TEST(ChatRequest, ImagesComeInsideTheRequestOnly) {
  for (const char* url : {"http://example.org/a.png", "https://example.org/a.png"}) {
    const auto [status, text] = refusal(request_with(one_image(url)));
    EXPECT_EQ(status, 400);
    EXPECT_NE(text.find("offline"), std::string::npos) << text;
  }
  for (const char* url : {"file:///etc/passwd", "/etc/passwd", "data:text/plain;base64,Zm9v",
                          "data:image/png;base64,@@@@"}) {
    EXPECT_EQ(refusal(request_with(one_image(url))).first, 400) << url;
  }
  ChatLimits limits;
  limits.max_image_bytes = 3;
  EXPECT_EQ(refusal(request_with(one_image(make_data_url("image/png", "abc"))), limits).first, 200);
  EXPECT_EQ(refusal(request_with(one_image(make_data_url("image/png", "abcd"))), limits).first,
            400);
  limits.max_images = 0;
  EXPECT_EQ(refusal(request_with(one_image(make_data_url("image/png", "abc"))), limits).first, 400);
}

// Whatever is cut from or changed in a request, it is read or refused.
TEST(ChatRequest, DamagedRequestsAreRefusedOrRead) {
  Json whole = request_with(one_image(make_data_url("image/png", "picture")));
  whole.update({{"stop", {"a", "b"}}, {"stream_options", {{"include_usage", true}}}, {"seed", 3}});
  const std::string good = to_text(whole);
  Random random(5);
  for (int i = 0; i < 5000; ++i) {
    std::string body = good;
    for (int64_t edit = random.integer(1, 3); edit > 0; --edit) {
      const auto at = static_cast<size_t>(random.integer(0, static_cast<int64_t>(body.size()) - 1));
      if (random.chance(0.5)) {
        body[at] = static_cast<char>(random.integer(0, 255));
      } else {
        body.erase(at, static_cast<size_t>(random.integer(1, 8)));
      }
    }
    try {
      parse_chat_request(body, {});
    } catch (const ApiError& error) {
      EXPECT_EQ(error.status, 400);
    }
  }
}

}  // namespace
}  // namespace lmc::serve
