#include "teacher/batch.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/files.h"          // for_each_line, write_file
#include "record/explanation.h"  // read_ledger
#include "teacher/scripted_teacher.h"

namespace lmc::teacher {
namespace {

class BatchTest : public testing::Test {
 protected:
  BatchTest() {
    options_.questions = folder_.file("questions.jsonl");
    options_.out = folder_.file("ledger.jsonl");
    options_.model = "m";
    options_.mode = TeachMode::kReject;
    options_.samples = 2;
    options_.temperature = 1;
    questions_ = numbered_questions(folder_, 4);
    std::string lines;
    for (const auto& question : questions_) lines += to_text(record::to_json(question)) + "\n";
    write_file(options_.questions, lines);
  }

  static std::vector<Json> lines_of(const std::string& path) {
    std::vector<Json> lines;
    for_each_line(
        path, [&](size_t, std::string_view line) { lines.push_back(parse_json(line, "line")); });
    return lines;
  }

  static std::string reply_line(const std::string& custom_id, const std::string& body) {
    return cat(R"({"id":"batch_req_1","custom_id":")", custom_id,
               R"(","response":{"status_code":200,"request_id":"r","body":)", body,
               R"(},"error":null})", "\n");
  }

  const TestFolder folder_;
  TeachOptions options_;
  std::vector<record::Question> questions_;
  std::ostringstream out_;
};

TEST_F(BatchTest, EverySampleIsARequest) {
  const BatchFiles files = write_batch(options_, folder_.file("batch"), out_);
  EXPECT_EQ(files.requests, 8);
  ASSERT_EQ(files.paths, std::vector<std::string>{folder_.file("batch-001.jsonl")});
  const std::vector<Json> lines = lines_of(files.paths[0]);
  ASSERT_EQ(lines.size(), 8u);
  EXPECT_EQ(lines[3]["custom_id"], "q1#1");
  EXPECT_EQ(lines[3]["method"], "POST");
  EXPECT_EQ(lines[3]["url"], "/v1/chat/completions");
  EXPECT_EQ(lines[3]["body"]["model"], "m");
  EXPECT_NE(lines[2]["body"]["seed"], lines[3]["body"]["seed"]);
  const std::string url = lines[3]["body"]["messages"][1]["content"][0]["image_url"]["url"];
  EXPECT_TRUE(url.starts_with("data:image/png;base64,"));
}

TEST_F(BatchTest, RepliesGoIntoTheLedgerInAnyOrderAndOnce) {
  // q0: both right; q1: one failed, the other right; q2: one failed, the other wrong; q3: missing.
  const std::string wrong = completion("The image shows another thing.\n\nAnswer: A").body;
  const std::string replies =
      reply_line("q1#1", good_completion(1).body) + reply_line("q0#1", good_completion(0).body) +
      R"({"custom_id":"q1#0","response":null,"error":{"code":"batch_expired","message":"late"}})"
      "\n" +
      reply_line("q0#0", good_completion(0).body) + reply_line("q2#0", wrong) +
      R"({"custom_id":"q2#1","response":{"status_code":500,"body":{}},"error":null})"
      "\n";
  write_file(folder_.file("replies.jsonl"), replies);
  const TeachResult result = read_batch(options_, {folder_.file("replies.jsonl")}, out_);
  EXPECT_EQ(result.accepted, 2);
  EXPECT_EQ(result.num_rejected(), 0);
  EXPECT_EQ(result.failed, 2);
  const auto ledger = record::read_ledger(options_.out);
  ASSERT_EQ(ledger.size(), 2u);
  EXPECT_EQ(ledger[0].question_id, "q0");
  EXPECT_EQ(ledger[0].reached_gold, 2);
  EXPECT_EQ(ledger[1].question_id, "q1");
  EXPECT_EQ(ledger[1].samples, 1);

  const TeachResult again = read_batch(options_, {folder_.file("replies.jsonl")}, out_);
  EXPECT_EQ(again.already_done, 2);
  EXPECT_EQ(again.accepted, 0);
  // What is left is what the next batch asks.
  EXPECT_EQ(write_batch(options_, folder_.file("next"), out_).requests, 4);
}

TEST_F(BatchTest, AForeignFileIsRefused) {
  write_file(folder_.file("replies.jsonl"), reply_line("request-1", "{}"));
  EXPECT_THROW(read_batch(options_, {folder_.file("replies.jsonl")}, out_), InputError);
  options_.mode = TeachMode::kTwoStage;
  EXPECT_THROW(write_batch(options_, folder_.file("batch"), out_), InputError);
}

}  // namespace
}  // namespace lmc::teacher
