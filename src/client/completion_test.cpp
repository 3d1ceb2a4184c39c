#include "client/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"  // Json, to_text

namespace lmc::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A completion with this first choice.
std::string body_of(const Json& choice) {
  return to_text({{"model", "teacher-235b"},
                  {"choices", Json::array({choice})},
                  {"usage", {{"prompt_tokens", 12}, {"completion_tokens", 34}}}});
}

std::string body_of_message(const Json& message) {
  return body_of({{"message", message}, {"finish_reason", "stop"}});
}

std::string text_of(std::string_view body) {
  const auto reply = parse_completion(body);
  return reply ? reply->text : "(none)";
}

// A chunk of a stream, as an event.
std::string chunk(const Json& delta, const Json& finish = nullptr) {
  return cat("data: ",
             to_text({{"choices", Json::array({{{"index", 0},
                                                {"delta", delta},
                                                {"logprobs", nullptr},
                                                {"finish_reason", finish}}})}}),
             "\n\n");
}

std::string bytes_of(const Completion& reply) {
  std::string bytes;
  for (const record::TokenLogProb& token : reply.log_probs) bytes += token.written.bytes;
  return bytes;
}

TEST(ParseReply, ACompletionInOnePiece) {
  const auto reply =
      parse_completion(body_of_message({{"role", "assistant"}, {"content", "text"}}));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->text, "text");
  EXPECT_EQ(reply->finish, "stop");
  EXPECT_EQ(reply->model, "teacher-235b");
  EXPECT_EQ(reply->prompt_tokens, 12);
  EXPECT_EQ(reply->reply_tokens, 34);
  EXPECT_THAT(reply->log_probs, IsEmpty());
}

TEST(ParseReply, EndsAreNamedInOneWay) {
  const auto finish = [](const char* word) {
    const auto reply =
        parse_completion(body_of({{"message", {{"content", "x"}}}, {"finish_reason", word}}));
    return reply ? reply->finish : "(none)";
  };
  EXPECT_EQ(finish("length"), "length");
  EXPECT_EQ(finish("model_length"), "length");  // Mistral
  EXPECT_EQ(finish("MAX_TOKENS"), "length");    // Gemini
  EXPECT_EQ(finish("SAFETY"), "content_filter");
  EXPECT_EQ(finish("end_turn"), "end_turn");
  // A reply that the server gave up is none, whatever it holds.
  for (const char* word : {"abort", "error", "insufficient_system_resource"}) {
    EXPECT_EQ(finish(word), "(none)") << word;
  }
}

TEST(ParseReply, ContentInParts) {
  const Json parts = {{{"type", "text"}, {"text", "The heart is "}},
                      {{"type", "image_url"}, {"image_url", "x"}},
                      {{"type", "text"}, {"text", "wide."}}};
  EXPECT_EQ(text_of(body_of_message({{"content", parts}})), "The heart is wide.");
  EXPECT_EQ(text_of(body_of_message({{"content", Json::array()}})), "");
}

TEST(ParseReply, ReasoningSentApartIsKept) {
  for (const char* key : {"reasoning_content", "reasoning"}) {
    EXPECT_EQ(text_of(body_of_message({{"content", "Answer: B"}, {key, "A wide heart."}})),
              "<think>\nA wide heart.\n</think>\n\nAnswer: B");
  }
  // Servers between the two names send both.
  EXPECT_EQ(text_of(body_of_message(
                {{"content", "B"}, {"reasoning_content", "why"}, {"reasoning", "why"}})),
            "<think>\nwhy\n</think>\n\nB");
  EXPECT_EQ(text_of(body_of_message({{"content", "B"}, {"reasoning_content", nullptr}})), "B");
}

TEST(ParseReply, NullContentAndRefusals) {
  const auto reply = parse_completion(body_of_message({{"content", nullptr}, {"refusal", "no"}}));
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(reply->declined);
  EXPECT_EQ(text_of(body_of_message({{"content", nullptr}, {"tool_calls", {{{"id", "c"}}}}})), "");
}

