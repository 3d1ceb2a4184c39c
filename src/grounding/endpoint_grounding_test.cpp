// Grounding of a model behind an endpoint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "base/check.h"                // InputError
#include "base/data_url.h"             // parse_data_url
#include "client/scripted_endpoint.h"  // ScriptedEndpoint, numbered_questions
#include "grounding/ground.h"          // ground

namespace lmc::grounding {
namespace {

using client::completion;
using client::good_completion;
using client::ScriptedEndpoint;
using testing::HasSubstr;

class EndpointGroundingTest : public testing::Test {
 protected:
  GroundOptions grounding_options() const {
    GroundOptions options;
    options.questions = folder_.file("q.jsonl");
    options.out = folder_.file("grounding");
    return options;
  }

  record::GroundingResult run(const ScriptedEndpoint& server, const GroundOptions& options) {
    eval::EndpointModel model;
    model.endpoint = {server.endpoint() + "?api-version=7&sig=s3cret-signature"};
    model.model = "scripted";
    model.retry_wait = 0.01;
    model.retries = 2;
    return ground(model, options, progress_);
  }

  static std::string user_text(const Json& request) {
    return request["messages"].back()["content"].back()["text"];
  }
  static bool has_image(const Json& request) {
    return request["messages"].back()["content"][0]["type"] == "image_url";
  }

  client::TestFolder folder_;
  std::ostringstream progress_;
};

// Without an image it says the first option; with one the option that is named Heart.
TEST_F(EndpointGroundingTest, GroundingAsksUnderEveryCondition) {
  std::string lines;
  std::vector<record::Question> questions = client::numbered_questions(folder_, 8);
  for (size_t k = 0; k < questions.size(); ++k) {
    const std::string png = image::encode_png(
        {64, 32, std::vector<uint8_t>(size_t{64} * 32 * 3, static_cast<uint8_t>(20 * k))});
    questions[k].image = folder_.file(cat(k, ".png"));
    questions[k].image_sha256 = sha256_hex(png);
    questions[k].caption = "SECRET caption";
    write_file(questions[k].image, png);
    lines += to_text(record::to_json(questions[k])) + "\n";
  }
  write_file(folder_.file("q.jsonl"), lines);
  std::mutex mutex;
  std::map<int, std::map<std::string, int>> times_shown;  // by question and image
  ScriptedEndpoint server([&](int number, int, const Json& request) {
    const std::string text = user_text(request);
    const size_t heart = text.find(". Heart");
    const bool looks = has_image(request) && heart != text.npos;
    if (has_image(request)) {
      const std::string url = request["messages"].back()["content"][0]["image_url"]["url"];
      const image::Image shown = image::decode(parse_data_url(url, url.size(), "").bytes, "");
      EXPECT_EQ(shown.height_px, 64);
      EXPECT_EQ(shown.width_px, 32);
    }
    const std::lock_guard lock(mutex);
    ++times_shown[number][has_image(request)
                              ? request["messages"].back()["content"][0]["image_url"]["url"]
                              : ""];
    return completion(cat("Answer: ", looks ? text[heart - 1] : 'A'));
  });
  GroundOptions options = grounding_options();
  options.conditions = {"grey", "absent", "shuffled", "rotation", "caption"};
  options.shuffles = 1;
  const record::GroundingResult result = run(server, options);
  EXPECT_EQ(result.questions, 8);
  for (const record::ConditionRow& row : result.conditions) {
    // Heart is B, the gold letter of two in eight; so is A. Under a rotation it is found again.
    EXPECT_EQ(row.accuracy.correct, 2) << row.condition;
    if (row.condition == "real") continue;
    EXPECT_EQ(row.flipped.correct, row.condition == "absent" ? 8 : 0) << row.condition;
  }
  ASSERT_EQ(times_shown.size(), 8U);
  for (const auto& [number, images] : times_shown) {
    std::vector<int> times;
    for (const auto& [url, count] : images) times.push_back(count);
    // The own for real, three rotations and the caption; grey, another's and none once each.
    EXPECT_THAT(times, testing::UnorderedElementsAre(5, 1, 1, 1)) << number;
  }
  size_t captions = 0;
  for_each_line(options.out + "/asks.jsonl", [&](size_t, std::string_view line) {
    const Json ask = parse_json(line, "ask");
    captions += ask.contains("caption") ? 1 : 0;
    EXPECT_EQ(ask.contains("caption"), ask["id"].get<std::string>().ends_with(" caption 0"));
  });
  EXPECT_EQ(captions, 8U);
}

// A reply that reasons is drawn as the options say, and the key in the address stands in no file.
TEST_F(EndpointGroundingTest, RequestsAreDrawnAsTheOptionsSay) {
  std::string lines;
  for (const record::Question& question : client::numbered_questions(folder_, 2)) {
    lines += to_text(record::to_json(question)) + "\n";
  }
  write_file(folder_.file("q.jsonl"), lines);
  ScriptedEndpoint server([](int number, int, const Json& request) {
    EXPECT_EQ(request["top_p"], 0.9);
    EXPECT_THAT(user_text(request), HasSubstr("Reason step by step"));
    return good_completion(number);
  });
  GroundOptions options = grounding_options();
  options.reply = prompt::ReplyStyle::kReasoningThenAnswer;
  options.conditions = {"grey"};
  options.sampling.top_p = 0.9;
  run(server, options);
  EXPECT_EQ(server.num_requests(), 4);
  EXPECT_THAT(read_file(options.out + "/manifest.json"), HasSubstr("api-version=7&sig=***"));
  for (const auto& file : std::filesystem::recursive_directory_iterator(options.out)) {
    if (!file.is_regular_file()) continue;
    EXPECT_EQ(read_file(file.path().string()).find("s3cret"), std::string::npos) << file.path();
  }
  const int requests = server.num_requests();
  options.out = folder_.file("maps");
  options.maps = 1;
  EXPECT_THROW(run(server, options), InputError);
  EXPECT_EQ(server.num_requests(), requests);
}

}  // namespace
}  // namespace lmc::grounding
