// The program against endpoints with ways of their own: what a script sees of it, by exit code and
// line, and that no key is left anywhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <vector>

#include "base/files.h"       // write_file
#include "base/json.h"        // Json, parse_json, to_text
#include "base/sha256.h"      // sha256_hex
#include "image/image.h"      // encode_png
#include "record/question.h"  // Question
#include "support/run_program.h"
#include "support/scripted_http_server.h"

namespace lmc::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kQuestions = 3;
constexpr const char* kKey = "sk-dialect-90c2f7";

constexpr const char* kText =
    "The image shows a finding that decides the question and no other.\n\nAnswer: A";

Script reply(std::string body, int status = 200) {
  Script script;
  script.status = status;
  script.body = std::move(body);
  return script;
}

std::string whole(const std::string& text = kText) {
  return to_text(
      {{"model", "m"},
       {"choices",
        {{{"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", "stop"}}}},
       {"usage", {{"prompt_tokens", 9}, {"completion_tokens", 9}}}});
}

std::string event(const Json& choice) {
  return cat("data: ", to_text({{"choices", Json::array({choice})}}), "\n\n");
}

// Made by Python's gzip.compress(body, 9, mtime=0): a completion like that of whole(), in one piece
// and as a stream of two events.
constexpr std::string_view kPackedWhole(
    "\037\213\010\000\000\000\000\000\002\003\105\216\261\156\303\060\014\104\177\205\270\331"
    "\010\262\126\133\376\241\133\123\004\202\305\106\102\055\322\025\031\044\200\341\177\057"
    "\075\024\235\110\036\170\167\157\103\327\302\013\022\072\046\314\125\333\314\206\364\261"
    "\241\111\341\027\322\171\102\147\263\174\147\244\015\103\227\230\310\146\315\074\213\037"
    "\036\025\347\330\022\336\053\123\353\361\111\126\365\151\224\351\053\102\232\334\311\153"
    "\166\052\074\267\302\026\007\323\317\203\315\233\012\145\051\044\112\032\342\070\135\345"
    "\052\027\261\047\217\104\027\354\023\302\337\254\336\006\147\123\211\006\163\135\261\177"
    "\116\170\374\001\255\103\373\352\067\327\157\226\340\176\073\170\372\272\360\021\376\257"
    "\236\316\373\376\013\260\063\062\137\352\000\000\000",
    189);
constexpr std::string_view kPackedStream(
    "\037\213\010\000\000\000\000\000\002\003\225\216\275\012\302\120\014\205\367\076\105\310"
    "\054\342\174\267\276\203\233\025\011\115\354\015\150\242\115\244\102\351\273\173\301\325"
    "\305\361\374\175\034\246\244\002\053\216\325\165\224\300\162\132\121\215\345\215\345\260"
    "\103\226\133\022\226\026\273\245\130\142\301\143\025\320\073\115\002\121\175\011\040\270"
    "\266\276\332\004\131\051\201\145\124\226\150\102\340\371\222\110\165\003\062\006\163\360"
    "\146\316\173\334\166\330\046\032\365\062\013\205\133\203\342\166\336\272\216\377\375\062"
    "\330\140\275\305\042\163\201\376\027\067\322\037\137\366\007\221\173\170\226\350\000\000"
    "\000",
    155);

class EndpointDialects : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string image =
        image::encode_png({8, 8, std::vector<uint8_t>(size_t{8} * 8 * 3, 90)});
    write_file(folder_.path("picture.png"), image);
    std::string lines;
    for (int k = 0; k < kQuestions; ++k) {
      record::Question question;
      question.id = cat("q", k);
      question.image = "picture.png";
      question.image_sha256 = sha256_hex(image);
      question.question = cat("This is question number ", k, ". Which organ is shown?");
      question.options = {{'A', "Liver"}, {'B', "Heart"}};
      question.answer = 'A';
      question.split = "train";
      lines += to_text(record::to_json(question)) + "\n";
    }
    write_file(folder_.path("questions.jsonl"), lines);
    ::setenv("LMC_TEST_DIALECT_KEY", kKey, 1);
  }

  // `stage` of the program against a server that answers by `answer`.
  ProgramResult run(const char* stage, ScriptedHttpServer::Answer answer,
                    const std::vector<std::string>& more = {}, const std::string& base = "/v1") {
    const ScriptedHttpServer server([&](const net::ServerRequest& request, int64_t number) {
      {
        const std::lock_guard lock(mutex_);
        last_ = request;
      }
      return answer(request, number);
    });
    out_ = folder_.path(cat("out", ++num_runs_, stage[0] == 't' ? ".jsonl" : ""));
    std::vector<std::string> command = {stage,
                                        "--questions",
                                        folder_.path("questions.jsonl"),
                                        "--endpoint",
                                        server.url(base),
                                        "--model",
                                        "m",
                                        "--out",
                                        out_,
                                        "--retries",
                                        "1",
                                        "--retry-wait",
                                        "0.01"};
    command.insert(command.end(), more.begin(), more.end());
    return run_program(command);
  }

  void expect_no_key(const ProgramResult& result) const {
    EXPECT_THAT(result.out, Not(HasSubstr(kKey)));
    EXPECT_THAT(result.err, Not(HasSubstr(kKey)));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      EXPECT_EQ(read_bytes(entry.path()).find(kKey), std::string::npos) << entry.path();
    }
  }

  TemporaryFolder folder_;
  std::mutex mutex_;
  net::ServerRequest last_;
  std::string out_;
  int num_runs_ = 0;
};

