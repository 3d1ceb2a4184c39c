// Tables of comma-separated values, row by row in constant memory.
//
// Format: RFC 4180: cells may be quoted, then hold commas, line breaks and doubled quotes; rows end
//         with LF, CRLF or CR; a byte order mark is skipped. As in Python's csv module, a quote
//         that does not open a cell is text, and so is what follows a closing quote.
// Errors: InputError for a file that cannot be read, and for a quote that is never closed.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace lmc::data {

class CsvReader {
 public:
  explicit CsvReader(const std::string& path);

  // The next row; false at the end. A line without any character is no row.
  bool next(std::vector<std::string>& cells);

  // The line, from 1, on which the row that was read last begins.
  int64_t line() const { return row_line_; }

 private:
  int read_byte();
  // Reads one cell and returns the byte that ended it: ',', '\n' or EOF.
  int read_cell(std::string& cell);
  void skip_byte_order_mark();
  void check_size(const std::string& cell) const;

  std::string path_;
  std::ifstream file_;
  int64_t line_ = 1;  // of the byte that comes next
  int64_t row_line_ = 1;
};

}  // namespace lmc::data