TEST(ParseReply, WhatMayBeNull) {
  const auto reply = parse_completion(
      R"({"error":null,"choices":[{"message":{"content":"x"},"logprobs":null,"finish_reason":null}],"usage":null,"model":null})");
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->text, "x");
  EXPECT_EQ(reply->finish, "");
  EXPECT_EQ(reply->reply_tokens, 0);
}

TEST(ParseReply, CountsThatAreNone) {
  for (const char* count : {"-1", "1.5", "\"7\"", "18446744073709551615", "9223372036854775807"}) {
    const auto reply = parse_completion(cat(R"({"choices":[{"message":{"content":"x"}}],"usage":)",
                                            R"({"prompt_tokens":)", count, "}}"));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->prompt_tokens, 0) << count;
  }
}

TEST(ParseReply, TheFirstChoiceCounts) {
  EXPECT_EQ(text_of(R"({"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"},)"
                    R"({"index":1,"message":{"content":"y"},"finish_reason":"length"}]})"),
            "x");
  EXPECT_EQ(text_of(cat(chunk({{"content", "x"}}),
                        R"(data: {"choices":[{"index":1,"delta":{"content":"y"}}]})", "\n\n",
                        chunk({{"content", "z"}}, "stop"))),
            "xz");
}

TEST(ParseReply, OtherTextIsNoCompletion) {
  for (
      const char* body :
      {"", " \n", "{", "null", "[]", "{}", R"({"choices":[]})", R"({"choices":{}})",
       R"({"choices":[1]})", R"({"choices":[{"message":"text"}]})", R"({"choices":[{}]})",
       "<html>502 Bad Gateway</html>", R"({"error":{"message":"x"}})", "data: [DONE]\n\n",
       "data: {}\n\n", ": ping\n\n",
       // Errors in the dress of a completion.
       R"({"error":{"message":"x"},"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]})",
       R"({"choices":[{"error":{"code":502},"message":{"content":"x"},"finish_reason":"stop"}]})",
       R"({"choices":[{"message":{"content":"x"},"finish_reason":"error"}]})",
       R"({"choices":[{"message":{"content":"x"},"finish_reason":"abort"}]})"}) {
    EXPECT_FALSE(parse_completion(body).has_value()) << body;
  }
}

TEST(ParseReply, AStream) {
  const auto reply = parse_completion(cat(
      ": ping\r\n\r\n",
      R"(data: {"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})",
      "\r\n\r\n", chunk({{"reasoning_content", "A wide "}}), chunk({{"reasoning", "heart."}}),
      "event: message\ndata: {\"choices\":\ndata: [{\"delta\":{\"content\":\"Answer:\"}}]}\n\n",
      chunk({{"content", " B"}}), chunk(Json::object(), "stop"),
      R"(data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6}})", "\n\n",
      "data: [DONE]\n\ndata: not read\n\n"));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->text, "<think>\nA wide heart.\n</think>\n\nAnswer: B");
  EXPECT_EQ(reply->finish, "stop");
  EXPECT_EQ(reply->model, "m");
  EXPECT_EQ(reply->prompt_tokens, 5);
  EXPECT_EQ(reply->reply_tokens, 6);
}

TEST(ParseReply, AStreamThatFails) {
  const std::string begun = chunk({{"content", "The heart"}});
  EXPECT_EQ(text_of(begun), "(none)");
  EXPECT_EQ(text_of(begun + "data: [DONE]\n\n"), "(none)");
  const std::string whole = begun + chunk({{"content", "."}}, "stop");
  EXPECT_EQ(text_of(whole), "The heart.");
  EXPECT_EQ(text_of(whole + "data: [DONE]"), "The heart.");
  EXPECT_EQ(text_of(whole + "data: {\"error\":{\"message\":\"x\"}}\n\ndata: [DONE]\n\n"), "(none)");
  EXPECT_EQ(text_of(whole + "event: error\ndata: {}\n\n"), "(none)");
  EXPECT_EQ(text_of(whole + "error: {\"code\":500}\n\n"), "(none)");
  EXPECT_EQ(text_of(whole + "data: {\"choices\":[{\"del\n\n"), "(none)");
  EXPECT_EQ(text_of(begun + chunk(Json::object(), "abort")), "(none)");
}

