// What endpoints want to be asked, and where: addresses, keys, redirects, members of the request;
// and what a run says when nothing comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "teacher/batch.h"  // write_batch
#include "teacher/plan.h"   // make_plan
#include "teacher/scripted_teacher.h"
#include "teacher/teach.h"

namespace lmc::teacher {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kKey = "sk-dialects-5b1e";

// A server that takes a POST to any path, and keeps what it was asked.
class AnyPathTeacher {
 public:
  using Script = std::function<net::ServerReply(const net::ServerRequest& request)>;

  explicit AnyPathTeacher(Script script) : script_(std::move(script)), server_({}) {
    server_.route("POST", "/*", [this](const net::ServerRequest& request) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      return script_(request);
    });
    server_.start();
  }

  std::string url(const std::string& path) const {
    return cat("http://127.0.0.1:", server_.port(), path);
  }
  std::vector<net::ServerRequest> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  Json first_request() { return parse_json(requests().at(0).body, "request"); }

 private:
  const Script script_;
  std::mutex mutex_;
  std::vector<net::ServerRequest> requests_;
  net::HttpServer server_;  // ends first
};

net::ServerReply good(const net::ServerRequest& request) {
  const size_t at = request.body.find("question number ");
  return good_completion(std::atoi(request.body.c_str() + at + 16));
}

net::ServerReply moved(int status, const std::string& location) {
  return {status, "text/plain", {{"Location", location}}, "", {}};
}

class Dialects : public testing::Test {
 protected:
  TeachOptions options_for(const std::string& endpoint) {
    TeachOptions options;
    options.questions = folder_.file("questions.jsonl");
    options.out = folder_.file("ledger.jsonl");
    options.endpoint = {endpoint};
    options.model = "scripted";
    options.mode = TeachMode::kReject;
    options.retries = 1;
    options.retry_wait = 0.01;
    options.timeout = 5;
    options.concurrency = 4;
    return options;
  }

  TeachResult run(const TeachOptions& options, int count = 6) {
    return ask(options, numbered_questions(folder_, count), progress_);
  }

