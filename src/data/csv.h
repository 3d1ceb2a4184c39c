// Tables of separated values, row by row in constant memory.
//
// Format: RFC 4180: cells may be quoted, then hold separators, line breaks and doubled quotes; rows
//         end with LF, CRLF or CR; blanks between a closing quote and the separator do not count.
//         A quote that does not open a cell is text. Every kind of line break inside a cell becomes
//         LF. Encodings: see text_source.h.
//         The separator is a comma, a semicolon, a tabulator or a bar: the one that cuts the header
//         into most cells; a first line "sep=;", as Excel reads it, names it.
// Rows that cannot be trusted are handed out as such, by their lines, and never as cells: text
// after a closing quote, a quote that is never closed, bytes that are not text, more than 4 MiB or
// 4,096 cells, and a quoted cell that holds rows of its own (below). Reading goes on behind them.
// Limits: the memory is that of the longest row.
// Errors: InputError for a file that cannot be read or is no text, and for a header that cannot be
//         trusted.
//
// A quote too many opens a cell that swallows the rows that follow, up to the next quote, and what
// comes of it may look like one row, with the question of the first and the options of the last.
// So a row of several lines is taken for what it is only if no line after its first one begins a
// row by itself: one that is well formed, has its cells below the header's, follows a line break of
// a kind that ends rows (Excel's are CRLF, and LF within cells), and looks like a row by what it
// says. If one does, the lines before it are rejected and reading goes on with it; if one only may
// be a row, all lines are rejected.
//
// A separator that was not quoted pushes the cells behind it under other columns. Empty cells at
// the end would hide it, so they are dropped only where all rows have as many.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "data/text_buffer.h"

namespace lmc::data {

struct CsvRow {
  std::vector<std::string> cells;  // after the header: as many as its, where the row is well formed
  int64_t first_line = 0;          // from 1
  int64_t last_line = 0;
  const char* problem = nullptr;   // not null: the lines cannot be trusted, and there are no cells
  std::vector<const char*> notes;  // what was decoded; fixed sentences
};

// What cells look like by what they say.
enum class RowLikeness { kNoRow, kMayBeRow, kRow };

class CsvReader {
 public:
  explicit CsvReader(const std::string& path);
  // Reads from `stream`, which must be seekable and outlive the reader; `name` stands for the path
  // in errors.
  CsvReader(std::istream& stream, std::string name);

  // The first row, which says what the columns are.
  // Errors: InputError when there is none.
  CsvRow read_header();

  // Whether cells, as many as the header's, are a row of the table by what they say. Without it all
  // are.
  using LikenessOf = std::function<RowLikeness(const std::vector<std::string>& cells)>;
  void set_likeness(LikenessOf likeness) { likeness_of_ = std::move(likeness); }

  // The next row; false at the end. A row of one empty cell, such as a blank line, is none. A row
  // may have empty cells behind the header's last name, or lack the ones without a name there,
  // where all rows do: the first one tells how many cells rows have.
  bool next(CsvRow& row);

 private:
  // What a record is, as it stands in the buffer.
  struct Record {
    size_t end = 0;          // behind its line break
    int64_t num_breaks = 0;  // that it holds, its last one included
    const char* problem = nullptr;
  };

  // A row within another one.
  struct Inner {
    RowLikeness likeness = RowLikeness::kNoRow;
    size_t begin = 0;
    int64_t num_breaks = 0;  // before it
  };

  Record parse(size_t begin, size_t max_bytes, std::vector<std::string>& cells);
  Record parse_quoted(size_t begin, size_t max_bytes, size_t& place, std::string& cell);
  unsigned break_before(size_t place) const;
  void choose_separator();
  // Whether the cells stand below the header's; if so, they become as many.
  bool fit(std::vector<std::string>& cells) const;
  // Learns from the first row how many cells rows have; false: it has more than most rows below it.
  // `end`: behind it.
  bool learn_num_row_cells(const std::vector<std::string>& cells, size_t end);
  // What looks most like a row among the lines of a record after its first.
  Inner find_row_within(size_t begin, const Record& record);
  void skip_long_line(Record& record);
  void check_text(std::string_view raw, CsvRow& row) const;

  TextBuffer buffer_;  // from the row at hand on
  size_t place_ = 0;
  char separator_ = ',';
  bool is_separator_named_ = false;
  size_t num_named_ = 0;      // cells of the header up to the last one with a name
  size_t num_cells_ = 0;      // of the header; 0: not read yet
  size_t num_row_cells_ = 0;  // of rows as they stand in the file; 0: not known yet
  unsigned row_breaks_ = 0;   // kinds of line break that rows ended with, the header apart
  LikenessOf likeness_of_;
  int64_t line_ = 1;  // of the byte at place_
  std::vector<std::string> candidate_;
};

// A note: the loss is older than this program.
inline constexpr char kLettersLost[] = "the text holds U+FFFD: letters were lost before";

// Why lines cannot be trusted, beside kNulByte and kNotUtf8.
inline constexpr char kOpenQuote[] = "a quote is never closed";
inline constexpr char kTextAfterQuote[] =
    "text after a closing quote (a quote within a quoted cell is written twice)";
inline constexpr char kSwallowedRows[] = "a quote left open: the cell runs on over the rows below";
inline constexpr char kShiftedCells[] =
    "the cells do not stand below the header's (is a separator within a cell not quoted?)";
inline constexpr char kTooLongRow[] = "a row of more than 4 MiB (is a quote left open?)";
inline constexpr char kTooManyCells[] = "a row of more than 4,096 cells";

}  // namespace lmc::data
