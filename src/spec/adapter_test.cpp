// Adapters as peft and others write them: which layers their tensors correct, by which rank and
// scale. What peft selects: tools/golden/adapters.py.
#include "spec/adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <map>

#include "base/check.h"         // InputError
#include "base/files.h"         // write_file, make_folder
#include "spec/tensor_table.h"  // linear_table

namespace lmc::spec {
namespace {

using tensorio::Dtype;
using testing::AllOf;
using testing::HasSubstr;

const std::string kGolden = LMC_SOURCE_DIR "/tests/golden/";
constexpr float kSome = 0.25F;

struct Stored {
  std::vector<int64_t> shape;
  float value = kSome;  // of every element
};
using Tensors = std::map<std::string, Stored>;

class AdapterTest : public testing::Test {
 protected:
  AdapterTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + cat("lmc_adapter_", test->name(), "_", ::getpid());
    std::filesystem::remove_all(folder_);
    make_folder(folder_);
    for (const LinearSpec& linear : linear_table(model_)) sizes_[linear.path] = linear;
  }
  ~AdapterTest() override { std::filesystem::remove_all(folder_); }

  // The pairs of some layers, by peft's names.
  Tensors pairs(const std::vector<std::string>& paths, int64_t rank = 3) const {
    Tensors tensors;
    for (const std::string& path : paths) {
      const LinearSpec& linear = sizes_.at(path);
      tensors[lora_a_name(path)] = {{rank, linear.in_features}};
      tensors[lora_b_name(path)] = {{linear.out_features, rank}};
    }
    return tensors;
  }

  static Tensors renamed(const Tensors& tensors,
                         const std::function<std::string(std::string)>& rename) {
    Tensors result;
    for (const auto& [name, stored] : tensors) result[rename(name)] = stored;
    return result;
  }

  void write(const Json& config, const Tensors& tensors) const {
    std::vector<tensorio::TensorInfo> infos;
    for (const auto& [name, stored] : tensors) infos.push_back({name, Dtype::kF32, stored.shape});
    tensorio::SafetensorsWriter writer(folder_ + "/adapter_model.safetensors", infos);
    for (size_t i = 0; i < infos.size(); ++i) {
      const std::vector<float> values(static_cast<size_t>(infos[i].num_elements()),
                                      tensors.at(infos[i].name).value);
      writer.write(std::as_bytes(std::span(values)));
    }
    writer.finish();
    write_file(folder_ + "/adapter_config.json", to_text(config));
  }

  Adapter read() const { return Adapter(folder_, model_); }

  std::vector<std::string> layers() const {
    std::vector<std::string> paths;
    const Adapter adapter = read();
    for (const AdapterLayer& layer : adapter.layers()) paths.push_back(layer.path);
    return paths;
  }

