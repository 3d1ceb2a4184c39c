#include "prompt/chat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/check.h"           // InputError
#include "base/files.h"           // write_file, make_folder
#include "prompt/golden_cases.h"  // golden conversations

namespace lmc::prompt {
namespace {

using testing::HasSubstr;

TEST(Chat, RendersLikeTheTemplate) {
  const Json golden = read_json(golden_folder() + "/cases.json");
  for (const Json& one : golden["cases"]) {
    const std::vector<Message> messages = messages_from(one["messages"]);
    for (const auto& [style, name] : {std::pair(ChatStyle::kInstruct, "instruct"),
                                      std::pair(ChatStyle::kThinking, "thinking")}) {
      SCOPED_TRACE(one["name"].get<std::string>() + ", " + name);
      EXPECT_EQ(render_chat(messages, style, false), one[name]["text"].get<std::string>());
      EXPECT_EQ(render_chat(messages, style, true), one[name]["prompt"].get<std::string>());
    }
  }
}

TEST(Chat, ThePublishedTemplateRendersTheSame) {
  const Json golden = read_json(golden_folder() + "/published.json");
  for (const Json& one : golden["cases"]) {
    EXPECT_EQ(render_chat(messages_from(one["messages"]), ChatStyle::kInstruct, true),
              one["text"].get<std::string>());
  }
}

std::string error_of(const std::vector<Message>& messages) {
  try {
    render_chat(messages, ChatStyle::kInstruct, true);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Chat, WhatTheTemplateDoesNotHaveIsAnError) {
  const Message user{"user", {Part::of_text("q")}};
  EXPECT_THAT(error_of({}), HasSubstr("found none"));
  EXPECT_THAT(error_of({{"tool", {}}}), HasSubstr("found \"tool\""));
  EXPECT_THAT(error_of({user, {"system", {}}}), HasSubstr("messages[1]: a system message"));
  EXPECT_THAT(error_of({user, {"assistant", {Part::of_image()}}}),
              HasSubstr("an image stands only in a user message"));
}

class ChatStyleTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    make_folder(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    write_file(folder_ + "/" + name, text);
  }

  const std::string folder_ = testing::TempDir() + "lmc_chat_style_" + std::to_string(::getpid());
  const std::string body_ = "<|im_start|>x<|vision_start|><|image_pad|><|vision_end|>";
};

TEST_F(ChatStyleTest, OfTheGoldenTemplates) {
  EXPECT_EQ(read_chat_style(golden_folder() + "/model"), ChatStyle::kInstruct);
  write("chat_template.json", read_file(golden_folder() + "/chat_template_thinking.json"));
  EXPECT_EQ(read_chat_style(folder_), ChatStyle::kThinking);
}

TEST_F(ChatStyleTest, EveryPlaceForATemplate) {
  const std::string thinking = body_ + "{% if add_generation_prompt %}<think>\\n{% endif %}";
  write("tokenizer_config.json", to_text(Json{{"chat_template", thinking}}));
  EXPECT_EQ(read_chat_style(folder_), ChatStyle::kThinking);
  const std::string instruct = body_ + "<think>{% if add_generation_prompt %}{% endif %}";
  write("chat_template.json", to_text(Json{{"chat_template", instruct}}));
  EXPECT_EQ(read_chat_style(folder_), ChatStyle::kInstruct);
  write("chat_template.jinja", thinking);
  EXPECT_EQ(read_chat_style(folder_), ChatStyle::kThinking);
}

TEST_F(ChatStyleTest, NamedTemplates) {
  const std::string thinking = body_ + "{% if add_generation_prompt %}<think>\\n{% endif %}";
  const std::string instruct = body_ + "{% if add_generation_prompt %}{% endif %}";
  const auto style_with = [&](const Json& value) {
    write("tokenizer_config.json", to_text(Json{{"chat_template", value}}));
    return read_chat_style(folder_);
  };
  const Json tool = {{"name", "tool_use"}, {"template", instruct}};
  const Json usual = {{"name", "default"}, {"template", thinking}};
  EXPECT_EQ(style_with(Json::array({tool, usual})), ChatStyle::kThinking);
  EXPECT_EQ(style_with(Json::array({tool})), ChatStyle::kInstruct);
  EXPECT_EQ(style_with({{"rag", instruct}, {"default", thinking}}), ChatStyle::kThinking);
  EXPECT_THROW(style_with({{"rag", instruct}, {"tools", thinking}}), InputError);  // which one?
  EXPECT_THROW(style_with(7), InputError);
  EXPECT_THROW(style_with(Json::array()), InputError);  // none
  write("processor_config.json", to_text(Json{{"chat_template", thinking}}));
  EXPECT_EQ(style_with(instruct), ChatStyle::kThinking);
  make_folder(folder_ + "/additional_chat_templates");
  write("additional_chat_templates/default.jinja", instruct);
  EXPECT_EQ(read_chat_style(folder_), ChatStyle::kInstruct);
}

TEST_F(ChatStyleTest, AClosedBlockIsNoThinking) {
  write("chat_template.jinja",
        body_ + "{% if add_generation_prompt %}<think>\\n\\n</think>\\n\\n{% endif %}");
  EXPECT_EQ(read_chat_style(folder_), ChatStyle::kInstruct);
}

TEST_F(ChatStyleTest, ForeignOrMissingTemplates) {
  EXPECT_THROW(read_chat_style(folder_), InputError);
  write("chat_template.jinja", "[INST] {{ messages[0].content }} [/INST]");
  EXPECT_THROW(read_chat_style(folder_), InputError);
}

TEST(ChatStyleOfThePublishedFiles, IsInstruct) {
  const std::string folder = shared_data() + "/qwen3_vl";
  if (!file_exists(folder)) GTEST_SKIP() << "no published tokenizer files at " << folder;
  EXPECT_EQ(read_chat_style(folder), ChatStyle::kInstruct);
}

}  // namespace
}  // namespace lmc::prompt
