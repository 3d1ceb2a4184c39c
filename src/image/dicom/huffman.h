// The Huffman codes of a JPEG scan and the bits between its markers.
//
// Source: ITU-T T.81, annexes C and F.2.2.
// Errors: InputError for data that ends too early or has a code of no symbol.
// Threads: an object belongs to one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"  // InputError

namespace lmc::image::dicom {

[[noreturn]] inline void fail_jpeg(std::string_view where, std::string_view problem) {
  throw InputError(where, cat("broken DICOM: its JPEG frame ", problem));
}

// For every 16 bits that may come next: the code's length in the high byte, its symbol in the low.
// Length 0: no code begins so.
class HuffmanTable {
 public:
  HuffmanTable() : entries_(size_t{1} << 16U) {}

  // `counts`: of the codes of each length 1 to 16; false when they do not fit.
  bool fill(std::string_view counts, std::string_view symbols) {
    std::fill(entries_.begin(), entries_.end(), uint16_t{0});
    size_t next = 0;
    size_t at = 0;
    for (unsigned length = 1; length <= 16; ++length) {
      const size_t span = size_t{1} << (16 - length);
      for (unsigned i = 0; i < static_cast<unsigned char>(counts[length - 1]); ++i) {
        if (next + span > entries_.size()) return false;
        const auto symbol = static_cast<unsigned char>(symbols[at++]);
        std::fill_n(entries_.begin() + static_cast<std::ptrdiff_t>(next), span,
                    static_cast<uint16_t>(length << 8U | symbol));
        next += span;
      }
    }
    is_filled_ = true;
    return true;
  }

  bool is_filled() const { return is_filled_; }
  uint16_t entry(uint32_t next_16_bits) const { return entries_[next_16_bits]; }

 private:
  std::vector<uint16_t> entries_;
  bool is_filled_ = false;
};

// The bits of a scan, up to its next marker.
class BitReader {
 public:
  BitReader(std::string_view bytes, size_t at, std::string_view where)
      : bytes_(bytes), at_(at), where_(where) {}

  uint32_t symbol(const HuffmanTable& table) {
    const uint16_t entry = table.entry(peek_16());
    if (entry == 0) fail_jpeg(where_, "has a code of no symbol");
    take(entry >> 8U);
    return entry & 0xffU;
  }

  // A number of 0 to 16 bits, in T.81's form: the lower half is negative.
  int32_t number(uint32_t size) {
    if (size == 0) return 0;
    const uint32_t bits = peek_16() >> (16 - size);
    take(size);
    const uint32_t half = 1U << (size - 1);
    const auto value = static_cast<int32_t>(bits);
    return bits >= half ? value : value - static_cast<int32_t>((half << 1U) - 1);
  }

  // Behind the restart marker that must come next.
  void restart() {
    while (count_ <= 48) fill();
    if (count_ - padding_ >= 8) fail_jpeg(where_, "has no restart marker where one belongs");
    if (!is_marker(0xD0, 0xD7)) fail_jpeg(where_, "has no restart marker where one belongs");
    at_ += 2;
    bits_ = 0;
    count_ = 0;
    padding_ = 0;
  }

  // Where the marker behind the scan begins; bytes before it are passed over.
  size_t end() const {
    size_t at = at_;
    while (at + 1 < bytes_.size() &&
           !(byte_at(at) == 0xFF && byte_at(at + 1) != 0 && byte_at(at + 1) != 0xFF)) {
      ++at;
    }
    return at;
  }

 private:
  unsigned byte_at(size_t at) const { return static_cast<unsigned char>(bytes_[at]); }

  bool is_marker(unsigned from, unsigned to) const {
    return at_ + 1 < bytes_.size() && byte_at(at_) == 0xFF && byte_at(at_ + 1) >= from &&
           byte_at(at_ + 1) <= to;
  }

  // One more byte; zeros behind the last, which may be looked at but not taken.
  void fill() {
    uint64_t byte = 0;
    const bool is_stuffed = is_marker(0, 0);
    if (at_ < bytes_.size() && (byte_at(at_) != 0xFF || is_stuffed)) {
      byte = byte_at(at_);
      at_ += is_stuffed ? 2 : 1;
    } else {
      padding_ += 8;
    }
    bits_ = bits_ << 8U | byte;
    count_ += 8;
  }

  uint32_t peek_16() {
    while (count_ < 16) fill();
    return static_cast<uint32_t>(bits_ >> (count_ - 16)) & 0xffffU;
  }

  void take(uint32_t size) {
    count_ -= size;
    if (count_ < padding_) fail_jpeg(where_, "ends too early");
  }

  std::string_view bytes_;
  size_t at_;
  std::string_view where_;
  uint64_t bits_ =
      0;  // the lowest `count_` are still to come, of which the last `padding_` are none
  uint32_t count_ = 0;
  uint32_t padding_ = 0;
};

}  // namespace lmc::image::dicom
