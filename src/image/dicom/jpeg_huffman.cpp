// The two kinds of JPEG that Debian 12's libjpeg-turbo does not decode: lossless (process 14) of 2
// to 16 bits, and sequential DCT of 12 bits with one component.
// Source: ITU-T T.81: annex B (markers), F.2 (Huffman decoding, sequential DCT), H (lossless), A.3.3
//         (inverse DCT).
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "image/dicom/codecs.h"
#include "image/dicom/huffman.h"  // HuffmanTable, BitReader

namespace lmc::image::dicom {

namespace {

struct Component {
  uint32_t id = 0;
  uint32_t quantisation = 0;
};

struct ScanComponent {
  size_t index = 0;  // among the frame's
  uint32_t dc = 0;
  uint32_t ac = 0;
};

constexpr std::array<uint8_t, 64> kZigzag = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

using Block = std::array<double, 64>;

// cosines[x][u] = C(u) / 2 * cos((2 x + 1) u pi / 16)
const Block& cosines() {
  static const Block table = [] {
    Block values;
    for (size_t x = 0; x < 8; ++x) {
      for (size_t u = 0; u < 8; ++u) {
        const double scale = u == 0 ? std::numbers::sqrt2 / 4 : 0.5;
        values[8 * x + u] =
            scale * std::cos(static_cast<double>((2 * x + 1) * u) * std::numbers::pi / 16);
      }
    }
    return values;
  }();
  return table;
}

// `block`: coefficients, vertical frequencies down; then values.
void inverse_dct(Block& block) {
  Block half{};
  for (size_t v = 0; v < 8; ++v) {
    for (size_t x = 0; x < 8; ++x) {
      double sum = 0;
      for (size_t u = 0; u < 8; ++u) sum += block[8 * v + u] * cosines()[8 * x + u];
      half[8 * v + x] = sum;
    }
  }
  for (size_t y = 0; y < 8; ++y) {
    for (size_t x = 0; x < 8; ++x) {
      double sum = 0;
      for (size_t v = 0; v < 8; ++v) sum += half[8 * v + x] * cosines()[8 * y + v];
      block[8 * y + x] = sum;
    }
  }
}

class Decoder {
 public:
  Decoder(std::string_view bytes, const PixelFormat& format, std::string_view where)
      : bytes_(bytes), format_(format), where_(where), dc_(4), ac_(4) {}

  Samples decode() {
    if (!bytes_.starts_with("\xFF\xD8")) fail_jpeg(where_, "does not begin as one");
    size_t at = 2;
    while (num_decoded_ < static_cast<size_t>(format_.samples_per_pixel)) {
      while (at < bytes_.size() && byte_at(at) == 0xFF) ++at;
      if (at + 2 >= bytes_.size() || byte_at(at - 1) != 0xFF) fail_jpeg(where_, "ends too early");
      const unsigned marker = byte_at(at++);
      const size_t length = word_at(at);
      if (length < 2 || length > bytes_.size() - at) fail_jpeg(where_, "is damaged");
      const std::string_view segment = bytes_.substr(at + 2, length - 2);
      at += length;
      if (marker == 0xDA) {
        at = read_scan(segment, at);
      } else {
        read_segment(marker, segment);
      }
    }
    return std::move(samples_);
  }

 private:
  unsigned byte_at(size_t at) const { return static_cast<unsigned char>(bytes_[at]); }
  size_t word_at(size_t at) const {
    return at + 1 < bytes_.size() ? static_cast<size_t>(byte_at(at)) << 8U | byte_at(at + 1) : 0;
  }

  void read_segment(unsigned marker, std::string_view segment) {
    switch (marker) {
      case 0xC0:
      case 0xC1:
      case 0xC3:
        read_frame(segment, marker == 0xC3);
        break;
      case 0xC2:
      case 0xC5:
      case 0xC6:
      case 0xC7:
      case 0xC9:
      case 0xCA:
      case 0xCB:
      case 0xCD:
      case 0xCE:
      case 0xCF:
        fail_jpeg(where_, "is of a kind that is not read");
      case 0xC4:
        read_huffman_tables(segment);
        break;
      case 0xDB:
        read_quantisation(segment);
        break;
      case 0xDD:
        if (segment.size() < 2) fail_jpeg(where_, "is damaged");
        restart_interval_ = number_at(segment, 0, 2);
        break;
      default:
        break;
    }
  }

  static uint32_t number_at(std::string_view segment, size_t at, size_t size) {
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      value = value << 8U | static_cast<unsigned char>(segment[at + i]);
    }
    return value;
  }

