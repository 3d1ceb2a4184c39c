// Damaged checkpoints and images: one clear line that names the file, exit code 2, no crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "image/image.h"  // encode_png
#include "support/run_program.h"

namespace lmc::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kModel = LMC_SOURCE_DIR "/assets/phantom/student";
constexpr const char* kImage = LMC_SOURCE_DIR "/tests/golden/image/rgb.jpg";
constexpr size_t kSizeBytes = 8;  // the header's length in front of it

void write_bytes(const std::string& path, const std::string& bytes) {
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

// A safetensors file taken apart and put together again.
struct Parts {
  json header;
  std::string data;

  explicit Parts(const std::string& bytes) {
    uint64_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    header = json::parse(bytes.substr(kSizeBytes, size));
    data = bytes.substr(kSizeBytes + size);
  }
  std::string joined() const {
    const std::string text = header.dump();
    const uint64_t size = text.size();
    std::string bytes(kSizeBytes, '\0');
    std::memcpy(bytes.data(), &size, sizeof size);
    return bytes + text + data;
  }
};

class WrongInput : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::copy(kModel, model_, fs::copy_options::recursive);
    weights_ = read_bytes(path("model.safetensors"));
    ASSERT_GT(weights_.size(), 1000U);
  }

  std::string path(const std::string& name) const { return model_ + "/" + name; }

  ProgramResult ask(const std::string& image = kImage) const {
    return run_program({"ask", "--model", model_, "--image", image, "--question",
                        "Describe the image.", "--max-new-tokens", "1"});
  }

  static void expect_refusal(const ProgramResult& result, const std::string& file,
                             const std::string& part) {
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(file));
    EXPECT_THAT(result.err, HasSubstr(part));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }

  // Replaces the weights and expects a refusal that names the file.
  void expect_weights_refused(const std::string& bytes, const std::string& part) const {
    write_bytes(path("model.safetensors"), bytes);
    expect_refusal(ask(), "model.safetensors", part);
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.path("model");
  std::string weights_;
};

TEST_F(WrongInput, TheUndamagedModelAnswers) {
  const ProgramResult result = ask();
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(WrongInput, TruncatedWeights) {
  expect_weights_refused(weights_.substr(0, weights_.size() / 2), "");
  expect_weights_refused(weights_.substr(0, 5), "");
  expect_weights_refused("", "");
}

TEST_F(WrongInput, OversizedHeader) {
  std::string bytes = weights_;
  const uint64_t size = uint64_t{1} << 60;
  std::memcpy(bytes.data(), &size, sizeof size);
  expect_weights_refused(bytes, "header");
}

TEST_F(WrongInput, FlippedBitsInTheHeader) {
  // Each of these may break the JSON, a name, a type, a shape or a range; none may crash.
  for (const size_t at : {0UL, 7UL, 8UL, 9UL, 60UL, 61UL, 75UL, 90UL, 100UL, 111UL, 300UL}) {
    std::string bytes = weights_;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x15);
    write_bytes(path("model.safetensors"), bytes);
    const ProgramResult result = ask();
    EXPECT_TRUE(result.exit_code == 2 || result.exit_code == 0) << at << " " << result.err;
    if (result.exit_code == 2) expect_refusal(result, model_, "");
  }
}

TEST_F(WrongInput, OverlappingTensors) {
  Parts parts(weights_);
  auto first = parts.header.begin();
  while (first.key() == "__metadata__") ++first;
  auto second = std::next(first);
  (*second)["data_offsets"] = (*first)["data_offsets"];
  (*second)["shape"] = (*first)["shape"];
  expect_weights_refused(parts.joined(), "");
}

TEST_F(WrongInput, WrongShape) {
  Parts parts(weights_);
  json& shape = parts.header["model.language_model.layers.0.self_attn.q_proj.weight"]["shape"];
  std::swap(shape[0], shape[1]);
  write_bytes(path("model.safetensors"), parts.joined());
  expect_refusal(ask(), model_, "self_attn.q_proj.weight");
}