TEST_F(EndpointDialects, ARunWithoutAnyReplyDoesNotSucceed) {
  const Script faults[] = {
      reply("<html><body>Pay for the <b>Wi-Fi</b></body></html>"),
      reply("", 500),
      reply(R"({"error":{"message":"overloaded"}})", 503),
      reply(R"([{"error":{"code":400,"message":"Unknown name"}}])", 400),
      reply(R"({"error":{"message":"wrong key"}})", 401),
      reply("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"),
  };
  for (const Script& fault : faults) {
    for (const char* stage : {"teach", "evaluate"}) {
      const ProgramResult result =
          run(stage, [&](const net::ServerRequest&, int64_t) { return fault; });
      EXPECT_EQ(result.exit_code, 2) << stage << " " << fault.body << result.err;
      EXPECT_THAT(result.err, HasSubstr("error: "));
    }
  }
}

TEST_F(EndpointDialects, AQuestionWithoutAReplyIsSeenByAScript) {
  const auto two_of_three = [](const net::ServerRequest& request, int64_t) {
    return request.body.find("number 1") == std::string::npos ? reply(whole()) : reply("", 502);
  };
  for (const char* stage : {"teach", "evaluate"}) {
    const ProgramResult result = run(stage, two_of_three);
    EXPECT_EQ(result.exit_code, 2) << stage;
    EXPECT_THAT(result.err, HasSubstr("1 of 3"));
    EXPECT_THAT(result.err, HasSubstr("the same command asks for"));
  }
}

// What the rules think of a reply is no failure of the run.
TEST_F(EndpointDialects, RejectedRepliesAreReplies) {
  const ProgramResult result = run(
      "teach", [](const net::ServerRequest&, int64_t) { return reply(whole("I cannot tell.")); });
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("accepted 0, rejected 3"));
  const ProgramResult dry = run(
      "teach", [](const net::ServerRequest&, int64_t) { return reply("", 500); }, {"--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
}

TEST_F(EndpointDialects, RepliesInEveryDress) {
  Script packed = reply(std::string(kPackedWhole));
  packed.headers.add("Content-Encoding", "gzip");
  Script packed_stream = reply(std::string(kPackedStream));
  packed_stream.headers.add("Content-Encoding", "gzip");
  packed_stream.framing = Script::Framing::kChunked;
  packed_stream.piece_bytes = 20;
  const std::string filter = "data: {\"choices\":[],\"prompt_filter_results\":[{}]}\n\n";
  const std::string comments = ": PROCESSING\n\n: PROCESSING\n\n";
  const std::string text = event({{"index", 0}, {"delta", {{"content", kText}}}});
  const std::string end =
      event({{"index", 0}, {"delta", Json::object()}, {"finish_reason", "stop"}});
  const Script replies[] = {
      packed,
      packed_stream,
      reply("\xEF\xBB\xBF" + whole()),
      reply("\r\n\r\n " + whole()),
      reply(comments + text + end + "data: [DONE]\n\n"),
      reply("\xEF\xBB\xBF" + filter + text + end),
      reply(text + end + "data: {\"choices\":[],\"usage\":null}\n\ndata: [DONE]"),
      reply(whole().insert(1, R"("error":null,"usage":{"prompt_tokens":NaN},)")),
  };
  for (const Script& one : replies) {
    for (const bool stream : {false, true}) {
      const ProgramResult result =
          run("teach", [&](const net::ServerRequest&, int64_t) { return one; },
              {stream ? "--stream" : "--no-stream"});
      EXPECT_EQ(result.exit_code, 0) << one.body << result.err;
      EXPECT_THAT(result.out, HasSubstr("accepted 3, rejected 0")) << one.body;
    }
  }
}

TEST_F(EndpointDialects, AddressesKeysAndMembers) {
  const auto good = [](const net::ServerRequest& request, int64_t) {
    const Json body = parse_json(request.body, "request");
    if (body.contains("max_tokens")) return reply(R"({"error":{"message":"max_tokens"}})", 400);
    if (request.path == "/old/chat/completions") {
      Script moved = reply("", 308);
      moved.headers.add("Location", "/new/chat/completions?api-version=9");
      return moved;
    }
    return reply(whole());
  };
  const std::vector<std::string> renamed = {
      "--extra",          R"({"max_tokens":null,"max_completion_tokens":77})",
      "--api-key-env",    "LMC_TEST_DIALECT_KEY",
      "--api-key-header", "api-key"};
  for (const char* stage : {"teach", "evaluate"}) {
    ProgramResult result = run(stage, good, renamed, cat("/deployments/d/?api-version=9&k=", kKey));
    EXPECT_EQ(result.exit_code, 0) << stage << result.err;
    EXPECT_EQ(last_.path, "/deployments/d/chat/completions");
    EXPECT_EQ(last_.query, cat("api-version=9&k=", kKey));
    EXPECT_EQ(last_.headers.get("api-key"), kKey);
    EXPECT_EQ(last_.headers.get("Authorization"), "");
    expect_no_key(result);
    result = run(stage, good, renamed, "/old");
    EXPECT_EQ(result.exit_code, 0) << stage << result.err;
    EXPECT_EQ(last_.path, "/new/chat/completions");
    EXPECT_EQ(last_.headers.get("api-key"), kKey);
    EXPECT_EQ(parse_json(last_.body, "request")["max_completion_tokens"], 77);
    result = run(stage, good);
    EXPECT_EQ(result.exit_code, 2) << stage;
    EXPECT_THAT(result.err, HasSubstr("max_tokens"));
  }
}

}  // namespace
}  // namespace lmc::tests
