#include "tensorio/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/check.h"   // InputError, InternalError
#include "base/random.h"  // Random

namespace lmc::tensorio {
namespace {

using testing::HasSubstr;

// This process's own folder, gone when it ends.
std::string temporary(const std::string& name) {
  struct Folder {
    Folder() { make_folder(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    const std::string path = testing::TempDir() + cat("lmc_tensorio_", ::getpid());
  };
  static const Folder folder;
  return folder.path + "/" + name;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string golden() {
  return std::string(LMC_SOURCE_DIR) + "/tests/golden/tensorio/python.safetensors";
}

template <class T>
std::vector<T> values(const TensorView& tensor) {
  std::vector<T> result(tensor.bytes.size() / sizeof(T));
  std::memcpy(result.data(), tensor.bytes.data(), tensor.bytes.size());
  return result;
}

TEST(Safetensors, ReadsWhatPythonWrote) {
  const SafetensorsFile file(golden());
  EXPECT_THAT(file.metadata().at("origin"), HasSubstr("tools/golden/tensorio.py"));
  const auto& tensors = file.tensors();
  ASSERT_EQ(tensors.size(), 12u);
  using testing::ElementsAre;
  EXPECT_THAT(values<int8_t>(tensors.at("i8")), ElementsAre(-2, -1, 0, 1, 2, 3));
  EXPECT_THAT(values<int16_t>(tensors.at("i16")), ElementsAre(-2, -1, 0, 1, 2, 3));
  EXPECT_THAT(values<int32_t>(tensors.at("i32")), ElementsAre(-2, -1, 0, 1, 2, 3));
  EXPECT_THAT(values<int64_t>(tensors.at("i64")), ElementsAre(-2, -1, 0, 1, 2, 3));
  EXPECT_THAT(values<float>(tensors.at("f32")), ElementsAre(-2, -1, 0, 1, 2, 3));
  EXPECT_THAT(values<double>(tensors.at("f64")), ElementsAre(-2, -1, 0, 1, 2, 3));
  EXPECT_THAT(values<uint8_t>(tensors.at("u8")), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(values<uint8_t>(tensors.at("bool")), ElementsAre(0, 1, 0, 1, 0));
  EXPECT_EQ(float_from_f16(values<uint16_t>(tensors.at("f16"))[0]), -2);
  EXPECT_EQ(float_from_bf16(values<uint16_t>(tensors.at("bf16"))[5]), 3);
  EXPECT_THAT(tensors.at("f32").info.shape, ElementsAre(2, 3));
  EXPECT_THAT(tensors.at("empty").info.shape, ElementsAre(0, 3));
  EXPECT_TRUE(tensors.at("empty").bytes.empty());
  EXPECT_TRUE(tensors.at("scalar").info.shape.empty());
  EXPECT_EQ(values<float>(tensors.at("scalar")).at(0), -2);
}

// Python reads what we write, because for the same tensors we write the same bytes as it does.
TEST(Safetensors, WritesTheBytesThatPythonWrites) {
  const SafetensorsFile file(golden());
  std::vector<const TensorView*> in_file_order;
  for (const auto& [name, tensor] : file.tensors()) in_file_order.push_back(&tensor);
  // Where an empty tensor shares its place with another one, the header tells the order.
  const std::string raw = read_file(golden());
  std::sort(in_file_order.begin(), in_file_order.end(), [&](const auto* a, const auto* b) {
    return raw.find("\"" + a->info.name + "\":") < raw.find("\"" + b->info.name + "\":");
  });
  std::vector<TensorInfo> infos;
  for (const TensorView* tensor : in_file_order) infos.push_back(tensor->info);

  const std::string path = temporary("rewritten.safetensors");
  SafetensorsWriter writer(path, infos, file.metadata());
  for (const TensorView* tensor : in_file_order) writer.write(tensor->bytes);
  writer.finish();
  EXPECT_EQ(read_file(path), raw);
}

TEST(Safetensors, RoundTripInPieces) {
  const std::string path = temporary("round_trip.safetensors");
  std::filesystem::remove(path);
  const std::vector<TensorInfo> infos{{"b", Dtype::kU8, {3}}, {"a", Dtype::kF32, {1, 2}}};
  SafetensorsWriter writer(path, infos, {{"format", "pt"}, {"note", "two\nlines"}});
  const std::string first = "xyz12";
  const std::string second = "345678";
  writer.write(bytes_of(first));  // pieces need not end where tensors do
  EXPECT_FALSE(file_exists(path)) << "the file must not appear before it is complete";
  writer.write(bytes_of(second));
  writer.finish();

  const SafetensorsFile file(path);
  EXPECT_EQ(text_of(file.tensors().at("b").bytes), "xyz");
  EXPECT_EQ(text_of(file.tensors().at("a").bytes), "12345678");
  EXPECT_EQ(file.metadata().at("note"), "two\nlines");
}

TEST(Safetensors, WriterChecksItsCaller) {
  const std::string path = temporary("never.safetensors");
  {
    SafetensorsWriter writer(path, {{"a", Dtype::kU8, {4}}});
    EXPECT_THROW(writer.finish(), InternalError);
    EXPECT_THROW(writer.write(bytes_of("12345")), InternalError);
  }
  EXPECT_THROW(SafetensorsWriter(path, {{"a", Dtype::kU8, {1}}, {"a", Dtype::kU8, {1}}}),
               InternalError);
  EXPECT_THROW(SafetensorsWriter(path, {{"a", Dtype::kU8, {-1}}}), InternalError);
  EXPECT_FALSE(file_exists(path));
}

// A file with this header and so many bytes of data.
std::string file_with(const std::string& header, size_t data_bytes) {
  std::string text(8, '\0');
  for (size_t i = 0; i < 8; ++i) text[i] = static_cast<char>(header.size() >> (8 * i));
  return text + header + std::string(data_bytes, 'd');
}

std::string error_of(const std::string& content) {
  const std::string path = temporary("damaged.safetensors");
  write_file(path, content);
  try {
    const SafetensorsFile file(path);
  } catch (const InputError& error) {
    const std::string line = error.what();
    EXPECT_THAT(line, testing::StartsWith(path));
    EXPECT_EQ(line.find('\n'), std::string::npos);
    return line.substr(path.size());
  }
  return "no error";
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

std::string header_error(const std::string& entries, size_t data_bytes) {
  return error_of(file_with("{" + entries + "}", data_bytes));
}

TEST(SafetensorsDamage, ContainerSizes) {
  EXPECT_THAT(error_of(""), HasSubstr("found 0 bytes"));
  EXPECT_THAT(error_of("1234567"), HasSubstr("found 7 bytes"));
  EXPECT_THAT(error_of(file_with("{}", 0).substr(0, 9)),
              HasSubstr("header size is 2, but only 1 bytes follow"));
  EXPECT_THAT(error_of(std::string(16, '\xff')), HasSubstr("more than the format's 100000000"));
  EXPECT_THAT(error_of(std::string("\x01\xe1\xf5\x05\0\0\0\0", 8)),  // 100,000,001
              HasSubstr("header size is 100000001"));
}

TEST(SafetensorsDamage, HeaderJson) {
  EXPECT_THAT(error_of(file_with("{\"a\":", 0)), HasSubstr("not valid JSON at byte"));
  EXPECT_THAT(error_of(file_with("", 0)), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of(file_with("[]", 0)), HasSubstr("expected an object of tensors"));
  EXPECT_THAT(error_of(file_with("{\"\xff\":1}", 0)), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of(file_with("{\"a\":1e999}", 0)), HasSubstr("out of range"));
  EXPECT_THAT(error_of(file_with(std::string(100000, '['), 0)), HasSubstr("nested too deeply"));
  const std::string a = tensor("a", "U8", "[1]", "[0,1]");
  EXPECT_THAT(header_error(a + "," + a, 1), HasSubstr("key \"a\" appears twice"));
  EXPECT_THAT(header_error("\"__metadata__\":{\"k\":1}", 0), HasSubstr("\"k\" is not a string"));
  EXPECT_THAT(header_error("\"__metadata__\":[]", 0), HasSubstr("is not an object"));
}

TEST(SafetensorsDamage, TensorEntries) {
  EXPECT_THAT(header_error("\"a\":1", 0), HasSubstr("tensor \"a\": expected exactly dtype"));
  EXPECT_THAT(header_error("\"a\":{\"dtype\":\"U8\",\"shape\":[]}", 0), HasSubstr("exactly"));
  EXPECT_THAT(header_error(tensor("a", "F7", "[1]", "[0,1]"), 1),
              HasSubstr("dtype \"F7\" is not supported"));
  EXPECT_THAT(header_error(tensor("a", "U8", "[-1]", "[0,1]"), 1), HasSubstr("shape holds -1"));
  EXPECT_THAT(header_error(tensor("a", "U8", "[1.5]", "[0,1]"), 1), HasSubstr("shape holds 1.5"));
  EXPECT_THAT(header_error(tensor("a", "U8", "1", "[0,1]"), 1), HasSubstr("shape is not a list"));
  EXPECT_THAT(header_error(tensor("a", "U8", "[18446744073709551615]", "[0,1]"), 1),
              HasSubstr("shape holds 18446744073709551615"));
  EXPECT_THAT(header_error(tensor("a", "F64", "[4294967296,4294967296]", "[0,1]"), 1),
              HasSubstr("impossibly large"));
  EXPECT_THAT(header_error(tensor("a", "F32", "[2,3]", "[0,20]"), 20),
              HasSubstr("F32 [2, 3] takes 24 bytes, but data_offsets span 20"));
  EXPECT_THAT(header_error(tensor("a", "U8", "[1]", "[1,0]"), 1), HasSubstr("begin <= end"));
  EXPECT_THAT(header_error(tensor("a", "U8", "[1]", "[0]"), 1), HasSubstr("begin <= end"));
  EXPECT_THAT(header_error(tensor("a", "U8", "[9]", "[0,9]"), 8),
              HasSubstr("data_offsets end at 9, but the file holds 8 bytes"));
}

TEST(SafetensorsDamage, Coverage) {
  const auto two = [](const std::string& first, const std::string& second) {
    return tensor("a", "U8", "[4]", first) + "," + tensor("b", "U8", "[4]", second);
  };
  EXPECT_EQ(header_error(two("[0,4]", "[4,8]"), 8), "no error");
  EXPECT_EQ(header_error(two("[4,8]", "[0,4]"), 8), "no error");
  EXPECT_THAT(header_error(two("[0,4]", "[2,6]"), 6),
              HasSubstr("tensor \"b\": begins at byte 2 inside the tensor before it"));
  EXPECT_THAT(header_error(two("[0,4]", "[0,4]"), 4), HasSubstr("inside the tensor before it"));
  EXPECT_THAT(header_error(two("[0,4]", "[6,10]"), 10), HasSubstr("ends at 4: a gap"));
  EXPECT_THAT(header_error(two("[1,5]", "[5,9]"), 9), HasSubstr("a gap"));
  EXPECT_THAT(header_error(two("[0,4]", "[4,8]"), 11), HasSubstr("3 bytes follow the last tensor"));
}

// A damaged file is read or refused with an InputError; anything else ends the test.
TEST(SafetensorsDamage, RandomByteFlips) {
  const std::string whole = read_file(golden());
  // A file in memory: creating thousands on a disk would take most of the test's time.
  const int descriptor = ::memfd_create("flipped", 0);
  ASSERT_GE(descriptor, 0);
  const std::string path = cat("/proc/self/fd/", descriptor);
  Random random = Random::named(1, "safetensors flips");
  int refused = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string text = whole;
    const int64_t flips = random.integer(1, 3);
    // Most of the file is header; so are most of the flips.
    for (int64_t k = 0; k < flips; ++k) {
      text[static_cast<size_t>(random.integer(0, static_cast<int64_t>(text.size()) - 1))] =
          static_cast<char>(random.integer(0, 255));
    }
    if (random.chance(0.1)) {
      text.resize(static_cast<size_t>(random.integer(0, static_cast<int64_t>(text.size()))));
    }
    ASSERT_EQ(::ftruncate(descriptor, static_cast<off_t>(text.size())), 0);
    ASSERT_EQ(::pwrite(descriptor, text.data(), text.size(), 0), std::ssize(text));
    try {
      const SafetensorsFile file(path);
      size_t total = 0;
      for (const auto& [name, tensor] : file.tensors()) {
        for (const std::byte byte : tensor.bytes) total += std::to_integer<size_t>(byte);
      }
      EXPECT_LT(total, 256 * text.size());
    } catch (const InputError&) {
      ++refused;
    }
  }
  ::close(descriptor);
  EXPECT_GT(refused, 2500);
}

}  // namespace
}  // namespace lmc::tensorio
