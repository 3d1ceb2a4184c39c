// For tests: a server that answers by a script, and questions to ask it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"       // cat
#include "base/files.h"       // write_file, make_folder
#include "base/json.h"        // Json
#include "base/sha256.h"      // sha256_hex
#include "image/image.h"      // encode_png
#include "net/http_server.h"  // HttpServer
#include "record/question.h"  // Question

namespace lmc::client {

// A folder of its own that goes away with the test.
class TestFolder {
 public:
  TestFolder() {
    path_ = (std::filesystem::temp_directory_path() / "lmc-client-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Questions "number 0" ...; the gold answer of number k is letter k mod 4.
inline std::vector<record::Question> numbered_questions(const TestFolder& folder, int count) {
  image::Image image{8, 8, std::vector<uint8_t>(8 * 8 * 3, 90)};
  const std::string png = image::encode_png(image);
  write_file(folder.file("picture.png"), png);
  std::vector<record::Question> questions;
  for (int k = 0; k < count; ++k) {
    record::Question question;
    question.id = cat("q", k);
    question.image = folder.file("picture.png");
    question.image_sha256 = sha256_hex(png);
    question.question = cat("This is question number ", k, ".");
    question.options = {{'A', "Liver"}, {'B', "Heart"}, {'C', "Spleen"}, {'D', "Kidney"}};
    question.answer = static_cast<char>('A' + k % 4);
    question.split = k % 2 == 0 ? "train" : "test";
    questions.push_back(question);
  }
  return questions;
}

inline net::ServerReply completion(const std::string& text, const std::string& finish = "stop") {
  net::ServerReply reply;
  reply.body = to_text(
      {{"model", "scripted"},
       {"choices",
        {{{"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", finish}}}},
       {"usage", {{"prompt_tokens", 100}, {"completion_tokens", 20}}}});
  return reply;
}

inline net::ServerReply good_completion(int number) {
  return completion(cat("The image shows a finding that decides the question.\n\nAnswer: ",
                        static_cast<char>('A' + number % 4)));
}

inline net::ServerReply error_status(int status) {
  net::ServerReply reply;
  reply.status = status;
  reply.body = R"({"error":{"message":"scripted"}})";
  return reply;
}

// Answers by `script(number of the question, how many times it was asked before, request)`.
class ScriptedEndpoint {
 public:
  using Script = std::function<net::ServerReply(int number, int time, const Json& request)>;

  explicit ScriptedEndpoint(Script script) : script_(std::move(script)), server_({}) {
    server_.route("POST", "/v1/chat/completions",
                  [this](const net::ServerRequest& request) { return answer(request); });
    server_.start();
  }

  std::string endpoint() const { return cat("http://127.0.0.1:", server_.port(), "/v1"); }
  int num_requests() const { return num_requests_; }
  int most_at_once() const { return most_at_once_; }
  std::map<int, int> times_asked() {
    const std::lock_guard lock(mutex_);
    return times_asked_;
  }
  std::string last_authorization() {
    const std::lock_guard lock(mutex_);
    return last_authorization_;
  }

 private:
  net::ServerReply answer(const net::ServerRequest& request) {
    const int at_once = ++now_;
    int most = most_at_once_;
    while (at_once > most && !most_at_once_.compare_exchange_weak(most, at_once)) {
    }
    ++num_requests_;
    const Json json = parse_json(request.body, "request");
    const Json& content = json["messages"].back()["content"];
    const std::string text = content.back()["text"];
    const int number = std::atoi(text.substr(text.find("number ") + 7).c_str());
    int time = 0;
    {
      const std::lock_guard lock(mutex_);
      time = times_asked_[number]++;
      last_authorization_ = request.headers.get("Authorization");
    }
    net::ServerReply reply = script_(number, time, json);
    --now_;
    return reply;
  }

  const Script script_;
  std::atomic<int> now_{0};
  std::atomic<int> most_at_once_{0};
  std::atomic<int> num_requests_{0};
  std::mutex mutex_;
  std::map<int, int> times_asked_;
  std::string last_authorization_;
  net::HttpServer server_;  // ends first: its threads use what stands above
};

}  // namespace lmc::client
