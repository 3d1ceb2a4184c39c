// GGUF files read back by a reader of this test's own, from the format's specification.
// tools/compare/gguf_files.py compares them with llama.cpp's converter.
#include "export/gguf_export.h"

#include <gmock/gmock.h>

#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/check.h"             // InputError
#include "base/files.h"             // read_file, write_file
#include "export/merged_tensors.h"  // MergedTensors
#include "tensorio/dtype.h"         // float_from_f16

namespace lmc::exporting {
namespace {

using testing::HasSubstr;

constexpr char kModel[] = LMC_SOURCE_DIR "/assets/phantom/student";

struct ReadTensor {
  std::vector<uint64_t> sides;  // fastest first
  uint32_t type = 0;
  std::vector<float> values;
};

struct ReadFile {
  std::map<std::string, std::string> texts;
  std::map<std::string, double> numbers;
  std::map<std::string, std::vector<std::string>> lists;  // of texts
  std::map<std::string, ReadTensor> tensors;
};

class Reader {
 public:
  explicit Reader(std::string bytes) : bytes_(std::move(bytes)) {}

  ReadFile read() {
    ReadFile file;
    EXPECT_EQ(take_bytes(4), "GGUF");
    EXPECT_EQ(take<uint32_t>(), 3U);
    const auto tensors = take<uint64_t>(), pairs = take<uint64_t>();
    for (uint64_t i = 0; i < pairs; ++i) {
      const std::string key = take_text();
      take_value(file, key, take<uint32_t>());
    }
    std::vector<std::pair<std::string, uint64_t>> places;
    for (uint64_t i = 0; i < tensors; ++i) {
      const std::string name = take_text();
      ReadTensor& tensor = file.tensors[name];
      const auto sides = take<uint32_t>();
      for (uint32_t side = 0; side < sides; ++side) tensor.sides.push_back(take<uint64_t>());
      tensor.type = take<uint32_t>();
      places.emplace_back(name, take<uint64_t>());
    }
    const size_t begin = (at_ + 31) / 32 * 32;
    for (const auto& [name, offset] : places) {
      EXPECT_EQ(offset % 32, 0U);
      at_ = begin + offset;
      read_values(file.tensors[name]);
    }
    EXPECT_EQ((at_ + 31) / 32 * 32, bytes_.size()) << "nothing behind the last tensor";
    return file;
  }