  // The error a run ends with.
  std::string failure_of(const TeachOptions& options) {
    try {
      run(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "(none)";
  }

  void expect_nowhere(const std::string& secret) {
    EXPECT_THAT(progress_.str(), Not(HasSubstr(secret)));
    for (const auto& file : std::filesystem::directory_iterator(folder_.file(""))) {
      if (!file.is_regular_file()) continue;
      EXPECT_THAT(read_file(file.path().string()), Not(HasSubstr(secret))) << file.path();
    }
  }

  const TestFolder folder_;
  std::ostringstream progress_;
};

TEST_F(Dialects, TheAddressIsWhatWasGiven) {
  const struct {
    const char* given;
    const char* path;
    const char* query;
  } cases[] = {
      {"/v1", "/v1/chat/completions", ""},
      {"/v1/", "/v1/chat/completions", ""},
      {"", "/chat/completions", ""},
      {"/api/v3/chat/completions", "/api/v3/chat/completions", ""},
      {"/openai/deployments/d?api-version=2024-10-21", "/openai/deployments/d/chat/completions",
       "api-version=2024-10-21"},
      {"/v1/chat/completions?key=a%2Bb", "/v1/chat/completions", "key=a%2Bb"},
  };
  for (const auto& one : cases) {
    AnyPathTeacher teacher(good);
    TeachOptions options = options_for(teacher.url(one.given));
    options.out = folder_.file(cat("ledger", &one - cases, ".jsonl"));
    EXPECT_EQ(run(options, 1).accepted, 1) << one.given;
    ASSERT_EQ(teacher.requests().size(), 1u);
    EXPECT_EQ(teacher.requests()[0].path, one.path);
    EXPECT_EQ(teacher.requests()[0].query, one.query);
  }
}

TEST_F(Dialects, TheKeyInTheHeaderThatIsNamed) {
  AnyPathTeacher teacher(good);
  TeachOptions options = options_for(teacher.url("/v1"));
  write_file(folder_.file("key"), cat(kKey, "\n"));
  options.api_key_file = {folder_.file("key")};
  options.api_key_header = {"api-key"};
  EXPECT_EQ(run(options).accepted, 6);
  for (const net::ServerRequest& request : teacher.requests()) {
    EXPECT_EQ(request.headers.get("api-key"), kKey);
    EXPECT_EQ(request.headers.get("Authorization"), "");
  }
  std::filesystem::remove(folder_.file("key"));
  expect_nowhere(kKey);

  write_file(folder_.file("key"), kKey);
  options.out = folder_.file("other.jsonl");
  options.api_key_header = {"AUTHORIZATION"};
  EXPECT_EQ(run(options).accepted, 6);
  EXPECT_EQ(teacher.requests().back().headers.get("Authorization"), cat("Bearer ", kKey));
  for (const char* name : {"", "api key", "api-key:", "x\r\ny"}) {
    options.api_key_header = {name};
    EXPECT_THAT(failure_of(options), HasSubstr("--api-key-header")) << name;
  }
  options.api_key_header = {"a", "b"};
  EXPECT_THAT(failure_of(options), HasSubstr("one for each of the 1 endpoints"));
}

TEST_F(Dialects, AKeyInTheQueryStandsNowhere) {
  AnyPathTeacher teacher([](const net::ServerRequest& request) {
    if (request.query.find("refuse") == std::string::npos) return good(request);
    return net::ServerReply{
        401, "application/json", {}, cat(R"({"error":{"message":"bad key )", kKey, R"("}})"), {}};
  });
  TeachOptions options = options_for(teacher.url(cat("/v1?api-version=7&key=", kKey)));
  EXPECT_EQ(run(options).accepted, 6);
  EXPECT_EQ(teacher.requests()[0].query, cat("api-version=7&key=", kKey));
  EXPECT_THAT(read_file(options.out + ".manifest.json"), HasSubstr("api-version=7&key=***"));
  options.out = folder_.file("other.jsonl");
  options.endpoint = {teacher.url(cat("/v1?refuse=1&key=", kKey))};
  const std::string failure = failure_of(options);
  EXPECT_THAT(failure, HasSubstr("HTTP 401: bad key ***"));
  EXPECT_THAT(failure, Not(HasSubstr(kKey)));
  options.endpoint = {cat("http://example.org/v1?key=", kKey)};
  EXPECT_THAT(failure_of(options), HasSubstr("leave this machine for example.org"));
  options.endpoint = {cat("htp://127.0.0.1/v1?key=", kKey)};
  EXPECT_THAT(failure_of(options), Not(HasSubstr(kKey)));
  std::filesystem::remove(options.questions);
  expect_nowhere(kKey);
}

TEST_F(Dialects, ARedirectOnTheSameServerIsFollowedOnceForAll) {
  for (const bool stream : {false, true}) {
    for (const int status : {307, 308}) {
      AnyPathTeacher teacher([status](const net::ServerRequest& request) {
        if (request.path.starts_with("/v2")) return good(request);
        return moved(status, "/v2/chat/completions?a=b");
      });
      TeachOptions options = options_for(teacher.url("/v1"));
      options.out = folder_.file(cat("ledger", status, stream, ".jsonl"));
      options.stream = stream;
      ::setenv("LMC_TEST_DIALECTS_KEY", kKey, 1);
      options.api_key_env = {"LMC_TEST_DIALECTS_KEY"};
      const TeachResult result = run(options, 20);
      EXPECT_EQ(result.accepted, 20);
      EXPECT_EQ(result.failed, 0);
      EXPECT_THAT(result.notes,
                  ElementsAre(HasSubstr("to " + teacher.url("/v2/chat/completions?a=***"))));
      // Only what was in flight before the first answer went to the old address.
      const auto requests = teacher.requests();
      EXPECT_LE(requests.size(), 20u + 4u);
      EXPECT_EQ(requests.back().path, "/v2/chat/completions");
      EXPECT_EQ(requests.back().query, "a=b");
      EXPECT_EQ(requests.back().headers.get("Authorization"), cat("Bearer ", kKey));
      EXPECT_THAT(requests.back().body, HasSubstr("data:image/png;base64,"));
    }
  }
}

TEST_F(Dialects, ARedirectElsewhereGetsNothing) {
  AnyPathTeacher other(good);
  AnyPathTeacher teacher([&](const net::ServerRequest&) { return moved(307, other.url("/v1")); });
  TeachOptions options = options_for(teacher.url("/v1"));
  EXPECT_THAT(failure_of(options), HasSubstr(other.url("/v1") + ", another server"));
  EXPECT_THAT(other.requests(), IsEmpty());
}

TEST_F(Dialects, RedirectsThatLeadNowhere) {
  AnyPathTeacher circle([](const net::ServerRequest& request) {
    return moved(308,
                 request.path.starts_with("/a") ? "/b/chat/completions" : "/a/chat/completions");
  });
  EXPECT_THAT(failure_of(options_for(circle.url("/a"))), HasSubstr("in a circle"));
  AnyPathTeacher login([](const net::ServerRequest&) { return moved(302, "/login?from=s3cret"); });
  const std::string failure = failure_of(options_for(login.url("/v1")));
  EXPECT_THAT(failure, HasSubstr("HTTP 302: redirects to " + login.url("/login?from=***")));
  EXPECT_THAT(failure, HasSubstr("login page"));
}

// Which members a request has.
std::vector<std::string> names_of(const Json& request) {
  std::vector<std::string> names;
  for (const auto& [name, value] : request.items()) names.push_back(name);
  return names;
}

constexpr const char* kRenamed =
    R"({"max_tokens":null,"max_completion_tokens":321,"temperature":null,"not_there":null,)"
    R"("chat_template_kwargs":{"enable_thinking":null}})";

TEST_F(Dialects, MembersAreLeftOutAndRenamed) {
  AnyPathTeacher teacher(good);
  TeachOptions options = options_for(teacher.url("/v1"));
  options.extra = kRenamed;
  EXPECT_EQ(run(options, 1).accepted, 1);
  const Json request = teacher.first_request();
  EXPECT_THAT(names_of(request),
              ElementsAre("model", "messages", "max_completion_tokens", "chat_template_kwargs"));
  EXPECT_EQ(request["max_completion_tokens"], 321);
  EXPECT_TRUE(request["chat_template_kwargs"]["enable_thinking"].is_null());  // not a member of it
  options.out = folder_.file("nameless.jsonl");
  options.extra = R"({"model":null})";
  EXPECT_EQ(run(options, 1).accepted, 1);
  EXPECT_FALSE(parse_json(teacher.requests().back().body, "request").contains("model"));
  for (const char* extra :
       {R"({"messages":[]})", R"({"messages":null})", R"({"model":"x"})", "[]"}) {
    options.extra = extra;
    EXPECT_THAT(failure_of(options), HasSubstr("--extra")) << extra;
  }
}

TEST_F(Dialects, TheJudgeAndBatchesAreAskedSoToo) {
  AnyPathTeacher teacher(good);
  TeachOptions options = options_for(teacher.url("/v1"));
  options.extra = kRenamed;
  options.judge_model = "judge";
  run(options, 1);
  ASSERT_EQ(teacher.requests().size(), 2u);
  const Json judged = parse_json(teacher.requests()[1].body, "request");
  EXPECT_EQ(judged["model"], "judge");
  EXPECT_THAT(names_of(judged),
              ElementsAre("model", "messages", "max_completion_tokens", "chat_template_kwargs"));

  options.judge_model.clear();
  options.out = folder_.file("batch.jsonl");
  write_batch(options, folder_.file("batch"), progress_);
  const Json line = parse_json(read_file(folder_.file("batch-001.jsonl")), "batch");
  EXPECT_THAT(names_of(line["body"]),
              ElementsAre("model", "messages", "max_completion_tokens", "chat_template_kwargs"));
}

// A renamed limit decides how large a reply may be and what a plan reckons with.
TEST_F(Dialects, ARenamedLimitIsReckonedWith) {
  const std::string large(2'000'000, 'x');  // more than 1024 tokens can be
  AnyPathTeacher teacher([&](const net::ServerRequest&) {
    return completion(cat("The image shows ", large, "\n\nAnswer: A"));
  });
  TeachOptions options = options_for(teacher.url("/v1"));
  EXPECT_EQ(run(options, 1).rejected["too-large"], 1);
  options.out = folder_.file("other.jsonl");
  options.extra = R"({"max_tokens":null,"max_completion_tokens":60000})";
  EXPECT_EQ(run(options, 1).rejected["too-large"], 0);

  const auto guess = [&](const char* extra) {
    options.out = folder_.file("plan.jsonl");
    options.extra = extra;
    const SamplingTaskOptions form = sampling_task_options(options);
    const Ledger ledger(options.out, Ledger::Access::kRead);
    WorkList work(options.questions, selection(options), form, ledger);
    return make_plan(options, work, ledger).reply_tokens;
  };
  EXPECT_EQ(guess(R"({"max_tokens":null,"max_completion_tokens":40})"), 40);
  EXPECT_EQ(guess(R"({"max_tokens":null})"), guess(""));
}

// The endpoint's words reach whoever runs it.
TEST_F(Dialects, WordsOfRefusals) {
  const struct {
    const char* body;
    const char* type;
    int status;
    const char* says;
  } cases[] = {
      {R"([{"error":{"code":400,"message":"Unknown name \"seed\"."}}])", "application/json", 400,
       "HTTP 400: Unknown name \"seed\"."},
      {R"({"error":{"message":"Use 'max_completion_tokens' instead."}})", "application/json", 400,
       "max_completion_tokens"},
      {"<html><head><title>Guest network: sign in</title></head></html>", "text/html", 200,
       "a login page, not a chat completion: \"Guest network: sign in\""},
      {"", "application/json", 200, "the reply is empty"},
      {"<html><body><center><h1>504 Gateway Time-out</h1></center></body></html>", "text/html", 504,
       "HTTP 504: an HTML page: \"504 Gateway Time-out\""},
  };
  for (const auto& one : cases) {
    AnyPathTeacher teacher([&](const net::ServerRequest&) {
      return net::ServerReply{one.status, one.type, {}, one.body, {}};
    });
    TeachOptions options = options_for(teacher.url("/v1"));
    options.out = folder_.file(cat("ledger", &one - cases, ".jsonl"));
    const TeachResult result = run(options, 2);
    EXPECT_EQ(result.failed, 2);
    EXPECT_THAT(summary(result), HasSubstr(one.says));
    EXPECT_THAT(missing_replies(result), HasSubstr(one.says));
  }
}