// Each is a number, but no sum of them is.
TEST_F(WrongInput, WeightsThatAddUpToNoNumber) {
  Parts parts(weights_);
  for (const auto& [name, info] : parts.header.items()) {
    if (!name.ends_with("norm.weight")) continue;
    ASSERT_EQ(info["dtype"], "BF16");
    const size_t begin = info["data_offsets"][0], end = info["data_offsets"][1];
    for (size_t at = begin; at < end; at += 2) parts.data.replace(at, 2, "\x7f\x7f");
  }
  write_bytes(path("model.safetensors"), parts.joined());
  expect_refusal(ask(), "the model", "not finite numbers");
}

TEST_F(WrongInput, MissingTensor) {
  Parts parts(weights_);
  parts.header["somewhere.else"] = parts.header["model.language_model.norm.weight"];
  parts.header.erase("model.language_model.norm.weight");
  write_bytes(path("model.safetensors"), parts.joined());
  expect_refusal(ask(), model_, "");
}

TEST_F(WrongInput, MissingShard) {
  const Parts parts(weights_);
  json index = {{"metadata", {{"total_size", parts.data.size()}}}, {"weight_map", json::object()}};
  for (const auto& [name, info] : parts.header.items()) {
    if (name != "__metadata__") index["weight_map"][name] = "model-00001-of-00001.safetensors";
  }
  fs::remove(path("model.safetensors"));
  write_bytes(path("model.safetensors.index.json"), index.dump());
  expect_refusal(ask(), "model-00001-of-00001.safetensors", "");
}

TEST_F(WrongInput, UnknownConfiguration) {
  const json config = json::parse(read_bytes(path("config.json")));
  json other = config;
  other["model_type"] = "llava";
  write_bytes(path("config.json"), other.dump());
  expect_refusal(ask(), "config.json", "llava");
  other = config;
  other["text_config"].erase("hidden_size");
  write_bytes(path("config.json"), other.dump());
  expect_refusal(ask(), "config.json", "hidden_size");
  write_bytes(path("config.json"), "{\"model_type\": ");
  expect_refusal(ask(), "config.json", "");
}

TEST_F(WrongInput, CorruptImages) {
  const std::string jpeg = read_bytes(kImage);
  const std::string image = folder_.path("picture.jpg");
  write_bytes(image, jpeg.substr(0, jpeg.size() / 3));
  expect_refusal(ask(image), image, "");
  write_bytes(image, jpeg.substr(0, 2) + std::string(400, 'x'));
  expect_refusal(ask(image), image, "");
  write_bytes(image, "no image at all");
  expect_refusal(ask(image), image, "");
  expect_refusal(ask(folder_.path("absent.png")), "absent.png", "");
}

// Its open would wait for a writer for ever.
TEST_F(WrongInput, APipeIsNoFile) {
  const std::string pipe = folder_.path("pipe"), device_file = folder_.path("pipe.lmcd");
  for (const std::string& path : {pipe, device_file}) ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const std::vector<std::vector<std::string>> commands = {
      {"ask", "--model", pipe, "--question", "hi"},
      {"ask", "--model", device_file, "--question", "hi"},
      {"ask", "--model", model_, "--adapter", pipe, "--question", "hi"},
      {"ask", "--model", model_, "--image", pipe, "--question", "hi"},
      {"evaluate", "--model", pipe, "--questions", "q.jsonl", "--out", folder_.path("run")},
      {"evaluate", "--model", model_, "--questions", pipe, "--out", folder_.path("run")},
      {"ground", "--model", device_file, "--questions", "q.jsonl", "--out", folder_.path("run")},
      {"export", "--model", pipe, "--out", folder_.path("out")},
      {"inspect", "--model", model_, "--text", "x", "--out", pipe},
      {"report", folder_.path("run"), "--out", pipe},
      {"audit", "verify", pipe}};
  for (const auto& command : commands) {
    const ProgramResult result = run_program(command);
    EXPECT_EQ(result.exit_code, 2) << command[0] << result.err;
  }
}

TEST_F(WrongInput, AnImageOfOneByFourThousand) {
  const std::string image = folder_.path("strip.png");
  write_bytes(image, image::encode_png({1, 4000, std::vector<uint8_t>(12000, 128)}));
  expect_refusal(ask(image), image, "4000");
}

}  // namespace
}  // namespace lmc::tests