TEST(ParseReply, LogProbabilities) {
  const auto reply = parse_completion(body_of(
      {{"message", {{"content", "\xC3\xA9 B"}}},
       {"finish_reason", "stop"},
       {"logprobs",
        {{"content",
          {{{"token", "bytes:\\xc3"}, {"logprob", -0.25}, {"bytes", {195}}, {"top_logprobs", {}}},
           {{"token", "\xEF\xBF\xBD"}, {"logprob", 0.0}, {"bytes", {169}}},
           // The written token stands first; one alternative has no probability.
           {{"token", " B"},
            {"logprob", -2},
            {"bytes", nullptr},
            {"top_logprobs",
             {{{"token", " B"}, {"logprob", -2}},
              {{"token", " A"}, {"logprob", -0.5}, {"bytes", {32, 65}}},
              {{"token", "token_id:17"}, {"logprob", -3.5}, {"bytes", {256}}},
              {{"token", " C"}, {"logprob", -9999.0}},
              {{"token", " D"}, {"logprob", nullptr}}}}}}}}}}));
  ASSERT_TRUE(reply.has_value());
  ASSERT_EQ(reply->log_probs.size(), 3u);
  EXPECT_EQ(bytes_of(*reply), "\xC3\xA9 B");
  EXPECT_EQ(reply->log_probs[0].written.log_prob, -0.25);
  std::vector<std::string> top;
  for (const auto& one : reply->log_probs[2].top) top.push_back(cat(one.bytes, one.log_prob));
  EXPECT_THAT(top, ElementsAre(" A-0.5", " B-2", "token_id:17-3.5"));
}

TEST(ParseReply, LogProbabilitiesInAStream) {
  const auto event = [](const char* token, const char* log_prob) {
    return cat(R"(data: {"choices":[{"delta":{"content":")", token, R"("},"finish_reason":"stop",)",
               R"("logprobs":{"content":[{"token":")", token, R"(","logprob":)", log_prob,
               "}]}}]}\n\n");
  };
  const auto reply =
      parse_completion(event("a", "-1") + event("b", "-9999.0") + event("c", "-1e30"));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(bytes_of(*reply), "abc");
  EXPECT_EQ(reply->log_probs[1].written.log_prob, -9999);
  EXPECT_EQ(reply->log_probs[2].written.log_prob, -9999);
  // With a hole the rest would be taken for the wrong tokens.
  const auto holed = parse_completion(event("a", "-1") + event("b", "null") + event("c", "-1"));
  ASSERT_TRUE(holed.has_value());
  EXPECT_EQ(holed->text, "abc");
  EXPECT_THAT(holed->log_probs, IsEmpty());
}

TEST(ParseReply, AByteOrderMark) {
  EXPECT_EQ(text_of("\xEF\xBB\xBF" + body_of_message({{"content", "x"}})), "x");
  EXPECT_EQ(text_of("\xEF\xBB\xBF\n " + body_of_message({{"content", "x"}})), "x");
  EXPECT_EQ(text_of("\xEF\xBB\xBF" + chunk({{"content", "x"}}, "stop")), "x");
  EXPECT_EQ(text_of("\xEF\xBB\xBF"), "(none)");
}

// As Python writes numbers that are none.
std::string with_log_prob(const char* log_prob, const char* alternative = "-1.5") {
  return cat(R"({"choices":[{"index":0,"message":{"content":"a NaN, -Infinity \" NaN"},)",
             R"("finish_reason":"stop","logprobs":{"content":[{"token":"NaN","logprob":)", log_prob,
             R"(,"top_logprobs":[{"token":"a","logprob":-0.5},{"token":"b","logprob":)",
             alternative, R"(}]}]}}],"usage":{"prompt_tokens":NaN,"completion_tokens":7}})");
}

