// Tables of comma-separated values, row by row in constant memory.
//
// Format: RFC 4180: cells may be quoted, then hold commas, line breaks and doubled quotes; rows end
//         with LF, CRLF or CR; a byte order mark is skipped. As in Python's csv module, a quote
//         that does not open a cell is text, and so is what follows a closing quote. Every kind of
//         line break inside a cell becomes LF.
// Limits: a row of 4 MiB and of 4,096 cells.
// Errors: InputError for a file that cannot be read, a row over the limits, and a quote that is
//         never closed.
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <string>
#include <vector>

namespace lmc::data {

class CsvReader {
 public:
  explicit CsvReader(const std::string& path);
  // Reads from `stream`, which must outlive the reader; `name` stands for the path in errors.
  CsvReader(std::istream& stream, std::string name);

  // The next row; false at the end. A line without any character is no row.
  bool next(std::vector<std::string>& cells);

  // The line, from 1, on which the row that was read last begins.
  int64_t line() const { return row_line_; }

 private:
  bool fill();  // the next block, when the last one is used up; false at the end
  int peek() { return place_ < end_ || fill() ? static_cast<unsigned char>(block_[place_]) : -1; }
  // Reads one cell and returns the byte that ended it: ',', '\n' or -1.
  int read_cell(std::string& cell);
  // Up to the closing quote, which is consumed.
  void read_quoted(std::string& cell);
  void end_line();  // consumes a line break of any kind
  void take(std::string& cell, size_t end);
  void skip_byte_order_mark();

  std::string path_;
  std::unique_ptr<std::istream> file_;
  std::istream& stream_;
  std::string block_;
  size_t place_ = 0;
  size_t end_ = 0;
  size_t row_bytes_ = 0;
  int64_t line_ = 1;  // of the byte that comes next
  int64_t row_line_ = 1;
};

}  // namespace lmc::data
