// The page and what it asks, over HTTP, with an engine that follows a script.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "base/data_url.h"     // make_data_url, parse_data_url
#include "base/json.h"         // Json, parse_json
#include "image/image.h"       // decode, encode_png
#include "image/preprocess.h"  // resize_bicubic
#include "image/test_pattern.h"
#include "net/http_client.h"  // HttpClient
#include "net/raw_client.h"   // RawClient
#include "serve/chat_server.h"
#include "serve/page_files.h"
#include "support/scripted_engine.h"

namespace lmc::serve {
namespace {

using net::HttpReply;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr const char* kReply = "The spots are two.\n\nAnswer: B";

class CaseRoutesTest : public testing::Test {
 protected:
  void start(const CaseOptions& cases = {}, ServeOptions options = {}) {
    options.port = 0;
    server_.emplace(options, engine_backend("m", engine_, processor_, cases),
                    infer::SamplingOptions{}, log_);
    server_->start();
  }

  std::string url(const std::string& path) const {
    return cat("http://127.0.0.1:", server_->port(), path);
  }
  HttpReply get(const std::string& path, net::Headers headers = {}) {
    return client_.fetch({"GET", url(path), std::move(headers)});
  }
  HttpReply post(const std::string& path, const Json& body) {
    return client_.fetch(
        {"POST", url(path), {{"Content-Type", "application/json"}}, to_text(body)});
  }
  static Json error_of(const HttpReply& reply) { return parse_json(reply.body, "reply")["error"]; }

  static std::string picture() {
    return make_data_url("image/png", image::encode_png(image::pattern(90, 130)));
  }
  static Json question(const Json& more = Json::object()) {
    Json body = {{"image", picture()},
                 {"question", "How many spots are there?"},
                 {"choices", {"one", "two", "three"}}};
    body.update(more);
    return body;
  }

  // Replies kReply; where the letter stands, B has 0.6 of the three with the image and 0.2 without.
  std::vector<float> next_logits(const prompt::ModelInput& prompt, std::span<const int32_t> after) {
    std::string text = processor_.tokenizer().decode(prompt.ids);
    text += processor_.tokenizer().decode(after);
    const auto size = processor_.tokenizer().size();
    if (text.ends_with("Answer:") || text.ends_with("Answer: ")) {
      const std::vector<double> shares =
          prompt.images.empty() ? std::vector{0.5, 0.2, 0.3} : std::vector{0.1, 0.6, 0.3};
      std::vector<float> logits_V(static_cast<size_t>(size), -30);
      const std::string before = text.ends_with(" ") ? "" : " ";
      for (size_t i = 0; i < 3; ++i) {
        const std::string letter = before + static_cast<char>('A' + i);
        logits_V[static_cast<size_t>(processor_.tokenizer().encode(letter).front())] =
            static_cast<float>(std::log(shares[i]));
      }
      return logits_V;
    }
    const std::vector<int32_t> reply = processor_.tokenizer().encode(kReply);
    const size_t place = after.size();
    return infer::logits_of(size, place < reply.size() ? reply[place] : processor_.end_ids()[0]);
  }