 private:
  template <class T>
  T take() {
    T value;
    std::memcpy(&value, take_bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::string take_bytes(size_t count) {
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  std::string take_text() { return take_bytes(take<uint64_t>()); }

  void take_value(ReadFile& file, const std::string& key, uint32_t type) {
    switch (type) {
      case 4:
        file.numbers[key] = take<uint32_t>();
        return;
      case 5:
        file.numbers[key] = take<int32_t>();
        return;
      case 6:
        file.numbers[key] = take<float>();
        return;
      case 7:
        file.numbers[key] = take<uint8_t>();
        return;
      case 8:
        file.texts[key] = take_text();
        return;
      case 9: {
        const auto element = take<uint32_t>();
        const auto count = take<uint64_t>();
        for (uint64_t i = 0; i < count; ++i) {
          take_value(file, cat(key, "[", i, "]"), element);
          if (element == 8) file.lists[key].push_back(file.texts[cat(key, "[", i, "]")]);
        }
        return;
      }
      default:
        FAIL() << key << " is of type " << type;
    }
  }

  void read_values(ReadTensor& tensor) {
    uint64_t count = 1;
    for (const uint64_t side : tensor.sides) count *= side;
    while (tensor.values.size() < count) {
      if (tensor.type == 0) {
        tensor.values.push_back(take<float>());
      } else if (tensor.type == 1) {
        tensor.values.push_back(tensorio::float_from_f16(take<uint16_t>()));
      } else if (tensor.type == 30) {
        tensor.values.push_back(tensorio::float_from_bf16(take<uint16_t>()));
      } else if (tensor.type == 8) {
        const float scale = tensorio::float_from_f16(take<uint16_t>());
        for (int i = 0; i < 32; ++i) tensor.values.push_back(scale * take<int8_t>());
      } else {
        ASSERT_EQ(tensor.type, 2U);
        const float scale = tensorio::float_from_f16(take<uint16_t>());
        const std::string pairs = take_bytes(16);
        for (const int shift : {0, 4}) {
          for (const char pair : pairs) {
            const int nibble = static_cast<uint8_t>(pair) >> shift & 15;
            tensor.values.push_back(scale * static_cast<float>(nibble - 8));
          }
        }
      }
    }
  }

  std::string bytes_;
  size_t at_ = 0;
};

class GgufExportTest : public testing::Test {
 protected:
  GgufExportTest() : folder_(testing::TempDir() + cat("lmc_gguf_", ::getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~GgufExportTest() override { std::filesystem::remove_all(folder_); }

  std::string out() const { return folder_ + "/student.gguf"; }
  GgufExported export_as(GgufWeights weights) {
    return export_gguf({kModel, "", out(), weights}, [](int64_t, int64_t) {});
  }

  std::string folder_;
};

// Half a step of rounding, and what the scale's own rounding to f16 (2^-11) moves the largest
// integer by.
double most_change(uint32_t type, double largest) {
  switch (type) {
    case 0:
      return 0;
    case 1:
      return largest * 0x1p-11;
    case 30:
      return largest * 0x1p-8;
    case 8:
      return largest / 127 * 0.5 + largest * 0x1p-11;
    default:
      // The side opposite to the largest ends at 7 of 8: it may be cut by a whole step.
      return largest / 8 + largest * 0x1p-11;
  }
}

TEST_F(GgufExportTest, EveryTensorIsThere) {
  for (const GgufWeights weights : {GgufWeights::kF32, GgufWeights::kF16, GgufWeights::kBF16,
                                    GgufWeights::kQ8_0, GgufWeights::kQ4_0}) {
    const GgufExported made = export_as(weights);
    const ReadFile text = Reader(read_file(out())).read();
    const ReadFile vision = Reader(read_file(made.vision_path)).read();
    const MergedTensors source(kModel, "");
    size_t found = 0;
    for (const spec::TensorSpec& tensor : source.tensors()) {
      const int64_t rows = MergedTensors::num_rows(tensor);
      std::vector<float> values(static_cast<size_t>(tensor.num_elements()));
      source.read_rows(tensor, 0, rows, values.data());
      for (const GgufSource& made_of : gguf_sources(tensor, source.config().vision, weights)) {
        const ReadFile& file = made_of.is_vision ? vision : text;
        ASSERT_TRUE(file.tensors.contains(made_of.tensor.name)) << made_of.tensor.name;
        const ReadTensor& read = file.tensors.at(made_of.tensor.name);
        ++found;
        EXPECT_TRUE(std::equal(read.sides.begin(), read.sides.end(), made_of.tensor.shape.rbegin(),
                               made_of.tensor.shape.rend()));
        const size_t frames = made_of.frame ? 2 : 1;
        ASSERT_EQ(read.values.size() * frames, values.size()) << tensor.name;
        // Of the frame [width, channels, frames, pixels].
        const size_t pixels = made_of.frame ? static_cast<size_t>(tensor.shape[3] * tensor.shape[4])
                                            : read.values.size();
        const auto frame = static_cast<size_t>(made_of.frame.value_or(0));
        for (size_t block = 0; block < read.values.size(); block += 32) {
          const auto expected = [&](size_t i) {
            return values[(i / pixels * frames + frame) * pixels + i % pixels];
          };
          const size_t end = std::min(block + 32, read.values.size());
          double largest = 0;
          for (size_t i = block; i < end; ++i) {
            largest = std::max(largest, std::abs(double{expected(i)}));
          }
          for (size_t i = block; i < end; ++i) {
            ASSERT_NEAR(read.values[i], expected(i), most_change(read.type, largest))
                << made_of.tensor.name << " at " << i;
          }
        }
      }
    }
    EXPECT_EQ(found, text.tensors.size() + vision.tensors.size());
    EXPECT_EQ(static_cast<int64_t>(found), made.tensors);
    std::filesystem::remove(out());
    std::filesystem::remove(made.vision_path);
  }
}

TEST_F(GgufExportTest, SaysWhatAModelIs) {
  const GgufExported made = export_as(GgufWeights::kQ8_0);
  EXPECT_THAT(made.vision_path, HasSubstr("mmproj-student.gguf"));
  const ReadFile text = Reader(read_file(out())).read();
  const ReadFile vision = Reader(read_file(made.vision_path)).read();
  const spec::ModelConfig config = spec::read_model_config(kModel);
  EXPECT_EQ(text.texts.at("general.architecture"), "qwen3vl");
  EXPECT_EQ(text.numbers.at("qwen3vl.block_count"), config.text.num_layers);
  EXPECT_EQ(text.numbers.at("qwen3vl.n_deepstack_layers"),
            static_cast<double>(config.vision.deepstack_indexes.size()));
  const auto& tokens = text.lists.at("tokenizer.ggml.tokens");
  EXPECT_EQ(static_cast<int64_t>(tokens.size()), config.text.vocab_size);
  EXPECT_EQ(tokens.at(static_cast<size_t>(config.image_token_id)), "<|image_pad|>");
  EXPECT_EQ(tokens.at(static_cast<size_t>(text.numbers.at("tokenizer.ggml.eos_token_id"))),
            "<|im_end|>");
  EXPECT_THAT(text.texts.at("tokenizer.chat_template"), HasSubstr("<|im_start|>"));
  EXPECT_EQ(vision.texts.at("general.architecture"), "clip");
  EXPECT_EQ(vision.texts.at("clip.projector_type"), "qwen3vl_merger");
  EXPECT_EQ(vision.numbers.at("clip.vision.block_count"), config.vision.depth);
  for (const int64_t block : config.vision.deepstack_indexes) {
    EXPECT_EQ(vision.numbers.at(cat("clip.vision.is_deepstack_layers[", block, "]")), 1);
  }
}

TEST_F(GgufExportTest, NothingIsReplaced) {
  write_file(folder_ + "/mmproj-student.gguf", "mine");
  EXPECT_THROW(export_as(GgufWeights::kF16), InputError);
  EXPECT_FALSE(std::filesystem::exists(out()));
  EXPECT_EQ(read_file(folder_ + "/mmproj-student.gguf"), "mine");
}

}  // namespace
}  // namespace lmc::exporting
