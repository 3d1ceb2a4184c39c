#include "image/dicom/table.h"

#include <cmath>
#include <optional>

#include "base/check.h"  // InputError

namespace lmc::image::dicom {

namespace {

constexpr size_t kMostEntries = 65536;

[[noreturn]] void fail(std::string_view where, std::string_view problem) {
  throw InputError(where, cat("broken DICOM: a lookup table ", problem));
}

// The number of entries; those and `first` and `bits` of the result.
size_t read_descriptor(const DataSet& set, uint32_t tag, bool may_be_negative, Table& table,
                       std::string_view where) {
  const auto count = set.word(tag, 0);
  const auto first = set.word(tag, 1);
  const auto bits = set.word(tag, 2);
  if (!count || !first || !bits || *bits < 1 || *bits > 16) fail(where, "is not described");
  const std::string_view type = set.find(tag)->type;
  const bool is_signed = type == "SS" || (type != "US" && may_be_negative);
  table.first = is_signed ? int64_t{static_cast<int16_t>(*first)} : int64_t{*first};
  table.bits = *bits;
  return *count == 0 ? kMostEntries : *count;
}

void read_entries(const Element& data, size_t count, Table& table, std::string_view where) {
  if (data.value.size() >= 2 * count) {
    for (size_t i = 0; i < count; ++i) {
      table.entries.push_back(word_at(data.value, i, data.form.is_big_endian));
    }
    return;
  }
  // Two entries of eight bits a word.
  if (data.value.size() < count) fail(where, "has too few entries");
  const bool is_swapped = data.form.is_big_endian && data.type == "OW";
  for (size_t i = 0; i < count; ++i) {
    const size_t place = is_swapped ? i ^ 1U : i;
    table.entries.push_back(
        static_cast<unsigned char>(data.value[std::min(place, data.value.size() - 1)]));
  }
  table.bits = 8;
}

// Discrete and linear segments, and repetitions of earlier ones.
class Segments {
 public:
  Segments(std::vector<uint16_t> data, bool are_bytes, bool is_big_endian, std::string_view where)
      : data_(std::move(data)),
        are_bytes_(are_bytes),
        is_big_endian_(is_big_endian),
        where_(where) {}

  std::vector<uint16_t> unfolded(size_t count) {
    expand(0, data_.size(), /*may_repeat=*/true);
    if (entries_.size() < count) fail(where_, "has too few entries");
    entries_.resize(count);
    return std::move(entries_);
  }

 private:
  uint16_t value(size_t at) const {
    if (at >= data_.size()) fail(where_, "ends too early");
    return data_[at];
  }

  void put(uint16_t entry) {
    if (entries_.size() >= kMostEntries) fail(where_, "has too many entries");
    entries_.push_back(entry);
  }

  // At most `most` segments from `at` on.
  void expand(size_t at, size_t most, bool may_repeat) {
    for (size_t i = 0; i < most && at + 1 < data_.size(); ++i) {
      const uint16_t kind = value(at);
      const size_t length = value(at + 1);
      at += 2;
      if (kind == 0) {
        for (size_t k = 0; k < length; ++k) put(value(at + k));
        at += length;
      } else if (kind == 1 && !entries_.empty()) {
        put_line(value(at), length);
        at += 1;
      } else if (kind == 2 && may_repeat) {
        expand(offset_at(at), length, /*may_repeat=*/false);
        at += are_bytes_ ? 4 : 2;
      } else {
        fail(where_, "has a segment of no known kind");
      }
    }
  }

  void put_line(uint16_t end, size_t length) {
    const double begin = entries_.back();
    for (size_t k = 1; k <= length; ++k) {
      const double share = static_cast<double>(k) / static_cast<double>(length);
      put(static_cast<uint16_t>(std::nearbyint(begin + (end - begin) * share)));
    }
  }

  // In entries.
  size_t offset_at(size_t at) const {
    if (!are_bytes_) return size_t{value(at + 1)} << 16U | value(at);
    const auto part = [&](size_t i) { return size_t{value(at + (is_big_endian_ ? i ^ 1U : i))}; };
    return part(0) | part(1) << 8U | part(2) << 16U | part(3) << 24U;
  }

  std::vector<uint16_t> data_;
  bool are_bytes_;
  bool is_big_endian_;
  std::string_view where_;
  std::vector<uint16_t> entries_;
};

}  // namespace

Table table_of_item(const DataSet& item, bool may_be_negative, std::string_view where) {
  Table table;
  const size_t count = read_descriptor(item, kLutDescriptor, may_be_negative, table, where);
  const Element* data = item.find(kLutData);
  if (data == nullptr) fail(where, "has no entries");
  read_entries(*data, count, table, where);
  return table;
}

Table palette_of(const DataSet& data, uint32_t channel, bool may_be_negative,
                 std::string_view where) {
  Table table;
  const size_t count =
      read_descriptor(data, kRedDescriptor + channel, may_be_negative, table, where);
  if (const Element* plain = data.find(kRedTable + channel)) {
    read_entries(*plain, count, table, where);
    return table;
  }
  const Element* packed = data.find(kSegmentedRedTable + channel);
  if (packed == nullptr) fail(where, "of a palette is missing");
  const bool are_bytes = table.bits == 8;
  std::vector<uint16_t> values;
  const size_t num_values = packed->value.size() / (are_bytes ? 1 : 2);
  for (size_t i = 0; i < num_values; ++i) {
    values.push_back(are_bytes ? static_cast<unsigned char>(packed->value[i])
                               : word_at(packed->value, i, packed->form.is_big_endian));
  }
  Segments segments(std::move(values), are_bytes, packed->form.is_big_endian, where);
  table.entries = segments.unfolded(count);
  return table;
}

}  // namespace lmc::image::dicom