  void read_frame(std::string_view segment, bool is_lossless) {
    if (!components_.empty() || segment.size() < 6) fail_jpeg(where_, "is damaged");
    is_lossless_ = is_lossless;
    precision_ = number_at(segment, 0, 1);
    const uint32_t count = number_at(segment, 5, 1);
    if (number_at(segment, 1, 2) != static_cast<uint32_t>(format_.rows) ||
        number_at(segment, 3, 2) != static_cast<uint32_t>(format_.columns) ||
        count != static_cast<uint32_t>(format_.samples_per_pixel)) {
      fail_jpeg(where_, "is of another size");
    }
    const bool is_read = is_lossless ? precision_ >= 2 && precision_ <= 16
                                     : (precision_ == 8 || precision_ == 12) && count == 1;
    if (!is_read || segment.size() < 6 + size_t{3} * count) {
      fail_jpeg(where_, "is of a kind that is not read");
    }
    for (uint32_t i = 0; i < count; ++i) {
      const size_t at = 6 + size_t{3} * i;
      if (count > 1 && number_at(segment, at + 1, 1) != 0x11) {
        fail_jpeg(where_, "has components of different sizes, which are not read");
      }
      components_.push_back({number_at(segment, at, 1), number_at(segment, at + 2, 1) & 3U});
    }
    samples_ = Samples(format_, static_cast<int>(precision_));
  }

  void read_huffman_tables(std::string_view segment) {
    while (segment.size() >= 17) {
      const uint32_t kind = number_at(segment, 0, 1);
      size_t num_symbols = 0;
      for (size_t i = 1; i <= 16; ++i) num_symbols += number_at(segment, i, 1);
      if (segment.size() - 17 < num_symbols) break;
      HuffmanTable& table = (kind >> 4U == 0 ? dc_ : ac_)[kind & 3U];
      if (!table.fill(segment.substr(1, 16), segment.substr(17, num_symbols))) break;
      segment.remove_prefix(17 + num_symbols);
    }
    if (!segment.empty()) fail_jpeg(where_, "has a damaged Huffman table");
  }

  void read_quantisation(std::string_view segment) {
    while (!segment.empty()) {
      const uint32_t kind = number_at(segment, 0, 1);
      const size_t size = kind >> 4U == 0 ? 1 : 2;
      if (segment.size() < 1 + 64 * size) fail_jpeg(where_, "has a damaged quantisation table");
      for (size_t i = 0; i < 64; ++i) {
        quantisation_[kind & 3U][kZigzag[i]] = number_at(segment, 1 + i * size, size);
      }
      segment.remove_prefix(1 + 64 * size);
    }
  }

  // Returns where the marker behind the scan begins.
  size_t read_scan(std::string_view segment, size_t at) {
    const uint32_t count = segment.empty() ? 0 : number_at(segment, 0, 1);
    if (components_.empty() || count < 1 || count > components_.size() ||
        segment.size() < 4 + size_t{2} * count) {
      fail_jpeg(where_, "has a damaged scan");
    }
    std::vector<ScanComponent> scan;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t id = number_at(segment, 1 + size_t{2} * i, 1);
      const uint32_t tables = number_at(segment, 2 + size_t{2} * i, 1);
      const auto found = std::find_if(components_.begin(), components_.end(),
                                      [id](const Component& one) { return one.id == id; });
      if (found == components_.end()) fail_jpeg(where_, "has a scan of no component");
      scan.push_back(
          {static_cast<size_t>(found - components_.begin()), tables >> 4U & 3U, tables & 3U});
      if (!dc_[scan.back().dc].is_filled())
        fail_jpeg(where_, "has a scan without its Huffman table");
    }
    const uint32_t first = number_at(segment, 1 + size_t{2} * count, 1);
    const uint32_t low_bit = number_at(segment, 3 + size_t{2} * count, 1) & 15U;
    BitReader reader(bytes_, at, where_);
    if (is_lossless_) {
      if (first < 1 || first > 7 || low_bit >= precision_) fail_jpeg(where_, "has a damaged scan");
      read_lossless_scan(reader, scan, first, low_bit);
    } else {
      if (first != 0 || !ac_[scan[0].ac].is_filled()) fail_jpeg(where_, "has a damaged scan");
      read_dct_scan(reader, scan[0]);
    }
    num_decoded_ += count;
    return reader.end();
  }

