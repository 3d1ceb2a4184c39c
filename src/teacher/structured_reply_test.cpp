#include "teacher/structured_reply.h"

#include <gtest/gtest.h>

namespace lmc::teacher {
namespace {

// "reasoning|answer", or "none".
std::string read(std::string_view text) {
  const auto reply = read_structured_reply(text, "ABCD");
  return reply ? cat(reply->reasoning, "|", reply->answer) : "none";
}

TEST(StructuredReply, TheSchemaAsksForTheReasoningFirst) {
  EXPECT_EQ(to_text(response_format_json("AB")),
            R"({"type":"json_schema","json_schema":{"name":"explained_answer","strict":true,)"
            R"("schema":{"type":"object","properties":{"reasoning":{"type":"string"},)"
            R"("answer":{"type":"string","enum":["A","B"]}},"required":["reasoning","answer"],)"
            R"("additionalProperties":false}}})");
}

TEST(StructuredReply, AloneFencedAndAmongProse) {
  const std::string object = R"({"reasoning": "The heart is wide.", "answer": "B"})";
  const std::string expected = "The heart is wide.|B";
  EXPECT_EQ(read(object), expected);
  EXPECT_EQ(read(cat("\n\n", object, "\n")), expected);
  EXPECT_EQ(read(cat("```json\n", object, "\n```")), expected);
  EXPECT_EQ(read(cat("Here is {the} \"JSON:\n", object, "\nI hope {this} helps.")), expected);
  EXPECT_EQ(read(cat("Here is {the} JSON:\n", object, "\nI hope {this} helps.")), expected);
  EXPECT_EQ(
      read(cat("<think>\nMaybe {\"reasoning\":\"x\",\"answer\":\"A\"}\n</think>\n\n", object)),
      expected);
}

TEST(StructuredReply, KeysInAnyOrderAndFurtherOnes) {
  EXPECT_EQ(read(R"({"answer":" C\n","confidence":{"C":[0.9]},"reasoning":" a {\"b\"} \n"})"),
            "a {\"b\"}|C");
  EXPECT_EQ(read(R"({"result":{"reasoning":"r","answer":"D"}})"), "r|D");
}

TEST(StructuredReply, TheLastOneCounts) {
  EXPECT_EQ(read(R"(First {"reasoning":"r","answer":"A"}, no: {"reasoning":"s","answer":"B"})"),
            "s|B");
}

TEST(StructuredReply, WhatIsNotTheObjectAskedFor) {
  for (const char* text : {
           "", "Answer: B", R"({"reasoning":"r"})", R"({"answer":"B"})",
           R"({"reasoning":"r","answer":"E"})", R"({"reasoning":"r","answer":"AB"})",
           R"({"reasoning":"r","answer":""})", R"({"reasoning":"r","answer":1})",
           R"({"reasoning":["r"],"answer":"B"})",
           R"({"reasoning":"r","answer":"B",})",       // a comma too many
           R"({"reasoning":"r","answer":"B")",         // cut short
           R"({"reasoning":"r and)",                   //
           R"({'reasoning':'r','answer':'B'})",        //
           R"(<think>{"reasoning":"r","answer":"B"})"  // still thinking
       }) {
    EXPECT_EQ(read(text), "none") << text;
  }
}

TEST(StructuredReply, HostileTexts) {
  EXPECT_EQ(read(std::string(1'000'000, '{')), "none");
  EXPECT_EQ(read(std::string(100'000, '{') + std::string(100'000, '}')), "none");
  std::string quotes;
  for (int i = 0; i < 100'000; ++i) quotes += "{\"";
  EXPECT_EQ(read(quotes), "none");
  EXPECT_EQ(read(cat(quotes, R"(" {"reasoning":"r","answer":"B"})")), "r|B");
}

TEST(StructuredReply, ItsPlainForm) {
  EXPECT_EQ(plain_reply({"The heart is wide.", 'B'}), "The heart is wide.\n\nAnswer: B");
  EXPECT_EQ(plain_reply({"", 'B'}), "Answer: B");
}

}  // namespace
}  // namespace lmc::teacher