  const prompt::Processor processor_{std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt/model"};
  infer::ScriptedEngine engine_{
      processor_.tokenizer().size(),
      infer::ScriptedEngine::NextLogits([this](const auto& prompt, std::span<const int32_t> after) {
        return next_logits(prompt, after);
      })};
  std::ostringstream log_;
  std::optional<ChatServer> server_;
  net::HttpClient client_;
};

TEST_F(CaseRoutesTest, ThePageIsWholeAndHeldToItself) {
  start();
  const HttpReply page = get("/");
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(std::string(page.headers.get("Content-Security-Policy")),
              HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'"));
  EXPECT_EQ(page.body.find(" style="), std::string::npos);
  EXPECT_EQ(page.body.find("http://"), std::string::npos);
  EXPECT_EQ(page.body.find("https://"), std::string::npos);
  EXPECT_GT(page_files().size(), 10u);
  for (const PageFile& file : page_files()) {
    const HttpReply reply = get(cat("/page/", file.name));
    EXPECT_EQ(reply.status, 200) << file.name;
    EXPECT_EQ(reply.body, file.text) << file.name;
    const std::string tag(reply.headers.get("ETag"));
    const HttpReply again = get(cat("/page/", file.name), {{"If-None-Match", tag}});
    EXPECT_EQ(again.status, 304) << file.name;
    EXPECT_EQ(again.body, "") << file.name;
  }
  EXPECT_EQ(get("/page/none.js").status, 404);
  EXPECT_EQ(get("/page/../index.html").status, 404);
}

TEST_F(CaseRoutesTest, TheDevice) {
  CaseOptions cases;
  cases.sure_from = 0.75;
  start(cases);
  const Json device = parse_json(get("/v1/device").body, "reply");
  EXPECT_EQ(device["model"], "m");
  EXPECT_EQ(device["engine"], "scripted");
  EXPECT_EQ(device["sure_from"], 0.75);
  EXPECT_TRUE(device["calibration"].is_null());
  EXPECT_TRUE(device["prediction_set"].is_null());
  EXPECT_EQ(device["research_only"], true);
  EXPECT_EQ(device["max_image_bytes"], ((size_t{64} << 20) - (size_t{64} << 10)) / 4 * 3);
}

TEST_F(CaseRoutesTest, TheViewHasThePixelsThatTheModelSees) {
  start();
  const HttpReply reply = post("/v1/view", {{"image", picture()}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json view = parse_json(reply.body, "reply");
  EXPECT_EQ(view["source_width"], 130);
  EXPECT_EQ(view["source_height"], 90);
  const image::PreprocessOptions& how = processor_.preprocess_options();
  const image::Image image = image::pattern(90, 130);
  const image::SizePx size = image::smart_resize({90, 130}, how, "test");
  const image::Image seen = image::decode(
      parse_data_url(view["image"].get<std::string>(), 10'000'000, "view").bytes, "view");
  EXPECT_EQ(seen.rgb_HWC, image::resize_bicubic(image, size).rgb_HWC);
  EXPECT_EQ(view["width"], size.width);
  const image::PatchGrid grid = image::preprocess(image, how, "test");
  EXPECT_EQ(view["grid"]["rows"], grid.grid_h / how.merge_size);
  EXPECT_EQ(view["grid"]["columns"], grid.grid_w / how.merge_size);
}

TEST_F(CaseRoutesTest, AnAnswerIsWeighedWithTheImageAndWithout) {
  CaseOptions cases;
  cases.sure_from = 0.7;
  start(cases);
  const HttpReply reply = post("/v1/ask", question());
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json json = parse_json(reply.body, "reply");
  EXPECT_EQ(json["reply"], kReply);
  const Json& answer = json["answer"];
  EXPECT_EQ(answer["answer"], "B");
  EXPECT_EQ(answer["stated"], "B");
  EXPECT_EQ(answer["options"][2]["text"], "three");
  EXPECT_NEAR(answer["options"][0]["probability"], 0.1, 1e-5);
  EXPECT_NEAR(answer["confidence"], 0.6, 1e-5);
  EXPECT_EQ(answer["sure"], false);
  EXPECT_EQ(answer["without_image"]["answer"], "A");
  EXPECT_NEAR(answer["without_image"]["options"][1]["probability"], 0.2, 1e-5);
  EXPECT_EQ(answer["finish"], "end");
}

TEST_F(CaseRoutesTest, AStreamHasTheTextThenTheAnswerThenItsEnd) {
  start();
  const HttpReply reply = post("/v1/ask", question({{"stream", true}}));
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.get("Content-Type"), "text/event-stream");
  std::string text;
  std::vector<std::string> names;
  std::istringstream lines(reply.body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("event: ")) names.push_back(line.substr(7));
    if (line.starts_with("data: ") && names.back() == "text") {
      text += parse_json(line.substr(6), "event")["text"].get<std::string>();
    }
  }
  EXPECT_EQ(text, kReply);
  ASSERT_GE(names.size(), 3u);
  EXPECT_EQ(names[names.size() - 2], "answer");
  EXPECT_EQ(names.back(), "done");
}

TEST_F(CaseRoutesTest, WithoutOptionsNothingIsWeighed) {
  start();
  const HttpReply reply = post("/v1/ask", question({{"choices", Json::array()}}));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json json = parse_json(reply.body, "reply");
  EXPECT_EQ(json["reply"], kReply);
  EXPECT_TRUE(json["answer"]["answer"].is_null());
  EXPECT_TRUE(json["answer"]["without_image"].is_null());
  EXPECT_EQ(engine_.prompts().size(), 1u);
}

TEST_F(CaseRoutesTest, FaultsAreNamed) {
  start();
  const std::pair<const char*, Json> cases[] = {
      {"image", question({{"image", "data:text/plain;base64,aGVsbG8="}})},
      {"image", question({{"image", "http://example.org/x.png"}})},
      {"image", question({{"image", nullptr}})},
      {"question", question({{"question", "  "}})},
      {"question", question({{"question", 5}})},
      {"choices", question({{"choices", {"one"}}})},
      {"choices", question({{"choices", {"one", ""}}})},
      {"choices", question({{"choices", std::vector<std::string>(27, "x")}})},
      {"stream", question({{"stream", 1}})},
  };
  for (const auto& [param, body] : cases) {
    const HttpReply reply = post("/v1/ask", body);
    EXPECT_EQ(reply.status, 400) << param << reply.body;
    EXPECT_EQ(error_of(reply)["param"], param) << reply.body;
  }
  EXPECT_EQ(error_of(post("/v1/view", {{"image", "data:,x"}}))["param"], "image");
  EXPECT_EQ(client_.fetch({"POST", url("/v1/ask"), {{"Content-Type", "text/plain"}}, "{}"}).status,
            415);
  engine_.set_max_positions(20);
  EXPECT_EQ(error_of(post("/v1/ask", question()))["code"], "context_length_exceeded");
}

TEST_F(CaseRoutesTest, AFullQueueSaysBusy) {
  ServeOptions options;
  options.max_waiting = 3;  // an answer with options takes four places
  start({}, options);
  EXPECT_EQ(post("/v1/ask", question()).status, 503);
  EXPECT_EQ(post("/v1/ask", question({{"choices", Json::array()}})).status, 200);
}

TEST_F(CaseRoutesTest, NoWordOfACaseIsLogged) {
  ServeOptions options;
  options.log_requests = true;
  start({}, options);
  post("/v1/ask", question());
  post("/v1/ask", question({{"image", "data:image/png;base64,c2VjcmV0"}}));
  server_->stop();
  EXPECT_EQ(log_.str().find("spots"), std::string::npos) << log_.str();
  EXPECT_EQ(log_.str().find("secret"), std::string::npos) << log_.str();
}

}  // namespace
}  // namespace lmc::serve
