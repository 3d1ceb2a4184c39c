#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "base/check.h"  // InputError
#include "base/files.h"  // write_file, make_folder
#include "tensorio/safetensors.h"

namespace lmc::tensorio {
namespace {

using testing::HasSubstr;

class CheckpointTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + cat("lmc_checkpoint_", test->name(), "_", ::getpid());
    std::filesystem::remove_all(folder_);
    make_folder(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A file with tensors of one byte each.
  void write_shard(const std::string& name, const std::vector<std::string>& tensors) {
    std::vector<TensorInfo> infos;
    std::string data;
    for (const std::string& tensor : tensors) {
      infos.push_back({tensor, Dtype::kU8, {1}});
      data += tensor[0];
    }
    SafetensorsWriter writer(folder_ + "/" + name, infos);
    writer.write(std::as_bytes(std::span(data)));
    writer.finish();
  }

  void write_index(const std::string& text) {
    write_file(folder_ + "/model.safetensors.index.json", text);
  }

  std::string error() {
    try {
      const Checkpoint checkpoint(folder_);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  std::string folder_;
};

TEST_F(CheckpointTest, OtherFormsAreNamedWithTheWayToConvert) {
  write_file(folder_ + "/training_args.bin", "x");
  EXPECT_THAT(error(), testing::AllOf(HasSubstr("holds neither model.safetensors nor"),
                                      Not(HasSubstr("training_args"))));
  write_file(folder_ + "/model.Q4_K_M.gguf", "x");
  EXPECT_THAT(error(), HasSubstr("but model.Q4_K_M.gguf"));
  write_file(folder_ + "/pytorch_model-00001-of-00002.bin", "x");
  EXPECT_THAT(error(), testing::AllOf(HasSubstr("but pytorch_model-00001-of-00002.bin"),
                                      HasSubstr("save_pretrained")));
  write_shard("model-00001-of-00002.safetensors", {"a"});
  EXPECT_THAT(error(), HasSubstr("fetch model.safetensors.index.json as well"));
}

TEST_F(CheckpointTest, AGitLfsPointerIsNamed) {
  write_file(folder_ + "/model.safetensors",
             "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
  EXPECT_THAT(error(), testing::AllOf(HasSubstr("model.safetensors: expected a safetensors file"),
                                      HasSubstr("git-lfs pointer")));
  write_shard("b.safetensors", {"b"});
  std::filesystem::remove(folder_ + "/model.safetensors");
  write_index(R"({"weight_map": {"b": "b.safetensors"}})");
  const Checkpoint checkpoint(folder_);
  EXPECT_EQ(checkpoint.file_of("b"), folder_ + "/b.safetensors");
}

TEST_F(CheckpointTest, SingleFile) {
  write_shard("model.safetensors", {"a", "b"});
  const Checkpoint checkpoint(folder_);
  EXPECT_EQ(checkpoint.tensors().size(), 2u);
  EXPECT_EQ(checkpoint.tensors().at("b").bytes[0], std::byte{'b'});
}

TEST_F(CheckpointTest, Shards) {
  write_shard("one.safetensors", {"a", "c"});
  write_shard("two.safetensors", {"b"});
  write_index(R"({"metadata":{"total_size":3},
    "weight_map":{"a":"one.safetensors","b":"two.safetensors","c":"one.safetensors"}})");
  Checkpoint first(folder_);
  const Checkpoint checkpoint = std::move(first);
  EXPECT_EQ(checkpoint.tensors().size(), 3u);
  EXPECT_EQ(checkpoint.tensors().at("b").bytes[0], std::byte{'b'});
  EXPECT_EQ(checkpoint.tensors().at("c").bytes[0], std::byte{'c'});
}

TEST_F(CheckpointTest, NothingThere) {
  EXPECT_THAT(error(), HasSubstr("neither model.safetensors nor model.safetensors.index.json"));
}

TEST_F(CheckpointTest, MissingShard) {
  write_index(R"({"weight_map":{"a":"one.safetensors"}})");
  EXPECT_THAT(error(), HasSubstr("shard one.safetensors, which is missing"));
}

TEST_F(CheckpointTest, TensorNotInItsShard) {
  write_shard("one.safetensors", {"a"});
  write_index(R"({"weight_map":{"a":"one.safetensors","b":"one.safetensors"}})");
  EXPECT_THAT(error(), HasSubstr("tensor \"b\" in one.safetensors, which does not hold it"));
}

TEST_F(CheckpointTest, TensorNotInTheIndex) {
  write_shard("one.safetensors", {"a", "b"});
  write_index(R"({"weight_map":{"a":"one.safetensors"}})");
  EXPECT_THAT(error(), HasSubstr("holds 2 tensors, but the index names 1 of them"));
}

TEST_F(CheckpointTest, ShardNamesStayInTheFolder) {
  for (const std::string name :
       {"../x.safetensors", "/etc/passwd", "sub/x", "..", "", "a\\\\b", "a\\u0000b"}) {
    write_index("{\"weight_map\":{\"a\":\"" + name + "\"}}");
    EXPECT_THAT(error(), HasSubstr("is not a plain file name")) << name;
  }
}

TEST_F(CheckpointTest, DamagedIndex) {
  write_index("{");
  EXPECT_THAT(error(), HasSubstr("not valid JSON"));
  write_index("[]");
  EXPECT_THAT(error(), HasSubstr("weight_map"));
  write_index(R"({"weight_map":{}})");
  EXPECT_THAT(error(), HasSubstr("weight_map"));
  write_index(R"({"weight_map":{"a":1}})");
  EXPECT_THAT(error(), HasSubstr("the shard of \"a\" is not a string"));
  write_index(R"({"weight_map":{"a":"x","a":"y"}})");
  EXPECT_THAT(error(), HasSubstr("\"a\" appears twice"));
}

}  // namespace
}  // namespace lmc::tensorio