TEST_F(Dialects, WhatIsMissingIsSaid) {
  // One of six gets no reply; the others get one, though two are no good.
  AnyPathTeacher teacher([](const net::ServerRequest& request) {
    const bool is_bad = request.body.find("question number 3") != std::string::npos;
    const bool is_empty = request.body.find("question number 4") != std::string::npos ||
                          request.body.find("question number 5") != std::string::npos;
    if (is_bad) return error_status(503);
    return is_empty ? completion("") : good(request);
  });
  const TeachOptions options = options_for(teacher.url("/v1"));
  const TeachResult result = run(options);
  EXPECT_EQ(result.accepted, 3);
  EXPECT_EQ(result.replies, 5);
  EXPECT_EQ(missing_replies(result),
            "1 of 6 questions have no reply; the last: HTTP 503: scripted");

  AnyPathTeacher empty([](const net::ServerRequest&) { return completion(""); });
  TeachOptions rejected = options_for(empty.url("/v1"));
  rejected.out = folder_.file("rejected.jsonl");
  EXPECT_EQ(missing_replies(run(rejected)), "") << "every question has its reply";
  EXPECT_EQ(missing_replies(run(rejected)), "") << "nothing was left to ask";

  // A limit is the user's wish; but a request without a reply is none fulfilled.
  TeachOptions limited = options_for(teacher.url("/v1"));
  limited.out = folder_.file("limited.jsonl");
  limited.max_requests = 2;
  EXPECT_EQ(missing_replies(run(limited, 3)), "");
  AnyPathTeacher busy([](const net::ServerRequest&) { return error_status(503); });
  limited.endpoint = {busy.url("/v1")};
  limited.out = folder_.file("busy.jsonl");
  limited.retries = 6;
  EXPECT_THAT(missing_replies(run(limited, 3)), HasSubstr("of 2 requests none got a reply"));
}

TEST_F(Dialects, ABatchSaysWhatIsMissing) {
  TeachOptions options = options_for("http://127.0.0.1:1/v1");
  std::string lines;
  for (const record::Question& question : numbered_questions(folder_, 3)) {
    lines += to_text(record::to_json(question)) + "\n";
  }
  write_file(options.questions, lines);
  const auto reply_line = [](int number, int status) {
    return cat(R"({"custom_id":"q)", number, R"(#0","response":{"status_code":)", status,
               R"(,"body":)", good_completion(number).body, "}}\n");
  };
  write_file(folder_.file("replies.jsonl"), reply_line(0, 200) + reply_line(1, 500));
  const TeachResult result = read_batch(options, {folder_.file("replies.jsonl")}, progress_);
  EXPECT_EQ(result.accepted, 1);
  EXPECT_THAT(missing_replies(result), HasSubstr("1 of 2 questions have no reply"));
  write_file(folder_.file("replies.jsonl"), reply_line(1, 200));
  EXPECT_EQ(missing_replies(read_batch(options, {folder_.file("replies.jsonl")}, progress_)), "");
}

}  // namespace
}  // namespace lmc::teacher