TEST(ParseReply, NumbersThatAreNoJson) {
  for (const char* log_prob : {"NaN", "Infinity"}) {
    const auto reply = parse_completion(with_log_prob(log_prob));
    ASSERT_TRUE(reply.has_value()) << log_prob;
    EXPECT_EQ(reply->text, "a NaN, -Infinity \" NaN");  // texts stay as they are
    EXPECT_EQ(reply->reply_tokens, 7);
    EXPECT_EQ(reply->prompt_tokens, 0);
    EXPECT_THAT(reply->log_probs, IsEmpty()) << "a hole";
  }
  const auto without = parse_completion(with_log_prob("-Infinity"));
  ASSERT_TRUE(without.has_value());
  ASSERT_EQ(without->log_probs.size(), 1u);
  EXPECT_EQ(without->log_probs[0].written.log_prob, -9999);
  EXPECT_EQ(without->log_probs[0].written.bytes, "NaN");
  for (const char* alternative : {"NaN", "Infinity", "-Infinity"}) {
    const auto reply = parse_completion(with_log_prob("-1", alternative));
    ASSERT_TRUE(reply.has_value()) << alternative;
    ASSERT_EQ(reply->log_probs.size(), 1u);
    EXPECT_EQ(reply->log_probs[0].top.size(), 1u) << alternative;
  }
  // In a stream too; and what is broken otherwise stays broken.
  const std::string event =
      R"(data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop","logprobs":)"
      R"({"content":[{"token":"x","logprob":-Infinity}]}}]})";
  EXPECT_EQ(text_of(event + "\n\n"), "x");
  for (const char* body : {"NaN", "{NaN}", R"({"choices":[{"message":{"content":NaN"x"}}]})",
                           R"({"choices":[{"message":{"content":"x"}}],"usage":-NaN})",
                           R"({"choices":[{"message":{"content":"x"}}],"usage":NaNs})",
                           R"({"choices":[{"message":{"content":"NaN)"}) {
    EXPECT_EQ(text_of(body), "(none)") << body;
  }
}

TEST(ParseReply, CountsWithAPoint) {
  const auto reply = parse_completion(
      R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":9.0,"completion_tokens":2e1}})");
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->prompt_tokens, 9);
  EXPECT_EQ(reply->reply_tokens, 20);
}

TEST(ParseReply, AnEmptyErrorIsNone) {
  for (const char* error : {"null", "\"\"", "{}", "[]", "false"}) {
    EXPECT_EQ(text_of(cat(R"({"error":)", error, R"(,"choices":[{"message":{"content":"x"}}]})")),
              "x")
        << error;
  }
  for (const char* error : {"true", "0", "\"x\"", "{\"code\":1}", "[1]"}) {
    EXPECT_EQ(text_of(cat(R"({"error":)", error, R"(,"choices":[{"message":{"content":"x"}}]})")),
              "(none)")
        << error;
  }
}

// Mistral's reasoning models.
TEST(ParseReply, ThoughtsAmongTheParts) {
  const Json parts = {
      {{"type", "thinking"},
       {"thinking",
        {{{"type", "text"}, {"text", "A wide "}}, {{"type", "text"}, {"text", "heart."}}}}},
      {{"type", "text"}, {"text", "Answer: B"}}};
  EXPECT_EQ(text_of(body_of_message({{"content", parts}})),
            "<think>\nA wide heart.\n</think>\n\nAnswer: B");
}

TEST(ParseReply, DeepNestingIsRefused) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(text_of(cat(R"({"choices":[{"message":{"content":"x"}}],"more":)", deep, "}")),
            "(none)");
  EXPECT_EQ(text_of(cat("data: ", deep, "\n\n")), "(none)");
}

// (What else may be damaged: fuzz/completion_fuzz.cpp.)
TEST(ParseReply, ABodyCutAnywhereIsNoCompletion) {
  const std::string whole =
      R"({"choices":[{"message":{"content":"Answer: B"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}})";
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_completion(whole.substr(0, size)).has_value()) << size;
  }
  const std::string stream = chunk({{"content", "Answer: "}}) + chunk({{"content", "B"}}, "stop");
  for (size_t size = 0; size + 3 < stream.size(); ++size) {  // without the brace and the line ends
    EXPECT_FALSE(parse_completion(stream.substr(0, size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace lmc::client
