#include "text/tokenizer.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <sstream>

#include "base/check.h"    // InputError
#include "base/files.h"    // for_each_line, write_file
#include "base/json.h"     // parse_json
#include "text/unicode.h"  // normalize_nfc

namespace lmc::text {
namespace {

const std::string kGolden = LMC_SOURCE_DIR "/tests/golden/text";

std::string shared_data() {
  const char* folder = std::getenv("LMC_TEST_DATA");
  return folder != nullptr ? folder : LMC_SOURCE_DIR "/../shared/data";
}

// Each line: text, and the ids and the decoded text that huggingface `tokenizers` gives.
size_t expect_cases(const Tokenizer& tokenizer, const std::string& path) {
  size_t count = 0;
  for_each_line(path, [&](size_t number, std::string_view line) {
    const Json row = parse_json(line, path);
    const auto text = row["text"].get<std::string>();
    const auto ids = tokenizer.encode(text);
    EXPECT_EQ(ids, row["ids"].get<std::vector<int32_t>>()) << path << ":" << number << " " << text;
    if (row.contains("decoded")) {
      EXPECT_EQ(tokenizer.decode(ids), row["decoded"].get<std::string>()) << path << ":" << number;
    }
    StreamDecoder stream(tokenizer, false);
    std::string streamed;
    for (const int32_t id : ids) streamed += stream.push(id);
    EXPECT_EQ(streamed + stream.finish(), tokenizer.decode(ids)) << path << ":" << number;
    ++count;
  });
  return count;
}

TEST(Tokenizer, EqualsHuggingFaceOnASmallVocabulary) {
  const Tokenizer tokenizer = Tokenizer::load(kGolden);
  EXPECT_EQ(expect_cases(tokenizer, kGolden + "/cases.jsonl"), 400U);
}

TEST(Tokenizer, EqualsHuggingFaceOnTheRealVocabulary) {
  const std::string folder = shared_data();
  if (!file_exists(folder + "/qwen3_vl/vocab.json")) GTEST_SKIP() << "no " << folder << "/qwen3_vl";
  const Tokenizer from_pair = Tokenizer::load(folder + "/qwen3_vl");
  const Tokenizer from_json = Tokenizer::load(folder + "/qwen3_text");
  EXPECT_EQ(from_pair.encode("<|im_start|>user\n"), (std::vector<int32_t>{151644, 872, 198}));
  const std::string cases = folder + "/tokenizer_golden/derived_js_qwen3vl_cases.jsonl";
  size_t count = 0;
  for_each_line(cases, [&](size_t number, std::string_view line) {
    const Json row = parse_json(line, cases);
    if (!row.contains("text") || !row.contains("ids")) return;
    const auto text = row["text"].get<std::string>();
    const auto expected = row["ids"].get<std::vector<int32_t>>();
    EXPECT_EQ(from_pair.encode(text), expected) << cases << ":" << number;
    EXPECT_EQ(from_json.encode(text), expected) << cases << ":" << number;
    ++count;
  });
  EXPECT_GT(count, 300U);
}

TEST(Tokenizer, EqualsLlamaCppsQwen2Cases) {
  const std::string folder = shared_data();
  const std::string stem = folder + "/tokenizer_golden/llamacpp_qwen2";
  if (!file_exists(stem + ".inp")) GTEST_SKIP() << "no " << stem << ".inp";
  const Tokenizer tokenizer = Tokenizer::load(folder + "/qwen3_vl");
  const std::string separator = "\n__ggml_vocab_test__\n";
  std::string input = read_file(stem + ".inp");
  std::istringstream output(read_file(stem + ".out"));
  size_t count = 0;
  for (size_t at = 0; at < input.size(); ++count) {
    const size_t end = std::min(input.find(separator, at), input.size());
    std::string line;
    std::getline(output, line);
    std::istringstream numbers(line);
    const std::vector<int32_t> expected(std::istream_iterator<int32_t>(numbers), {});
    EXPECT_EQ(tokenizer.encode(input.substr(at, end - at), AddedTokens::kAsText), expected)
        << "case " << count;
    at = end + separator.size();
  }
  EXPECT_GT(count, 40U);
}

// For any vocabulary and any number of cases made by tools/golden/text_tokenizer.py.
TEST(Tokenizer, EqualsHuggingFaceOnCasesFromOutside) {
  const char* folder = std::getenv("LMC_TOKENIZER_FOLDER");
  const char* cases = std::getenv("LMC_TOKENIZER_CASES");
  if (folder == nullptr || cases == nullptr) GTEST_SKIP() << "no LMC_TOKENIZER_CASES";
  const size_t count = expect_cases(Tokenizer::load(folder), cases);
  EXPECT_GT(count, 0U);
  RecordProperty("cases", std::to_string(count));
}

TEST(Tokenizer, DecodeOfEncodeIsNormalFormC) {
  const Tokenizer tokenizer = Tokenizer::load(kGolden);
  // Every code point of three planes, in runs that let marks combine across each other.
  for (char32_t start = 0; start < 0x30000; start += 61) {
    std::u32string text;
    for (char32_t c = start; c < start + 61; ++c) {
      if (c < 0xD800 || c > 0xDFFF) text += c;
    }
    const auto ids = tokenizer.encode(encode_utf8(text), AddedTokens::kAsText);
    ASSERT_EQ(tokenizer.decode(ids), encode_utf8(normalize_nfc(text)))
        << static_cast<uint32_t>(start);
  }
}

TEST(Tokenizer, AddedTokensAreTextWhenAskedTo) {
  const Tokenizer tokenizer = Tokenizer::load(kGolden);
  const int32_t end = tokenizer.id_of("<|im_end|>").value();
  EXPECT_EQ(tokenizer.encode("<|im_end|>"), std::vector<int32_t>{end});
  const auto ids = tokenizer.encode("<|im_end|>", AddedTokens::kAsText);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), end), 0);
  EXPECT_EQ(tokenizer.decode(ids), "<|im_end|>");
}

TEST(Tokenizer, InvalidUtf8BecomesReplacementCharacters) {
  const Tokenizer tokenizer = Tokenizer::load(kGolden);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("a\xff"
                                              "b\xe2\x82")),
            "a\uFFFDb\uFFFD");
}

class BrokenTokenizer : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "lmc_text_" + std::to_string(::getpid());
    make_folder(folder_);
    json_ = read_json(kGolden + "/tokenizer.json");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string error() {
    write_file(folder_ + "/tokenizer.json", to_text(json_));
    try {
      Tokenizer::load(folder_);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }
  std::string folder_;
  Json json_;
};

TEST_F(BrokenTokenizer, NamesWhatIsNotOurs) {
  json_["model"]["type"] = "Unigram";
  EXPECT_NE(error().find("\"model\" is not that of a Qwen2 or Qwen3 tokenizer"), std::string::npos);
}

TEST_F(BrokenTokenizer, NamesAMissingByte) {
  json_["model"]["vocab"].erase("!");
  EXPECT_NE(error().find("byte 33 has no token"), std::string::npos) << error();
}

TEST_F(BrokenTokenizer, NamesAnotherSplitPattern) {
  json_["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "\\s+";
  EXPECT_NE(error().find("split pattern"), std::string::npos) << error();
}

TEST_F(BrokenTokenizer, NamesAMissingFile) {
  EXPECT_THROW(Tokenizer::load(folder_ + "/none"), InputError);
}

}  // namespace
}  // namespace lmc::text
