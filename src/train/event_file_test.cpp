// The files read back by the format's own rules: framing and checksums of TFRecord, fields of
// event.proto. (TensorBoard's EventAccumulator reads them too; tried by hand with 2.21.)
#include "train/event_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <ctime>
#include <filesystem>
#include <map>

#include "base/files.h"  // read_file

namespace lmc::train {
namespace {

// Bit by bit, as the definition has it.
uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
  }
  return crc ^ 0xFFFFFFFF;
}

template <class Value>
Value take(std::string_view& bytes) {
  Value value{};
  if (bytes.size() < sizeof value) {
    ADD_FAILURE() << "cut short";
    bytes = {};
    return value;
  }
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

void expect_checksum(uint32_t masked, std::string_view of) {
  const uint32_t rotated = masked - 0xA282EAD8;
  EXPECT_EQ((rotated >> 17) | (rotated << 15), crc32c(of));
}

std::vector<std::string> records_of(std::string_view bytes) {
  std::vector<std::string> records;
  while (!bytes.empty()) {
    const std::string_view length_bytes = bytes.substr(0, 8);
    const auto length = take<uint64_t>(bytes);
    expect_checksum(take<uint32_t>(bytes), length_bytes);
    records.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(std::min<size_t>(length, bytes.size()));
    expect_checksum(take<uint32_t>(bytes), records.back());
  }
  return records;
}

uint64_t take_varint(std::string_view& bytes) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = take<uint8_t>(bytes);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

// Field number to its bytes: as they are for numbers of fixed width and for varints (8 bytes), the
// content of texts and messages.
std::map<int, std::string> fields_of(std::string_view message) {
  std::map<int, std::string> fields;
  while (!message.empty()) {
    const uint64_t key = take_varint(message);
    std::string value;
    if ((key & 7) == 0) {
      const uint64_t number = take_varint(message);
      value.assign(reinterpret_cast<const char*>(&number), sizeof number);
    } else {
      const size_t size = (key & 7) == 1 ? 8 : (key & 7) == 5 ? 4 : take_varint(message);
      value = message.substr(0, size);
      message.remove_prefix(std::min(size, message.size()));
    }
    fields[static_cast<int>(key >> 3)] = value;
  }
  return fields;
}

template <class Value>
Value number_in(const std::string& bytes) {
  std::string_view rest = bytes;
  return take<Value>(rest);
}

TEST(EventFile, HoldsWhatWasAdded) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283) << "the check value of CRC-32C";
  const std::string folder = testing::TempDir() + "event_file_test";
  std::filesystem::remove_all(folder);
  const auto before = static_cast<double>(std::time(nullptr));
  {
    EventFile events(folder);
    events.add_scalar("train/loss", 1, 2.5);
    events.add_scalar("train/loss", 300, -0.125);
    events.flush();
  }
  { EventFile again(folder); }  // a second start adds to the folder and loses nothing
  std::vector<std::string> records;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_TRUE(entry.path().filename().string().starts_with("events.out.tfevents."));
    for (const std::string& record : records_of(read_file(entry.path().string()))) {
      records.push_back(record);
    }
  }
  int starts = 0;
  std::map<int64_t, float> losses;
  for (const std::string& record : records) {
    const auto event = fields_of(record);
    EXPECT_GE(number_in<double>(event.at(1)), before);
    if (event.contains(3)) {
      EXPECT_EQ(event.at(3), "brain.Event:2");
      ++starts;
      continue;
    }
    const auto value = fields_of(fields_of(event.at(5)).at(1));
    EXPECT_EQ(value.at(1), "train/loss");
    losses[number_in<int64_t>(event.at(2))] = number_in<float>(value.at(2));
  }
  EXPECT_EQ(starts, 2);
  EXPECT_EQ(losses, (std::map<int64_t, float>{{1, 2.5F}, {300, -0.125F}}));
}

}  // namespace
}  // namespace lmc::train
