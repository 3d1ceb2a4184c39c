// A device file as a user makes and uses it: exported, examined, asked, evaluated; with and without
// libtorch.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/phantom_questions.h"
#include "support/run_program.h"

namespace lmc::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kStudent = LMC_SOURCE_DIR "/assets/phantom/student";

class DeviceProgram : public testing::Test {
 protected:
  std::string export_as(const std::string& weights) {
    const std::string path = folder_.path(weights + ".lmcd");
    const ProgramResult result = run_program(
        {"export", "--model", kStudent, "--format", "device", "--weights", weights, "--out", path});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    said_ = result.err;
    return path;
  }

  const TemporaryFolder folder_;
  std::string said_;
};

#if LMC_WITH_TORCH
// The command itself compares the file's logits with those of libtorch over an image and over text,
// and refuses f32 weights that are off by 1e-4 of the logits' spread.
TEST_F(DeviceProgram, FloatWeightsSayWhatTorchSays) {
  for (const char* model : {"student", "base", "teacher"}) {
    const std::string path = folder_.path(std::string(model) + ".lmcd");
    const ProgramResult result =
        run_program({"export", "--model", std::string(LMC_SOURCE_DIR "/assets/phantom/") + model,
                     "--format", "device", "--weights", "f32", "--out", path});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("the likeliest token is the same at 18"));
  }
}
#else
TEST_F(DeviceProgram, WithoutTorchTheExportSaysThatItComparedNothing) {
  export_as("int8");
  EXPECT_THAT(said_, HasSubstr("built without libtorch"));
}
#endif

TEST_F(DeviceProgram, IsAskedLikeAFolder) {
  const std::string path = export_as("int8");
  const ProgramResult asked =
      run_program({"ask", "--model", path, "--question", "What is seen?", "--max-new-tokens", "8"});
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_FALSE(asked.out.empty());
  const ProgramResult verified = run_program({"inspect", "--model", path, "--verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("have their checksums"));
  // The tokenizer that it carries is the folder's.
  const std::vector<std::string> tokens = {"inspect", "--text", "left lung", "--dump", "tokens"};
  const auto dump_of = [&](const std::string& model) {
    std::vector<std::string> arguments = tokens;
    arguments.insert(arguments.end(), {"--model", model});
    return run_program(arguments).out;
  };
  EXPECT_EQ(dump_of(path), dump_of(kStudent));
}

TEST_F(DeviceProgram, WhatItDoesNotTakeIsSaidInALine) {
  const std::string path = export_as("int4");
  const std::vector<std::string> ask = {"ask", "--question", "What?", "--model"};
  const auto error_of = [&](const std::string& model, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = ask;
    arguments.push_back(model);
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    return result.err;
  };
  EXPECT_THAT(error_of(path, {"--adapter", "a"}), HasSubstr("export --format device --adapter"));
  EXPECT_THAT(error_of(path, {"--dtype", "float32"}), HasSubstr("a device file has its own"));
  EXPECT_THAT(error_of(path, {"--device", "cuda"}), HasSubstr("runs on the CPU"));
  const std::string bytes = read_bytes(path);
  const std::string cut = folder_.path("cut.lmcd");
  std::ofstream(cut, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_THAT(error_of(cut, {}), HasSubstr("cut short or damaged"));
  const ProgramResult again =
      run_program({"export", "--model", path, "--format", "device", "--out", folder_.path("b")});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("is a device file"));
}

TEST_F(DeviceProgram, BenchTellsSpeedsAndTheirLimits) {
  const std::string path = export_as("int8");
  const std::vector<std::string> little = {
      "bench", "--model",      path,  "--prompt-tokens", "40", "--depth", "20", "--decode-tokens",
      "4",     "--image-side", "128", "--repetitions",   "1"};
  const ProgramResult text = run_program(little);
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("tokens/s"));
  EXPECT_THAT(text.out, HasSubstr("a decoded token reads"));
  std::vector<std::string> with_json = little;
  with_json.emplace_back("--json");
  const json figures = json::parse(run_program(with_json).out);
  EXPECT_EQ(figures.at("weights"), "int8");
  EXPECT_GT(figures.at("decode_tokens_per_s").at("median"), 0.0);
  // Of each layer q, k, v, o and three of the feed-forward part.
  const json config = json::parse(read_bytes(std::string(kStudent) + "/config.json"));
  const json& text_config = config.at("text_config");
  const auto size = [&](const char* name) { return text_config.at(name).get<int64_t>(); };
  const int64_t hidden = size("hidden_size"), head = size("head_dim");
  const int64_t layer =
      hidden * head * (2 * size("num_attention_heads") + 2 * size("num_key_value_heads")) +
      3 * hidden * size("intermediate_size");
  EXPECT_EQ(figures.at("limits").at("products_per_token"), size("num_hidden_layers") * layer);
}

// Batch invariant: the run's bytes are the same whatever runs together.
TEST_F(DeviceProgram, EvaluatesTheSameInBatchesAndAlone) {
  make_phantom_questions(folder_, 4, 4);
  const std::string path = export_as("int8");
  for (const char* batch : {"1", "8"}) {
    const ProgramResult result =
        run_program({"evaluate", "--model", path, "--questions",
                     folder_.path("validation/questions.jsonl"), "--mode", "likelihood", "--batch",
                     batch, "--out", folder_.path(std::string("run") + batch)});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  EXPECT_EQ(read_bytes(folder_.path("run1/answers.jsonl")),
            read_bytes(folder_.path("run8/answers.jsonl")));
  const json manifest = json::parse(read_bytes(folder_.path("run1/manifest.json")));
  EXPECT_THAT(manifest.value("device", ""), HasSubstr("int8"));
}

}  // namespace
}  // namespace lmc::tests
