// The page and what it asks, over HTTP, with an engine that follows a script.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <sstream>

#include "audit/audit_log.h"   // verify
#include "base/data_url.h"     // make_data_url, parse_data_url
#include "base/files.h"        // read_file, write_file
#include "base/json.h"         // Json, parse_json
#include "base/sha256.h"       // sha256_hex
#include "image/image.h"       // decode, encode_png
#include "image/preprocess.h"  // resize_bicubic
#include "image/test_pattern.h"
#include "net/http_client.h"   // HttpClient
#include "net/raw_client.h"    // RawClient
#include "record/grounding.h"  // GroundingResult
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
    engine_.mutable_info().image_token_id =
        static_cast<int32_t>(processor_.config().image_token_id);
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
                 {"choices", {"one", "two"}}};
    body.update(more);
    return body;
  }

  // Replies kReply; where the letter stands, B has 0.6 of the two with the image and 0.3 without.
  std::vector<float> next_logits(const prompt::ModelInput& prompt, std::span<const int32_t> after) {
    std::string text = processor_.tokenizer().decode(prompt.ids);
    text += processor_.tokenizer().decode(after);
    const auto size = processor_.tokenizer().size();
    if (text.ends_with("Answer:") || text.ends_with("Answer: ")) {
      const std::vector<double> shares =
          prompt.images.empty() ? std::vector{0.7, 0.3} : std::vector{0.4, 0.6};
      std::vector<float> logits_V(static_cast<size_t>(size), -30);
      const std::string before = text.ends_with(" ") ? "" : " ";
      for (size_t i = 0; i < shares.size(); ++i) {
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

  // Whose tokenizer has a token for each letter.
  const prompt::Processor processor_{std::string(LMC_SOURCE_DIR) + "/assets/phantom/student"};
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
    if (file.name == "index.html") continue;
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
  EXPECT_EQ(answer["options"][1]["text"], "two");
  EXPECT_NEAR(answer["options"][0]["probability"], 0.4, 1e-5);
  EXPECT_NEAR(answer["confidence"], 0.6, 1e-5);
  EXPECT_EQ(answer["sure"], false);
  EXPECT_EQ(answer["without_image"]["answer"], "A");
  EXPECT_NEAR(answer["without_image"]["options"][1]["probability"], 0.3, 1e-5);
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

TEST_F(CaseRoutesTest, SentencesAreHeldAgainstTheBlurredImage) {
  start();
  const Json device = parse_json(get("/v1/device").body, "reply");
  EXPECT_EQ(device["sentence_methods"],
            Json::array({{{"name", "occlusion"}, {"pointing", nullptr}}}));
  const std::string reply = "The spots are two. Nothing else is seen.";
  HttpReply found = post("/v1/sentences", question({{"reply", reply}}));
  ASSERT_EQ(found.status, 200) << found.body;
  Json json = parse_json(found.body, "reply");
  EXPECT_TRUE(json["method"].is_null());
  ASSERT_EQ(json["sentences"].size(), 2u);
  EXPECT_EQ(json["sentences"][0]["text"], "The spots are two.");
  EXPECT_EQ(json["sentences"][1]["begin"], 19);
  EXPECT_EQ(json["sentences"][1]["end"], reply.size());
  // The script does not look at the pixels.
  EXPECT_NEAR(json["sentences"][0]["from_image"], 0, 1e-6);
  EXPECT_TRUE(json["sentences"][0]["map"].is_null());
  EXPECT_EQ(engine_.prompts().size(), 3u);  // with the image, a grey and a blurred one

  found = post("/v1/sentences", question({{"reply", reply}, {"method", "occlusion"}}));
  json = parse_json(found.body, "reply");
  EXPECT_EQ(json["sentences"][0]["map"]["rows"], 8);
  EXPECT_EQ(json["sentences"][0]["map"]["values"].size(), 64u);
  EXPECT_EQ(error_of(post("/v1/sentences",
                          question({{"reply", reply}, {"method", "gradient"}})))["param"],
            "method");
  EXPECT_EQ(error_of(post("/v1/sentences", question()))["param"], "reply");
}

// As calibration.json and a grounding run's result.json stand on a disk.
TEST_F(CaseRoutesTest, WhatWasFittedAndTestedIsSaid) {
  const std::string folder = testing::TempDir() + "/case_routes";
  std::filesystem::create_directories(folder);
  record::Calibration calibration;
  calibration.temperature = 2;
  calibration.num_items = 500;
  calibration.prediction_sets = {{0.8, 0.5, 500}, {0.9, 0.25, 500}};
  write_file(folder + "/calibration.json", to_text(record::to_json(calibration)));
  record::GroundingResult result;
  const auto metric = [](const std::string& name, double value, double low) {
    record::GroundingMetric made;
    made.name = name;
    made.value = value;
    made.interval_95 = {low, 1};
    return made;
  };
  result.sentence_metrics = {metric("pointing game, occlusion", 0.6, 0.5),
                             metric("pointing game, occlusion, by chance", 0.1, 0.1),
                             metric("pointing game, occlusion, above chance", 0.5, 0.4)};
  write_file(folder + "/result.json", to_text(record::to_json(result)));
  CaseOptions cases;
  cases.calibration = folder + "/calibration.json";
  cases.grounding = folder;
  start(cases);
  const Json device = parse_json(get("/v1/device").body, "reply");
  EXPECT_EQ(device["calibration"], (Json{{"method", "temperature"}, {"items", 500}}));
  EXPECT_EQ(device["prediction_set"],
            (Json{{"coverage", 0.9}, {"threshold", 0.25}, {"items", 500}}));
  EXPECT_EQ(device["sentence_methods"][0]["pointing"],
            (Json{{"hits", 0.6}, {"chance", 0.1}, {"earned", true}}));
  const Json answer = parse_json(post("/v1/ask", question()).body, "reply")["answer"];
  EXPECT_EQ(answer["set"], Json({"B", "A"}));  // 0.6 and 0.4 of the model's own
  EXPECT_EQ(answer["coverage"], 0.9);
  EXPECT_EQ(answer["sure"], false);
  EXPECT_EQ(answer["calibrated"], true);
  const double roots = std::sqrt(0.4) + std::sqrt(0.6);
  EXPECT_NEAR(answer["confidence"], std::sqrt(0.6) / roots, 1e-5);
  cases.coverage = 0.95;
  EXPECT_THROW(engine_backend("m", engine_, processor_, cases), InputError);
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
  const Json refused = error_of(post("/v1/view", {{"image", "data:,x"}}));
  EXPECT_EQ(refused["param"], "image");
  EXPECT_EQ(refused["code"], "invalid_image");
  EXPECT_EQ(client_.fetch({"POST", url("/v1/ask"), {{"Content-Type", "text/plain"}}, "{}"}).status,
            415);
  engine_.set_max_positions(20);
  EXPECT_EQ(error_of(post("/v1/ask", question()))["code"], "context_length_exceeded");
}

TEST_F(CaseRoutesTest, ACodeSaysWhatIsWrongWithAnImage) {
  start();
  const auto code_of = [&](const std::string& file) {
    const Json error =
        error_of(post("/v1/ask", question({{"image", make_data_url("image/png", file)}})));
    EXPECT_EQ(error["param"], "image") << error;
    return error["code"].get<std::string>();
  };
  EXPECT_EQ(code_of("hello"), "invalid_image");
  std::string bomb = read_file(LMC_SOURCE_DIR "/fuzz/corpus/image/interlaced.gif");
  bomb.replace(6, 4, "\xff\xff\xff\xff");  // says 65535 x 65535
  EXPECT_EQ(code_of(bomb), "image_too_large");
}

TEST_F(CaseRoutesTest, AFullQueueSaysBusy) {
  ServeOptions options;
  options.max_waiting = 3;  // an answer with options takes four places
  start({}, options);
  EXPECT_EQ(post("/v1/ask", question()).status, 503);
  EXPECT_EQ(post("/v1/ask", question({{"choices", Json::array()}})).status, 200);
}

TEST_F(CaseRoutesTest, TheAuditLogKnowsNoWordUnlessAsked) {
  for (const bool keeps_words : {false, true}) {
    CaseOptions cases;
    cases.audit_log = cat(testing::TempDir(), "/case_audit_", keeps_words, ".jsonl");
    std::filesystem::remove(cases.audit_log);
    cases.audit_words = keeps_words;
    cases.model = {{"inputs", "these"}};
    start(cases);
    EXPECT_EQ(parse_json(get("/v1/device").body, "reply")["audit"], true);
    const Json answer = parse_json(post("/v1/ask", question()).body, "reply")["answer"];
    EXPECT_EQ(answer["record"], 1);
    EXPECT_EQ(post("/v1/override", {{"record", 1}, {"answer", "A"}}).status, 200);
    EXPECT_EQ(error_of(post("/v1/override", {{"record", 1}, {"answer", "a"}}))["param"], "answer");
    server_->stop();
    server_.reset();
    EXPECT_EQ(audit::verify(cases.audit_log).entries, 3);
    const std::string log = read_file(cases.audit_log);
    EXPECT_EQ(log.find("spots") != log.npos, keeps_words) << log;
    std::istringstream lines(log);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(parse_json(line, "log")["model"]["inputs"], "these");
    std::getline(lines, line);
    const Json answered = parse_json(line, "log");
    EXPECT_EQ(answered["event"], "answered");
    EXPECT_EQ(answered["answer"], "B");
    EXPECT_EQ(answered["reply_sha256"], sha256_hex(kReply));
    EXPECT_EQ(answered["image_sha256"],
              sha256_hex(parse_data_url(picture(), 1'000'000, "test").bytes));
    std::getline(lines, line);
    EXPECT_EQ(parse_json(line, "log")["of"], 1);
  }
}

TEST_F(CaseRoutesTest, WithoutAnAuditLogThereIsNothingToOverride) {
  start();
  EXPECT_EQ(parse_json(get("/v1/device").body, "reply")["audit"], false);
  EXPECT_EQ(post("/v1/override", {{"record", 1}, {"answer", "A"}}).status, 404);
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