  void read_lossless_scan(BitReader& reader, const std::vector<ScanComponent>& scan,
                          uint32_t predictor, uint32_t low_bit) {
    const auto rows = static_cast<size_t>(format_.rows);
    const auto columns = static_cast<size_t>(format_.columns);
    if (restart_interval_ % columns != 0) fail_jpeg(where_, "restarts within a row");
    const size_t restart_rows = restart_interval_ / columns;
    // The row before and this one, of each component of the scan, as they were coded.
    std::vector<std::vector<int32_t>> above(scan.size(), std::vector<int32_t>(columns));
    std::vector<std::vector<int32_t>> row = above;
    const auto channels = components_.size();
    for (size_t y = 0; y < rows; ++y) {
      const bool is_first = restart_rows == 0 ? y == 0 : y % restart_rows == 0;
      if (is_first && y > 0) reader.restart();
      for (size_t x = 0; x < columns; ++x) {
        for (size_t c = 0; c < scan.size(); ++c) {
          const uint32_t size = reader.symbol(dc_[scan[c].dc]);
          if (size > 16) fail_jpeg(where_, "has a difference of too many bits");
          const int32_t difference = size == 16 ? 32768 : reader.number(size);
          const int32_t value =
              (predicted(row[c], above[c], x, is_first, predictor, low_bit) + difference) & 0xffff;
          row[c][x] = value;
          samples_.set((y * columns + x) * channels + scan[c].index, static_cast<uint32_t>(value)
                                                                         << low_bit);
        }
      }
      std::swap(row, above);
    }
  }

  int32_t predicted(const std::vector<int32_t>& row, const std::vector<int32_t>& above, size_t x,
                    bool is_first_row, uint32_t predictor, uint32_t low_bit) const {
    if (is_first_row) return x == 0 ? 1 << (precision_ - low_bit - 1) : row[x - 1];
    if (x == 0) return above[0];
    const int32_t left = row[x - 1];
    const int32_t up = above[x];
    const int32_t corner = above[x - 1];
    switch (predictor) {
      case 1:
        return left;
      case 2:
        return up;
      case 3:
        return corner;
      case 4:
        return left + up - corner;
      case 5:
        return left + ((up - corner) >> 1);
      case 6:
        return up + ((left - corner) >> 1);
      default:
        return (left + up) >> 1;
    }
  }

  void read_dct_scan(BitReader& reader, const ScanComponent& scan) {
    const auto rows = static_cast<size_t>(format_.rows);
    const auto columns = static_cast<size_t>(format_.columns);
    const size_t blocks_across = (columns + 7) / 8;
    const size_t num_blocks = blocks_across * ((rows + 7) / 8);
    int32_t dc = 0;
    for (size_t i = 0; i < num_blocks; ++i) {
      if (restart_interval_ > 0 && i > 0 && i % restart_interval_ == 0) {
        reader.restart();
        dc = 0;
      }
      Block block = read_block(reader, scan, dc);
      inverse_dct(block);
      put_block(block, i / blocks_across * 8, i % blocks_across * 8);
    }
  }

  Block read_block(BitReader& reader, const ScanComponent& scan, int32_t& dc) {
    const auto& steps = quantisation_[components_[scan.index].quantisation];
    Block block{};
    const uint32_t size = reader.symbol(dc_[scan.dc]);
    if (size > 15) fail_jpeg(where_, "has a difference of too many bits");
    // Of a damaged file the sum may be anything: it is kept within its type.
    constexpr int32_t kMostDc = 1 << 20;
    dc = std::clamp(dc + reader.number(size), -kMostDc, kMostDc);
    block[0] = static_cast<double>(dc) * steps[0];
    for (size_t k = 1; k < 64; ++k) {
      const uint32_t code = reader.symbol(ac_[scan.ac]);
      const uint32_t bits = code & 15U;
      if (bits == 0 && code >> 4U != 15) break;  // the rest is zero
      k += code >> 4U;
      if (k > 63) fail_jpeg(where_, "has a block of too many coefficients");
      block[kZigzag[k]] = static_cast<double>(reader.number(bits)) * steps[kZigzag[k]];
    }
    return block;
  }

  void put_block(const Block& block, size_t top, size_t left) {
    const auto columns = static_cast<size_t>(format_.columns);
    const double most = static_cast<double>((1U << precision_) - 1);
    const double middle = static_cast<double>(1U << (precision_ - 1));
    for (size_t y = 0; y < 8 && top + y < static_cast<size_t>(format_.rows); ++y) {
      for (size_t x = 0; x < 8 && left + x < columns; ++x) {
        const double value = std::clamp(std::floor(block[8 * y + x] + middle + 0.5), 0.0, most);
        samples_.set((top + y) * columns + left + x, static_cast<uint32_t>(value));
      }
    }
  }

  std::string_view bytes_;
  const PixelFormat& format_;
  std::string_view where_;
  bool is_lossless_ = false;
  uint32_t precision_ = 0;
  uint32_t restart_interval_ = 0;
  std::vector<Component> components_;
  std::vector<HuffmanTable> dc_;
  std::vector<HuffmanTable> ac_;
  std::array<std::array<uint32_t, 64>, 4> quantisation_{};
  Samples samples_;
  size_t num_decoded_ = 0;
};

}  // namespace

Samples decode_huffman_jpeg(std::string_view frame, const PixelFormat& format,
                            std::string_view where) {
  return Decoder(frame, format, where).decode();
}

}  // namespace lmc::image::dicom
