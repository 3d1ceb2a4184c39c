#include "data/csv.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include "base/check.h"  // InputError

namespace lmc::data {

namespace {

constexpr int kEnd = -1;
constexpr size_t kBlockBytes = size_t{1} << 16U;
// A quote that is not closed makes the rest of the file one cell; this much of it is enough.
constexpr size_t kMaxRowBytes = size_t{1} << 22U;
constexpr size_t kMaxCells = size_t{1} << 12U;

std::unique_ptr<std::istream> open(const std::string& path) {
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*file) throw InputError(path, cat("cannot read: ", std::strerror(errno)));
  return file;
}

}  // namespace

CsvReader::CsvReader(const std::string& path) : path_(path), file_(open(path)), stream_(*file_) {
  skip_byte_order_mark();
}

CsvReader::CsvReader(std::istream& stream, std::string name)
    : path_(std::move(name)), stream_(stream) {
  skip_byte_order_mark();
}

bool CsvReader::fill() {
  block_.resize(kBlockBytes);
  stream_.read(block_.data(), static_cast<std::streamsize>(block_.size()));
  if (stream_.bad()) throw InputError(path_, "cannot read");
  place_ = 0;
  end_ = static_cast<size_t>(stream_.gcount());
  return end_ > 0;
}

void CsvReader::skip_byte_order_mark() {
  if (fill() && std::string_view(block_.data(), end_).starts_with("\xEF\xBB\xBF")) place_ = 3;
}

void CsvReader::end_line() {
  const char byte = block_[place_++];
  if (byte == '\r' && peek() == '\n') ++place_;
  ++line_;
}

// Appends the bytes from the place up to `end` of the block.
void CsvReader::take(std::string& cell, size_t end) {
  row_bytes_ += end - place_;
  if (row_bytes_ > kMaxRowBytes) {
    throw InputError(cat(path_, ":", row_line_),
                     cat("this row is longer than ", kMaxRowBytes, " bytes"),
                     "is a quote left open?");
  }
  cell.append(block_, place_, end - place_);
  place_ = end;
}

void CsvReader::read_quoted(std::string& cell) {
  while (peek() != kEnd) {
    size_t stop = place_;
    while (stop < end_ && block_[stop] != '"' && block_[stop] != '\n' && block_[stop] != '\r') {
      ++stop;
    }
    take(cell, stop);
    if (place_ == end_) continue;
    if (block_[place_] == '"') {
      ++place_;
      if (peek() != '"') return;
      take(cell, place_ + 1);  // a doubled quote is one
    } else {
      end_line();
      cell += '\n';
      ++row_bytes_;
    }
  }
  throw InputError(cat(path_, ":", row_line_), "a quote is never closed");
}

int CsvReader::read_cell(std::string& cell) {
  cell.clear();
  if (peek() == '"') {
    ++place_;
    read_quoted(cell);
  }
  while (peek() != kEnd) {
    size_t stop = place_;
    while (stop < end_ && block_[stop] != ',' && block_[stop] != '\n' && block_[stop] != '\r') {
      ++stop;
    }
    take(cell, stop);
    if (place_ == end_) continue;
    if (block_[place_] == ',') {
      ++place_;
      return ',';
    }
    end_line();
    return '\n';
  }
  return kEnd;
}

bool CsvReader::next(std::vector<std::string>& cells) {
  while (true) {
    row_line_ = line_;
    row_bytes_ = 0;
    size_t count = 0;
    int end = ',';
    while (end == ',') {
      if (count == kMaxCells) {
        throw InputError(cat(path_, ":", row_line_),
                         cat("this row has more than ", kMaxCells, " cells"));
      }
      if (cells.size() == count) cells.emplace_back();
      end = read_cell(cells[count++]);
    }
    cells.resize(count);
    const bool is_blank = count == 1 && cells[0].empty();
    if (!is_blank) return true;
    if (end == kEnd) return false;
  }
}

}  // namespace lmc::data
