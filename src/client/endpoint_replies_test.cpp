// Bodies as vLLM, SGLang, llama.cpp and Ollama send them: tests/golden/endpoint_replies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/files.h"         // read_file
#include "client/completion.h"  // parse_completion
#include "client/retry.h"       // describe_failure

namespace lmc::client {
namespace {

const std::string kFolder = std::string(LMC_SOURCE_DIR) + "/tests/golden/endpoint_replies/";

constexpr const char* kThoughts =
    "The left lower zone is white and its border with the diaphragm is lost.";
constexpr const char* kAnswer = "The opacity blunts the left costophrenic angle.\n\nAnswer: B";

std::string failure_of(const std::string& file, int status) {
  net::HttpReply reply;
  reply.outcome = net::HttpReply::Outcome::kReply;
  reply.status = status;
  reply.body = read_file(kFolder + file);
  return describe_failure(reply, {});
}

// Replies that hold the same reasoning and text, with the counts of tokens where they are sent.
TEST(EndpointReplies, ReasoningAndText) {
  for (const char* file :
       {"vllm_reasoning_content.json", "vllm_reasoning.json", "vllm_stream.sse",
        "vllm_stream_both_names.sse", "vllm_stream_reasoning.sse", "sglang_reasoning.json",
        "sglang_stream.sse", "sglang_stream_usage.sse", "llama_cpp.json", "llama_cpp_stream.sse",
        "ollama.json", "ollama_stream.sse"}) {
    const auto reply = parse_completion(read_file(kFolder + file));
    ASSERT_TRUE(reply.has_value()) << file;
    // The text begins with the blank line that the model wrote after its thoughts.
    EXPECT_EQ(reply->text, cat("<think>\n", kThoughts, "\n</think>\n\n\n\n", kAnswer)) << file;
    EXPECT_EQ(reply->finish, "stop") << file;
    EXPECT_THAT(reply->model, testing::ContainsRegex("[Qq]wen3-[Vv][Ll]")) << file;
    const bool has_usage = std::string(file) != "ollama_stream.sse";
    EXPECT_EQ(reply->prompt_tokens, has_usage ? 1187 : 0) << file;
    EXPECT_EQ(reply->reply_tokens, has_usage ? 38 : 0) << file;
  }
}

TEST(EndpointReplies, OtherCompletions) {
  const auto cut = parse_completion(read_file(kFolder + "vllm_length.json"));
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(cut->text, "<think>\nThe left lower zone is white a\n</think>\n\n");
  EXPECT_EQ(cut->finish, "length");
  // Its last words come with what says how it ended.
  const auto cut_stream = parse_completion(read_file(kFolder + "vllm_stream_length.sse"));
  ASSERT_TRUE(cut_stream.has_value());
  EXPECT_EQ(cut_stream->text, "The opacity blunts the left costophren");
  EXPECT_EQ(cut_stream->finish, "length");
  const auto plain = parse_completion(read_file(kFolder + "sglang_hidden_states.json"));
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->text, kAnswer);
}

TEST(EndpointReplies, LogProbabilities) {
  for (const char* file :
       {"vllm_log_probs.json", "vllm_stream_log_probs.sse", "sglang_log_probs.json"}) {
    const auto reply = parse_completion(read_file(kFolder + file));
    ASSERT_TRUE(reply.has_value()) << file;
    EXPECT_EQ(reply->text, "Answer: C");
    std::string tokens;
    for (const record::TokenLogProb& one : reply->log_probs) {
      tokens += cat(one.written.bytes, " ", one.written.log_prob, " of");
      for (const auto& choice : one.top) tokens += cat(" ", choice.bytes, choice.log_prob);
      tokens += "\n";
    }
    EXPECT_EQ(tokens,
              "Answer -0.0021 of Answer-0.0021 The-6.5021\n"
              ": 0 of :0 \xEF\xBC\x9A-17.25\n"
              " C -1.7544 of  B-0.2544  C-1.7544\n"
              " -0.0004 of -0.0004\n")
        << file;
  }
}

// vLLM gives the token that ends the text no probability when a grammar forced it.
TEST(EndpointReplies, AForcedLastToken) {
  const auto reply = parse_completion(read_file(kFolder + "vllm_log_probs_forced.json"));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->text, "{}");
  ASSERT_EQ(reply->log_probs.size(), 3u);
  EXPECT_EQ(reply->log_probs[0].top.size(), 2u);
  EXPECT_EQ(reply->log_probs[2].written.bytes, "");
  EXPECT_EQ(reply->log_probs[2].written.log_prob, -9999);
  EXPECT_TRUE(reply->log_probs[2].top.empty());
}

TEST(EndpointReplies, FailuresInTheServersOwnWords) {
  const std::string too_long =
      "This model's maximum context length is 4096 tokens. However, you requested 5211 tokens "
      "(4187 in the messages, 1024 in the completion). Please reduce the length of the messages or "
      "completion. None";
  const std::string input_too_long =
      "The input (5211 tokens) is longer than the model's context length (4096 tokens).";
  const std::string dead =
      "EngineCore encountered an issue. See stack trace (above) for the root cause.";
  const struct {
    const char* file;
    int status;
    std::string message;
  } cases[] = {
      {"vllm_error.json", 400, too_long},
      {"vllm_error_old.json", 400, too_long},
      {"vllm_unauthorized.json", 401, "Unauthorized"},
      {"vllm_engine_dead.json", 500, dead},
      {"vllm_stream_error.sse", 200, dead},
      {"fastapi_detail.json", 404, "Not Found"},
      {"sglang_error.json", 400, input_too_long},
      {"sglang_stream_refused.sse", 200, input_too_long},
      {"sglang_stream_error.sse", 200, "Generation was cancelled."},
      {"llama_cpp_loading.json", 503, "Loading model"},
      {"llama_cpp_old_stream_error.sse", 200, "context shift is disabled"},
      {"ollama_error.json", 404, "model 'qwen3-vl:8b' not found"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(failure_of(one.file, one.status), cat("HTTP ", one.status, ": ", one.message));
    EXPECT_FALSE(parse_completion(read_file(kFolder + one.file)).has_value()) << one.file;
  }
  EXPECT_FALSE(parse_completion(read_file(kFolder + "sglang_abort.json")).has_value());
}

// Cut anywhere before what says how it ended, a stream is no completion.
TEST(EndpointReplies, StreamsCutShort) {
  for (const char* file : {"vllm_stream.sse", "vllm_stream_both_names.sse", "sglang_stream.sse",
                           "sglang_stream_usage.sse", "llama_cpp_stream.sse"}) {
    const std::string whole = read_file(kFolder + file);
    const size_t said = whole.find("\"finish_reason\":\"stop\"");
    for (size_t size = 0; size < said; size += 7) {
      EXPECT_FALSE(parse_completion(whole.substr(0, size)).has_value()) << file << " " << size;
    }
  }
}

}  // namespace
}  // namespace lmc::client
