#include "archive/dicom_writer.h"

#include <algorithm>
#include <array>
#include <random>

#include "base/check.h"       // LMC_CHECK
#include "base/utf8_edges.h"  // whole_characters

namespace lmc::archive {

namespace {

constexpr char kExplicitLittleEndian[] = "1.2.840.10008.1.2.1";
// Of this implementation, made once by new_uid().
constexpr char kImplementation[] = "2.25.264537846209175423987316052870211937541";

void put16(uint32_t value, std::string& bytes) {
  bytes += static_cast<char>(value & 255);
  bytes += static_cast<char>(value >> 8 & 255);
}

void put32(uint32_t value, std::string& bytes) {
  put16(value & 0xFFFF, bytes);
  put16(value >> 16, bytes);
}

bool has_long_length(std::string_view vr) {
  return vr == "OB" || vr == "SQ" || vr == "UT" || vr == "UN" || vr == "UC";
}

std::string element(uint32_t tag, std::string_view vr, std::string value) {
  // Values have an even length; only UIDs and bytes are filled up with zeros.
  if (value.size() % 2 != 0) value += vr == "UI" || vr == "OB" ? '\0' : ' ';
  std::string bytes;
  put16(tag >> 16, bytes);
  put16(tag & 0xFFFF, bytes);
  bytes += vr;
  if (has_long_length(vr)) {
    put16(0, bytes);
    put32(static_cast<uint32_t>(value.size()), bytes);
  } else {
    put16(static_cast<uint32_t>(value.size()), bytes);
  }
  return bytes + value;
}

// In bytes, at most what the standard allows in characters.
size_t longest(std::string_view vr) {
  if (vr == "CS" || vr == "SH" || vr == "TM") return 16;
  if (vr == "LO" || vr == "PN" || vr == "UI") return 64;
  if (vr == "DA") return 8;
  if (vr == "IS") return 12;
  if (vr == "ST") return 1024;
  return size_t{1} << 24;
}

}  // namespace

void Dataset::set(uint32_t tag, std::string_view vr, std::string_view value) {
  LMC_CHECK(vr.size() == 2 && vr != "SQ", vr);
  elements_[tag] = element(tag, vr, std::string(whole_characters(value, longest(vr))));
}

void Dataset::set_items(uint32_t tag, const std::vector<Dataset>& items) {
  std::string body;
  for (const Dataset& item : items) {
    const std::string bytes = item.bytes();
    put16(0xFFFE, body);
    put16(0xE000, body);
    put32(static_cast<uint32_t>(bytes.size()), body);
    body += bytes;
  }
  elements_[tag] = element(tag, "SQ", std::move(body));
}

std::string Dataset::bytes() const {
  std::string all;
  for (const auto& [tag, bytes] : elements_) all += bytes;
  return all;
}

std::string dicom_file(const Dataset& dataset, std::string_view sop_class,
                       std::string_view sop_instance) {
  const std::string head =
      element(0x00020001, "OB", {'\0', '\1'}) + element(0x00020002, "UI", std::string(sop_class)) +
      element(0x00020003, "UI", std::string(sop_instance)) +
      element(0x00020010, "UI", kExplicitLittleEndian) +
      element(0x00020012, "UI", kImplementation) + element(0x00020013, "SH", "LITEMEDCOT");
  std::string length;
  put32(static_cast<uint32_t>(head.size()), length);
  return std::string(128, '\0') + "DICM" + element(0x00020000, "UL", length) + head +
         dataset.bytes();
}

std::string new_uid() {
  // 128 bits in big-endian words of 32: version 4, variant 1 (RFC 9562).
  std::random_device device;
  std::array<uint32_t, 4> words = {device(), device(), device(), device()};
  words[1] = (words[1] & 0xFFFF0FFF) | 0x4000;
  words[2] = (words[2] & 0x3FFFFFFF) | 0x80000000;
  std::string digits;
  while (std::any_of(words.begin(), words.end(), [](uint32_t word) { return word != 0; })) {
    uint64_t rest = 0;  // of a long division by ten
    for (uint32_t& word : words) {
      rest = rest << 32 | word;
      word = static_cast<uint32_t>(rest / 10);
      rest %= 10;
    }
    digits += static_cast<char>('0' + rest);
  }
  std::reverse(digits.begin(), digits.end());
  return "2.25." + digits;
}

}  // namespace lmc::archive
