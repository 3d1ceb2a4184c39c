// Turns and images in the forms in which clients send them.
#include "serve/chat_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/data_url.h"  // make_data_url
#include "base/json.h"      // Json
#include "serve/api_error.h"

namespace lmc::serve {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Json kUser = {{"role", "user"}, {"content", "hello"}};
const std::string kImage = make_data_url("image/png", "picture");

ChatRequest read(const Json& messages) {
  ChatRequest chat;
  read_messages({{"messages", messages}}, {}, chat);
  return chat;
}

// "role: text" of each message; images as <>.
std::vector<std::string> turns_of(const Json& messages) {
  std::vector<std::string> turns;
  for (const prompt::Message& message : read(messages).messages) {
    std::string turn = message.role + ":";
    for (const prompt::Part& part : message.parts) {
      turn += part.kind == prompt::Part::Kind::kImage ? " <>" : " " + part.text;
    }
    turns.push_back(turn);
  }
  return turns;
}

// The line of the refusal; empty: there is none. It always names the member.
std::string refusal(const Json& messages) {
  try {
    read(messages);
    return "";
  } catch (const ApiError& error) {
    EXPECT_EQ(error.status, 400);
    EXPECT_EQ(error.param, "messages");
    return error.what();
  }
}

TEST(ChatMessages, TheAssistantWithoutContent) {
  for (Json turn :
       {Json{{"role", "assistant"}}, Json{{"role", "assistant"}, {"content", nullptr}},
        Json{{"role", "assistant"}, {"content", ""}},
        Json{{"role", "assistant"}, {"content", Json::array()}},
        Json{{"role", "assistant"},
             {"content", nullptr},
             {"refusal", nullptr},
             {"annotations", Json::array()},
             {"audio", nullptr},
             {"function_call", nullptr},
             {"tool_calls", nullptr}},
        Json{{"role", "assistant"}, {"content", nullptr}, {"tool_calls", Json::array()}}}) {
    const ChatRequest chat = read({kUser, turn, kUser});
    ASSERT_EQ(chat.messages.size(), 3u) << turn;
    std::string text;
    for (const prompt::Part& part : chat.messages[1].parts) text += part.text;
    EXPECT_EQ(text, "") << turn;
    EXPECT_THAT(chat.ignored, IsEmpty()) << turn;
  }
  EXPECT_THAT(
      turns_of(
          {kUser, {{"role", "assistant"}, {"content", nullptr}, {"refusal", "I won't."}}, kUser}),
      ElementsAre("user: hello", "assistant: I won't.", "user: hello"));
  // Of a user there must be something; a list may be empty.
  EXPECT_THAT(refusal({{{"role", "user"}, {"content", nullptr}}}), HasSubstr("no \"content\""));
  EXPECT_THAT(refusal({{{"role", "system"}}}), HasSubstr("no \"content\""));
  EXPECT_EQ(refusal({{{"role", "user"}, {"content", Json::array()}}}), "");
}

TEST(ChatMessages, ALastTurnOfTheAssistantBeginsTheReply) {
  ChatRequest chat = read({kUser, {{"role", "assistant"}, {"content", "Answer:"}}});
  EXPECT_EQ(chat.messages.size(), 1u);
  EXPECT_EQ(chat.begun_reply, "Answer:");
  chat = read({kUser, {{"role", "assistant"}, {"content", nullptr}}});
  EXPECT_EQ(chat.messages.size(), 1u);
  EXPECT_EQ(chat.begun_reply, "");
  chat = read(
      {kUser,
       {{"role", "assistant"},
        {"prefix", true},
        {"content", {{{"type", "text"}, {"text", "The "}}, {{"type", "text"}, {"text", "x"}}}}}});
  EXPECT_EQ(chat.begun_reply, "The x");
  EXPECT_THAT(chat.ignored, IsEmpty());
  EXPECT_EQ(read(Json::array({kUser})).begun_reply, "");
  EXPECT_THAT(refusal({{{"role", "assistant"}, {"content", "x"}}}), HasSubstr("before"));
  EXPECT_THAT(refusal({kUser,
                       {{"role", "assistant"},
                        {"content", {{{"type", "image_url"}, {"image_url", kImage}}}}}}),
              HasSubstr("an image stands only"));
}

TEST(ChatMessages, Roles) {
  EXPECT_THAT(
      turns_of(
          {{{"role", "developer"}, {"content", "a"}},
           {{"role", "system"}, {"name", "s"}, {"content", {{{"type", "text"}, {"text", "b"}}}}},
           kUser}),
      ElementsAre("system: a \n\n b", "user: hello"));
  EXPECT_THAT(refusal({kUser, {{"role", "system"}, {"content", "b"}}, kUser}),
              HasSubstr("only at the beginning"));
  for (const char* role : {"tool", "function", "User", ""}) {
    EXPECT_THAT(refusal({{{"role", role}, {"content", "x"}}}), HasSubstr("role")) << role;
  }
  EXPECT_THAT(refusal({{{"content", "x"}}}), HasSubstr("role"));
  EXPECT_THAT(refusal({"hello"}), HasSubstr("objects"));
}

TEST(ChatMessages, CallsOfToolsAreRefused) {
  for (const char* key : {"tool_calls", "function_call", "audio"}) {
    EXPECT_THAT(refusal({kUser, {{"role", "assistant"}, {key, {{"id", "x"}}}}, kUser}),
                HasSubstr(key));
  }
}

TEST(ChatMessages, ImagesInEveryForm) {
  const Json forms[] = {
      {{"type", "image_url"}, {"image_url", {{"url", kImage}}}},
      {{"type", "image_url"}, {"image_url", {{"url", kImage}, {"detail", "high"}}}},
      {{"type", "image_url"}, {"image_url", kImage}},
      {{"type", "input_image"}, {"image_url", kImage}, {"detail", "auto"}},
      {{"type", "image"}, {"image", kImage}},
      {{"type", "image_url"},
       {"image_url", {{"url", "data:IMAGE/PNG;charset=utf-8;base64,cGlj\r\ndHVy\r\nZQ=="}}}},
      {{"type", "image_url"}, {"image_url", {{"url", "data:image/png;base64,cGljdHVyZQ"}}}},
      {{"type", "image_url"}, {"image_url", {{"url", "data:application/dicom;base64,cGljdHVyZQ"}}}},
  };
  for (const Json& form : forms) {
    const ChatRequest chat = read({{{"role", "user"}, {"content", {form}}}});
    EXPECT_THAT(chat.images, ElementsAre("picture")) << form;
    ASSERT_EQ(chat.messages[0].parts.size(), 1u);
    EXPECT_EQ(chat.messages[0].parts[0].kind, prompt::Part::Kind::kImage);
    EXPECT_THAT(chat.ignored, IsEmpty());
  }
  const Json low[] = {{{"type", "image_url"}, {"image_url", {{"url", kImage}, {"detail", "low"}}}},
                      {{"type", "input_image"}, {"image_url", kImage}, {"detail", "low"}}};
  for (const Json& form : low) {
    EXPECT_THAT(read({{{"role", "user"}, {"content", {form}}}}).ignored,
                ElementsAre("image_url.detail"));
  }
}

TEST(ChatMessages, OtherPartsAreRefusedWithoutQuotingThem) {
  const Json parts[] = {
      {{"type", "input_audio"}, {"input_audio", {{"data", "s3cret"}}}},
      {{"type", "file"}, {"file", {{"file_data", "s3cret"}}}},
      {{"type", "video_url"}, {"video_url", "s3cret"}},
      {{"type", "image"}, {"source", {{"data", "s3cret"}}}},
      {{"type", "image_url"}, {"image_url", "https://example.org/s3cret.png"}},
      {{"type", "image_url"}, {"image_url", "HTTP://example.org/s3cret.png"}},
      {{"type", "image_url"}, {"image_url", "file:///s3cret"}},
      {{"type", "image_url"}, {"image_url", "data:image/png;base64,s3cret!"}},
      {{"type", "image_url"}, {"image_url", {{"url", nullptr}}}},
      {{"type", "image_url"}},
      {{"type", "text"}, {"text", 5}},
      {{"text", "no type"}},
      "s3cret",
  };
  for (const Json& part : parts) {
    const std::string line = refusal({{{"role", "user"}, {"content", {part}}}});
    EXPECT_NE(line, "") << part;
    EXPECT_EQ(line.find("s3cret"), std::string::npos) << line;
  }
}

TEST(ChatMessages, UnknownMembersAreNamedOnce) {
  Json odd = kUser;
  odd["weight"] = 0;
  odd["reasoning_content"] = "thoughts";
  EXPECT_THAT(read({odd, {{"role", "assistant"}, {"content", "x"}}, odd}).ignored,
              ElementsAre("messages.weight"));
}

}  // namespace
}  // namespace lmc::serve
