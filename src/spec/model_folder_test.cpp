#include "spec/model_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/check.h"            // InputError
#include "base/files.h"            // write_file, make_folder
#include "spec/companion_files.h"  // copy_companion_files, copy_config
#include "spec/model_config.h"     // read_model_config

namespace lmc::spec {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = testing::TempDir() + cat("lmc_folder_", test->name(), "_", ::getpid());
    std::filesystem::remove_all(root_);
    make_folder(root_);
  }
  ~FolderTest() override { std::filesystem::remove_all(root_); }

  std::string put(const std::string& file, const std::string& text = "{}") {
    make_parent_folder(root_ + "/" + file);
    write_file(root_ + "/" + file, text);
    return root_ + "/" + file;
  }
  std::string root_;
};

template <class Check>
std::string error_of(const Check& check, const std::string& path) {
  try {
    check(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(FolderTest, WhatIsNoModelIsCalledByName) {
  const auto error = [](const std::string& path) { return error_of(check_model_folder, path); };
  EXPECT_THAT(error("google/medgemma-4b-it"),
              AllOf(HasSubstr("no such folder"), HasSubstr("hf download google/medgemma-4b-it")));
  EXPECT_THAT(error("./student"), AllOf(HasSubstr("no such folder"), Not(HasSubstr("download"))));
  EXPECT_THAT(error(put("m/config.json")),
              AllOf(HasSubstr("found a file"), HasSubstr("--model " + root_ + "/m")));
  EXPECT_EQ(error(root_ + "/m"), "no error");
  put("a/adapter_config.json");
  EXPECT_THAT(error(root_ + "/a"),
              AllOf(HasSubstr("is an adapter's folder"), HasSubstr("--adapter " + root_ + "/a")));
  make_folder(root_ + "/empty");
  EXPECT_THAT(error(root_ + "/empty"), HasSubstr("holds no config.json"));
}

TEST_F(FolderTest, TheFolderAboveIsSeenThrough) {
  put("run/checkpoint-500/config.json");
  put("run/checkpoint-1500/config.json");
  put("run/logs/events.txt");
  EXPECT_THAT(error_of(check_model_folder, root_ + "/run"),
              AllOf(HasSubstr("2 folders below it do"),
                    HasSubstr("did you mean --model " + root_ + "/run/checkpoint-1500?")));
  put("models--Qwen--X/snapshots/0a1b/config.json");
  put("models--Qwen--X/refs/main");
  EXPECT_THAT(error_of(check_model_folder, root_ + "/models--Qwen--X"),
              HasSubstr("did you mean --model " + root_ + "/models--Qwen--X/snapshots/0a1b?"));
  put("sft/checkpoint-9/adapter_config.json");
  EXPECT_THAT(error_of(check_adapter_folder, root_ + "/sft"),
              HasSubstr("did you mean --adapter " + root_ + "/sft/checkpoint-9?"));
}

TEST_F(FolderTest, WhatIsNoAdapterIsCalledByName) {
  const auto error = [](const std::string& path) { return error_of(check_adapter_folder, path); };
  EXPECT_THAT(error("someone/qwen3-vl-lora"), HasSubstr("hf download someone/qwen3-vl-lora"));
  put("m/config.json");
  EXPECT_THAT(error(root_ + "/m"), HasSubstr("is a whole model's folder"));
  put("a/adapter_config.json");
  EXPECT_THAT(error(root_ + "/a"), HasSubstr("but no adapter_model.safetensors"));
  put("a/adapter_model.bin");
  EXPECT_THAT(error(root_ + "/a"), AllOf(HasSubstr("but adapter_model.bin"), HasSubstr("save_file"),
                                         HasSubstr("torch.load")));
  const std::string weights = put("a/adapter_model.safetensors");
  EXPECT_EQ(error(root_ + "/a"), "no error");
  EXPECT_THAT(error(weights), HasSubstr("--adapter " + root_ + "/a"));
}

TEST_F(FolderTest, WhatAProcessorNeedsIsCopied) {
  const std::vector<std::string> files = {"processor_config.json",
                                          "chat_template.jinja",
                                          "tokenizer.json",
                                          "tokenizer_config.json",
                                          "generation_config.json",
                                          "additional_chat_templates/tool_use.jinja",
                                          "video_preprocessor_config.json"};
  for (const std::string& file : files) put("from/" + file, "text of " + file);
  put("from/optimizer.pt", "large");
  make_folder(root_ + "/to");
  copy_companion_files(root_ + "/from", root_ + "/to");
  for (const std::string& file : files) {
    EXPECT_EQ(read_file(root_ + "/to/" + file), "text of " + file);
  }
  EXPECT_FALSE(file_exists(root_ + "/to/optimizer.pt"));
}

TEST_F(FolderTest, TheCopiedConfigSaysWhichHeadCounts) {
  const std::string text = read_file(LMC_SOURCE_DIR "/tests/golden/model/wide_query/config.json");
  put("from/config.json", text);
  ModelConfig config = read_model_config(root_ + "/from");
  ASSERT_TRUE(config.tie_word_embeddings);
  make_folder(root_ + "/to");
  copy_config(root_ + "/from", root_ + "/to", config, tensorio::Dtype::kF32);
  EXPECT_EQ(read_file(root_ + "/to/config.json"), text);
  config.tie_word_embeddings = false;
  copy_config(root_ + "/from", root_ + "/to", config, tensorio::Dtype::kF32);
  const Json json = read_json(root_ + "/to/config.json");
  EXPECT_FALSE(json["tie_word_embeddings"].get<bool>());
  EXPECT_FALSE(json["text_config"]["tie_word_embeddings"].get<bool>());
  EXPECT_FALSE(read_model_config(root_ + "/to").tie_word_embeddings);
}

TEST_F(FolderTest, TheCopiedConfigSaysTheTypeThatIsStored) {
  Json json =
      parse_json(read_file(LMC_SOURCE_DIR "/tests/golden/model/wide_query/config.json"), "");
  json["dtype"] = "bfloat16";
  json["text_config"]["dtype"] = "bfloat16";
  json["vision_config"].erase("dtype");
  json["vision_config"].erase("torch_dtype");
  put("from/config.json", to_text(json));
  make_folder(root_ + "/to");
  const ModelConfig config = read_model_config(root_ + "/from");
  copy_config(root_ + "/from", root_ + "/to", config, tensorio::Dtype::kBF16);
  EXPECT_EQ(read_file(root_ + "/to/config.json"), to_text(json));
  copy_config(root_ + "/from", root_ + "/to", config, tensorio::Dtype::kF16);
  const Json copied = read_json(root_ + "/to/config.json");
  EXPECT_EQ(copied["dtype"], "float16");
  EXPECT_EQ(copied["text_config"]["dtype"], "float16");
  EXPECT_FALSE(copied["vision_config"].contains("dtype"));
}

}  // namespace
}  // namespace lmc::spec