  std::string error() const {
    try {
      const Adapter adapter(folder_, model_);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  const ModelConfig model_ = read_model_config(kGolden + "model/wide_query");
  std::map<std::string, LinearSpec> sizes_;
  std::string folder_;
  const Json config_ = {{"peft_type", "LORA"},
                        {"r", 3},
                        {"lora_alpha", 6},
                        {"base_model_name_or_path", "Qwen/Qwen3-VL-8B-Instruct"},
                        {"target_modules", {"up_proj"}}};
  const std::vector<std::string> up_ = {
      "model.language_model.layers.0.mlp.up_proj", "model.language_model.layers.1.mlp.up_proj",
      "model.language_model.layers.2.mlp.up_proj", "model.language_model.layers.3.mlp.up_proj"};
};

// Regular expressions of Python, excluded modules, chosen layers: the tensors say which.
TEST_F(AdapterTest, CorrectsTheLayersThatPeftSelects) {
  size_t cases = 0;
  const Json golden = read_json(kGolden + "spec/peft.json");
  for (const auto& [name, one] : golden["cases"].items()) {
    if (name == "embeds_patches") continue;
    Tensors tensors;
    for (const auto& [path, rank_and_scale] : one["modules"].items()) {
      tensors.merge(pairs({path}, rank_and_scale[0].get<int64_t>()));
    }
    write(one["config"], tensors);
    const Adapter adapter = read();
    EXPECT_EQ(adapter.layers().size(), one["modules"].size()) << name;
    for (const AdapterLayer& layer : adapter.layers()) {
      ASSERT_TRUE(one["modules"].contains(layer.path)) << name << ": " << layer.path;
      const Json& expected = one["modules"][layer.path];
      EXPECT_EQ(layer.rank, expected[0].get<int64_t>()) << name << ": " << layer.path;
      EXPECT_EQ(layer.scale, expected[1].get<double>()) << name << ": " << layer.path;
    }
    ++cases;
  }
  EXPECT_EQ(cases, 11U);
}

TEST_F(AdapterTest, NamesOfOtherWritersAndTimes) {
  const std::string prefix = "base_model.model.", now = prefix + "model.language_model.";
  // The beginning `from` of a name is `to` there.
  const auto begins = [](const std::string& from, const std::string& to) {
    return [=](const std::string& name) { return to + name.substr(from.size()); };
  };
  const auto adapter_named = [](const std::string& adapter) {
    return [=](std::string name) { return name.insert(name.rfind(".weight"), "." + adapter); };
  };
  const std::vector<std::pair<const char*, std::function<std::string(std::string)>>> spellings = {
      {"as peft writes it", begins("", "")},
      {"an adapter's name", adapter_named("default")},
      {"another name", adapter_named("radiology")},
      {"no prefix", begins(prefix, "")},
      {"half a prefix", begins(prefix, "base_model.")},
      {"model.layers", begins(now, prefix + "model.")},
      {"language_model.model", begins(now, prefix + "language_model.model.")},
      {"the text model alone", begins(now, prefix)},
      {"DataParallel", begins(prefix, prefix + "module.")},
      {"torch.compile", begins("", "_orig_mod.")},
      {"a compiled layer",
       [](std::string name) { return name.insert(name.find("mlp."), "_orig_mod."); }}};
  for (const auto& [what, rename] : spellings) {
    write(config_, renamed(pairs(up_), rename));
    EXPECT_EQ(layers(), up_) << what;
  }
  const std::string visual = "model.visual.blocks.1.attn.qkv";
  Json config = config_;
  config["target_modules"] = {"visual.blocks.1.attn.qkv"};
  write(config, renamed(pairs({visual}), [](std::string name) {
          return name.erase(name.find("model.visual"), std::string("model.").size());
        }));
  EXPECT_EQ(layers(), std::vector<std::string>{visual});
}

// A pattern was written for the paths of its time; rewritten for those of now.
TEST_F(AdapterTest, PatternsForOlderPathsAreUnderstood) {
  Json config = config_;
  config["rank_pattern"] = {{"model.layers.2.mlp.up_proj", 5}};
  config["alpha_pattern"] = {{"^model.layers.[12].*", 20}};
  Tensors tensors = pairs({up_[0], up_[1], up_[3]});
  tensors.merge(pairs({up_[2]}, 5));
  write(config, renamed(tensors, [](std::string name) {
          return name.erase(name.find("language_model."), std::string("language_model.").size());
        }));
  const Adapter adapter = read();
  std::vector<double> scales;
  for (const AdapterLayer& layer : adapter.layers()) {
    scales.push_back(layer.scale);
    EXPECT_EQ(lora_rank(adapter.config(), layer.path), layer.rank);
    EXPECT_EQ(lora_scale(adapter.config(), layer.path), layer.scale);
  }
  EXPECT_EQ(scales, (std::vector<double>{2, 20.0 / 3, 4, 2}));
}

TEST_F(AdapterTest, ARankPatternThatCannotBeReadIsToldByTheTensors) {
  Json config = config_;
  config["rank_pattern"] = {{"(?|layers.1.mlp.)up_proj", 7}};
  Tensors tensors = pairs({up_[0], up_[2], up_[3]});
  tensors.merge(pairs({up_[1]}, 7));
  write(config, tensors);
  const Adapter adapter = read();
  EXPECT_EQ(adapter.layers()[1].rank, 7);
  EXPECT_EQ(adapter.config().rank_pattern, (Patterns<int64_t>{{up_[1], 7}}));
  // Without the alpha nothing is known.
  for (const char* key : {"(?|x)up_proj", "up_proj\\h", "[[:alpha:]]up_proj"}) {
    config["alpha_pattern"] = {{key, 7}};
    write(config, tensors);
    EXPECT_THAT(error(), HasSubstr("no regular expression here")) << key;
  }
}

TEST_F(AdapterTest, ALayerThatTheExpressionLeavesOutIsNotApplied) {
  Json config = config_;
  config["target_modules"] = R"(.*layers\.0\.mlp\.up_proj)";
  write(config, pairs({up_[0], up_[1]}));
  EXPECT_THAT(error(), AllOf(HasSubstr(up_[1]), HasSubstr("belongs to no target")));
  write(config, pairs({up_[0]}));
  EXPECT_EQ(error(), "no error");
  // Written for paths of another version: the names decide.
  config["target_modules"] = R"(model\.h\.\d+\.up_proj)";
  write(config, pairs({up_[0], up_[1]}));
  EXPECT_EQ(error(), "no error");
}

TEST_F(AdapterTest, WhatDoesNotFitIsNamed) {
  Tensors tensors = pairs(up_);
  tensors.erase(lora_b_name(up_[2]));
  write(config_, tensors);
  EXPECT_THAT(error(), HasSubstr("tensor " + lora_b_name(up_[2]) + ": missing"));
  write(config_, pairs({up_[0], up_[1], up_[3]}));
  EXPECT_THAT(error(), HasSubstr("tensor " + lora_a_name(up_[2]) + ": missing"));

  tensors = pairs(up_);
  tensors.merge(pairs({"model.visual.merger.linear_fc1"}));
  write(config_, tensors);
  EXPECT_THAT(error(), AllOf(HasSubstr("merger.linear_fc1"), HasSubstr("belongs to no target")));

  tensors = pairs(up_);
  tensors["base_model.model.model.language_model.layers.30.mlp.up_proj.lora_A.weight"] = {{3, 32}};
  write(config_, tensors);
  EXPECT_THAT(error(),
              AllOf(HasSubstr("no linear layer model.language_model.layers.30.mlp.up_proj"),
                    HasSubstr("made for Qwen/Qwen3-VL-8B-Instruct")));

  tensors = pairs(up_);
  tensors[lora_a_name(up_[1])].shape = {3, 4096};
  write(config_, tensors);
  EXPECT_THAT(error(), AllOf(HasSubstr("expected shape [3, 32], found [3, 4096]"),
                             HasSubstr("made for Qwen/Qwen3-VL-8B-Instruct")));
  write(config_, pairs(up_, 4));
  EXPECT_THAT(error(), HasSubstr("is of rank 4, but adapter_config.json says 3"));

  for (const char* odd : {"base_model.model.lm_head.weight", "lora_unet_down.alpha",
                          "base_model.model.model.x.lora_B.bias", "a.lora_A.b.c.weight"}) {
    tensors = pairs(up_);
    tensors[odd] = {{3}};
    write(config_, tensors);
    EXPECT_THAT(error(), AllOf(HasSubstr(odd), HasSubstr("is no tensor of a LoRA pair")));
  }
  const std::string stem = "base_model.model.model.visual.patch_embed.proj";
  tensors = pairs(up_);
  tensors[stem + ".lora_A.weight"] = {{3, 3, 2, 4, 4}};
  write(config_, tensors);
  EXPECT_THAT(error(), HasSubstr("the convolution that embeds patches"));

  tensors = pairs(up_);
  tensors.merge(renamed(
      pairs(up_), [](std::string name) { return name.insert(name.rfind(".weight"), ".second"); }));
  write(config_, tensors);
  EXPECT_THAT(error(), HasSubstr("holds two adapters"));
  write(config_, {});
  EXPECT_THAT(error(), HasSubstr("holds no tensor"));
}

TEST_F(AdapterTest, MagnitudesBelongToDora) {
  Tensors tensors = pairs(up_);
  for (const std::string& path : up_) tensors[lora_magnitude_name(path)] = {{40}};
  write(config_, tensors);
  EXPECT_THAT(error(),
              AllOf(HasSubstr("lora_magnitude_vector"), HasSubstr("\"use_dora\" is not on")));
  Json config = config_;
  config["use_dora"] = true;
  for (const char* ending : {"", ".weight", ".default.weight", ".default"}) {
    write(config, renamed(tensors, [&](std::string name) {
            return name.ends_with("magnitude_vector") ? name + ending : name;
          }));
    if (std::string(ending).starts_with(".default")) {
      EXPECT_THAT(error(), HasSubstr("two adapters")) << ending;  // A and B are another's
    } else {
      EXPECT_EQ(read().layers()[0].magnitude->info.shape, std::vector<int64_t>{40}) << ending;
    }
  }
  write(config, pairs(up_));
  EXPECT_THAT(error(), AllOf(HasSubstr("lora_magnitude_vector"), HasSubstr("missing")));
}

TEST_F(AdapterTest, NanAndInfinityAreNamed) {
  for (const auto& [value, word] : {std::pair{NAN, "NaN"}, {INFINITY, "infinity"}}) {
    Tensors tensors = pairs(up_);
    tensors[lora_b_name(up_[1])].value = value;
    write(config_, tensors);
    EXPECT_THAT(error(),
                AllOf(HasSubstr("adapter_model.safetensors: tensor " + lora_b_name(up_[1])),
                      HasSubstr(cat("holds ", word))));
  }
}

TEST_F(AdapterTest, OneThatChangesNothing) {
  Tensors tensors = pairs(up_);
  for (auto& [name, stored] : tensors) {
    if (name.find("lora_B") != name.npos) stored.value = -0.0F;
  }
  write(config_, tensors);
  EXPECT_TRUE(read().changes_nothing());
  tensors[lora_b_name(up_[3])].value = 1e-30F;
  write(config_, tensors);
  EXPECT_FALSE(read().changes_nothing());
}

}  // namespace
}  // namespace lmc::spec
