#include "data/csv.h"

#include <cerrno>
#include <cstring>

#include "base/check.h"  // InputError

namespace lmc::data {

namespace {

constexpr int kEnd = std::char_traits<char>::eof();
// A quote that is not closed makes the rest of the file one cell; this much of it is enough.
constexpr size_t kMaxCellBytes = size_t{1} << 22U;

}  // namespace

CsvReader::CsvReader(const std::string& path) : path_(path), file_(path, std::ios::binary) {
  if (!file_) throw InputError(path, cat("cannot read: ", std::strerror(errno)));
  skip_byte_order_mark();
}

void CsvReader::skip_byte_order_mark() {
  char mark[3] = {};
  file_.read(mark, sizeof mark);
  if (file_.gcount() == 3 && std::string_view(mark, 3) == "\xEF\xBB\xBF") return;
  file_.clear();
  file_.seekg(0);
}

// The next byte, with every kind of line break as '\n'.
int CsvReader::read_byte() {
  std::streambuf& bytes = *file_.rdbuf();
  int byte = bytes.sbumpc();
  if (byte == '\r') {
    if (bytes.sgetc() == '\n') bytes.sbumpc();
    byte = '\n';
  }
  if (byte == '\n') ++line_;
  return byte;
}

void CsvReader::check_size(const std::string& cell) const {
  if (cell.size() <= kMaxCellBytes) return;
  throw InputError(cat(path_, ":", row_line_),
                   cat("a cell of this row is longer than ", kMaxCellBytes, " bytes"),
                   "is a quote left open?");
}

int CsvReader::read_cell(std::string& cell) {
  cell.clear();
  int byte = read_byte();
  if (byte == '"') {
    while (true) {
      byte = read_byte();
      if (byte == kEnd) throw InputError(cat(path_, ":", row_line_), "a quote is never closed");
      if (byte == '"') {
        byte = read_byte();
        if (byte != '"') break;
      }
      cell += static_cast<char>(byte);
      check_size(cell);
    }
  }
  while (byte != ',' && byte != '\n' && byte != kEnd) {
    cell += static_cast<char>(byte);
    check_size(cell);
    byte = read_byte();
  }
  return byte;
}

bool CsvReader::next(std::vector<std::string>& cells) {
  while (true) {
    row_line_ = line_;
    size_t count = 0;
    int end = ',';
    while (end == ',') {
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
