#include "train/event_file.h"

#include <unistd.h>

#include <array>
#include <bit>

#include "base/check.h"  // InputError
#include "base/clock.h"  // precise_seconds_since_1970
#include "base/files.h"  // make_folder

namespace lmc::train {

namespace {

// CRC-32C (Castagnoli), reflected.
uint32_t crc32c(std::string_view bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> made{};
    for (uint32_t i = 0; i < made.size(); ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82F63B78U : 0);
      made[i] = value;
    }
    return made;
  }();
  uint32_t crc = ~uint32_t{0};
  for (const char byte : bytes) {
    crc = table[(crc ^ static_cast<uint8_t>(byte)) & 0xFF] ^ (crc >> 8);
  }
  return ~crc;
}

// So that a checksum of data that holds checksums stays a good one.
uint32_t masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U; }

template <class Value>
void append_little_endian(std::string& bytes, Value value) {
  for (size_t i = 0; i < sizeof value; ++i) {
    bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
  }
}

void append_varint(std::string& bytes, uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
}

// Protocol buffer fields: the number with the wire type in its low three bits, then the value.
void append_double(std::string& bytes, int field, double value) {
  append_varint(bytes, static_cast<uint64_t>(field << 3 | 1));
  append_little_endian(bytes, std::bit_cast<uint64_t>(value));
}
void append_float(std::string& bytes, int field, float value) {
  append_varint(bytes, static_cast<uint64_t>(field << 3 | 5));
  append_little_endian(bytes, std::bit_cast<uint32_t>(value));
}
void append_integer(std::string& bytes, int field, int64_t value) {
  append_varint(bytes, static_cast<uint64_t>(field << 3));
  append_varint(bytes, static_cast<uint64_t>(value));
}
void append_bytes(std::string& bytes, int field, std::string_view value) {
  append_varint(bytes, static_cast<uint64_t>(field << 3 | 2));
  append_varint(bytes, value.size());
  bytes += value;
}

}  // namespace

EventFile::EventFile(const std::string& folder) {
  make_folder(folder);
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  const std::string path =
      cat(folder, "/events.out.tfevents.", seconds_since_1970(), ".", host.data());
  // A run started twice within a second goes on in the same file.
  out_.open(path, std::ios::binary | std::ios::app);
  if (!out_) throw InputError(path, "cannot be written");
  std::string event;
  append_double(event, 1, precise_seconds_since_1970());
  append_bytes(event, 3, "brain.Event:2");
  write_record(event);
}

void EventFile::add_scalar(std::string_view tag, int64_t step, double value) {
  std::string one;  // Summary.Value
  append_bytes(one, 1, tag);
  append_float(one, 2, static_cast<float>(value));
  std::string summary;
  append_bytes(summary, 1, one);
  std::string event;
  append_double(event, 1, precise_seconds_since_1970());
  append_integer(event, 2, step);
  append_bytes(event, 5, summary);
  write_record(event);
}

void EventFile::write_record(std::string_view record) {
  std::string bytes;
  append_little_endian(bytes, static_cast<uint64_t>(record.size()));
  append_little_endian(bytes, masked(crc32c(bytes)));
  bytes += record;
  append_little_endian(bytes, masked(crc32c(record)));
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace lmc::train
