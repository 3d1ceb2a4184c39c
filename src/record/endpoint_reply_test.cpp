#include "record/endpoint_reply.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"          // write_file
#include "record/explanation.h"  // explanation_from_json

namespace lmc::record {
namespace {

EndpointReply reply_of(const std::string& id, const std::string& reason) {
  EndpointReply reply;
  reply.prompt_id = id;
  reply.reason = reason;
  reply.letter = "C";
  reply.is_right = reason.empty();
  reply.reasoning = "The margin is spiculated.";
  reply.reply = "The margin is spiculated.\n\nAnswer: C";
  reply.model = "served-vl";
  reply.prompt_sha256 = std::string(64, 'e');
  reply.prompt_tokens = 412;
  reply.reply_tokens = 37;
  reply.log_probs = {{{" C", -0.25}, {{" C", -0.25}, {" A", -1.5}}}};
  reply.finished_at = 1'790'000'000;
  return reply;
}

TEST(EndpointReply, ComesBackFromItsLine) {
  for (const std::string reason : {"", "wrong-answer", "truncated", "bad-request"}) {
    const EndpointReply reply = reply_of("q7 grey 0", reason);
    const EndpointReply again = endpoint_reply_from_json(to_json(reply), "test");
    EXPECT_EQ(to_json(again), to_json(reply)) << reason;
    EXPECT_EQ(again.prompt_id, "q7 grey 0");
    EXPECT_EQ(again.letter, "C");
    EXPECT_EQ(again.is_right, reason.empty());
    EXPECT_EQ(again.log_probs.at(0).top.at(1).bytes, " A");
    EXPECT_EQ(again.has_reply(), reason != "bad-request") << reason;
  }
}

TEST(EndpointReply, ItsLineIsALedgers) {
  const Explanation line = explanation_from_json(to_json(reply_of("q1", "")), "test");
  EXPECT_TRUE(line.accepted);
  EXPECT_EQ(line.answer, "C");
  EXPECT_EQ(line.mode, "reject");
  EXPECT_EQ(line.samples, 1);
  EXPECT_EQ(line.reached_gold, 1);
  const Explanation none = explanation_from_json(to_json(reply_of("q2", "too-large")), "test");
  EXPECT_FALSE(none.accepted);
  EXPECT_EQ(none.samples, 0);
}

TEST(EndpointReply, TheLastLineOfAPromptCountsAndACutOneDoesNot) {
  const std::string path = testing::TempDir() + "endpoint_replies.jsonl";
  const std::string last = to_text(to_json(reply_of("q2", "")));
  write_file(path, to_text(to_json(reply_of("q1", "truncated"))) + "\n" +
                       to_text(to_json(reply_of("q1", ""))) + "\n" + last.substr(0, 90));
  const auto replies = read_endpoint_replies(path);
  std::filesystem::remove(path);
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies.at("q1").reason, "");
}

}  // namespace
}  // namespace lmc::record
