// Any bytes as a table. The reader agrees with a slow one that knows no blocks; rows that are
// quoted by RFC 4180 and read again are the same rows; with a header, every line is in one row or
// in one range of rejected lines, a row is what its lines are by themselves and holds no other row,
// and no letter is lost.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"        // InputError
#include "data/clean_text.h"   // trim
#include "data/csv.h"          // CsvReader
#include "data/text_source.h"  // TextSource
#include "require.h"

namespace lmc {
namespace {

using Cells = std::vector<std::string>;

constexpr size_t kBlockBytes = size_t{1} << 16U;  // as the reader's

struct Row {
  Cells cells;  // none: the lines are rejected
  int64_t first_line = 0;
  int64_t last_line = 0;
  bool operator==(const Row&) const = default;
};
using Rows = std::vector<Row>;

// Nothing: the bytes are no text.
std::optional<std::string> decode(const std::string& bytes) {
  std::istringstream stream(bytes);
  try {
    data::TextSource source(stream, "fuzz.csv");
    std::string text;
    while (source.append_block(text)) {
    }
    return text;
  } catch (const InputError&) {
    return std::nullopt;
  }
}

std::optional<Rows> read_rows(const std::string& bytes) {
  std::istringstream stream(bytes);
  try {
    data::CsvReader reader(stream, "fuzz.csv");
    Rows rows;
    data::CsvRow row;
    while (reader.next(row)) {
      FUZZ_REQUIRE(row.cells.empty() == (row.problem != nullptr));
      FUZZ_REQUIRE(row.first_line > (rows.empty() ? 0 : rows.back().last_line));
      FUZZ_REQUIRE(row.last_line >= row.first_line);
      rows.push_back({row.cells, row.first_line, row.last_line});
    }
    return rows;
  } catch (const InputError&) {
    return std::nullopt;
  }
}

// One row byte by byte, in the plainest way, of lines that end with LF. Moves `place` behind it.
Row plainly_read_row(std::string_view lines, size_t& place, int64_t line) {
  Row row;
  row.first_line = row.last_line = line;
  row.cells.emplace_back();
  const size_t begin = place;
  const auto fail = [&] {
    while (place < lines.size() && lines[place] != '\n') ++place;
    if (place < lines.size()) ++place;
    row.cells.clear();
    return row;
  };
  while (place < lines.size()) {
    std::string& cell = row.cells.back();
    if (lines[place] == '"') {
      ++place;
      while (place < lines.size()) {
        if (lines[place] == '"' && lines.substr(place, 2) != "\"\"") break;
        if (lines[place] == '"') ++place;
        if (lines[place] == '\n' && place + 1 < lines.size()) ++row.last_line;
        cell += lines[place++];
      }
      if (place == lines.size()) return fail();
      ++place;
      while (place < lines.size() && (lines[place] == ' ' || lines[place] == '\t')) ++place;
      if (place < lines.size() && lines[place] != ',' && lines[place] != '\n') return fail();
    }
    while (place < lines.size() && lines[place] != ',' && lines[place] != '\n') {
      cell += lines[place++];
    }
    if (place == lines.size()) break;
    const bool ends_row = lines[place] == '\n';
    ++place;
    if (ends_row) break;
    row.cells.emplace_back();
  }
  const std::string_view raw = lines.substr(begin, place - begin);
  if (raw.find('\0') != raw.npos || !data::is_utf8(raw)) row.cells.clear();
  return row;
}

std::string with_line_feeds(std::string_view text) {
  std::string lines;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      lines += text[i];
    } else if (text.substr(i, 2) != "\r\n") {
      lines += '\n';
    }
  }
  return lines;
}

Rows plainly_read_rows(std::string_view text) {
  const std::string lines = with_line_feeds(text);
  Rows rows;
  int64_t line = 1;
  for (size_t place = 0; place < lines.size();) {
    const size_t begin = place;
    const Row row = plainly_read_row(lines, place, line);
    line += std::count(lines.begin() + static_cast<std::ptrdiff_t>(begin),
                       lines.begin() + static_cast<std::ptrdiff_t>(place), '\n');
    if (row.cells != Cells{""}) rows.push_back(row);
  }
  return rows;
}

std::string quoted(const Rows& rows, std::string_view line_break) {
  std::string text;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.cells.size(); ++i) {
      if (i > 0) text += ',';
      text += '"';
      for (const char c : row.cells[i]) text += c == '"' ? "\"\"" : std::string(1, c);
      text += '"';
    }
    text += line_break;
  }
  return text;
}

std::vector<Cells> cells_of(const Rows& rows) {
  std::vector<Cells> all;
  for (const Row& row : rows) all.push_back(row.cells);
  return all;
}

// A row of the table by what it says: its first cell is a number.
bool is_row(const Cells& cells) {
  return !cells.empty() && !cells[0].empty() &&
         std::all_of(cells[0].begin(), cells[0].end(), [](char c) { return c >= '0' && c <= '9'; });
}

data::RowLikeness likeness_of(const Cells& cells) {
  return is_row(cells) ? data::RowLikeness::kRow : data::RowLikeness::kNoRow;
}

// With the empty cells at the end that a header of so many allows to be there or not.
Cells fitted(Cells cells, size_t num_named, size_t num_cells) {
  while (cells.size() > num_cells && data::trim(cells.back()).empty()) cells.pop_back();
  if (cells.size() >= num_named && cells.size() < num_cells) cells.resize(num_cells);
  return cells;
}

// A table with a header of commas and line feeds: what becomes of each line.
void check_lines(const std::string& text) {
  std::istringstream stream("n,x\n" + text);
  std::optional<data::CsvReader> reader;
  try {
    reader.emplace(stream, "fuzz.csv");
  } catch (const InputError&) {
    return;
  }
  const auto decoded = decode("n,x\n" + text);
  std::vector<std::string> lines = {""};  // from 1
  for (std::istringstream all(*decoded); std::getline(all, lines.emplace_back());) {
  }
  try {
    if (reader->read_header().cells != Cells{"n", "x"}) return;
  } catch (const InputError&) {
    return;
  }
  reader->set_likeness(likeness_of);
  std::vector<bool> is_told(lines.size() + 1);
  data::CsvRow row;
  int64_t last = 1;
  while (reader->next(row)) {
    FUZZ_REQUIRE(row.first_line > last && row.last_line >= row.first_line);
    last = row.last_line;
    FUZZ_REQUIRE(static_cast<size_t>(last) < is_told.size());
    std::string own;  // the row's lines
    for (int64_t line = row.first_line; line <= row.last_line; ++line) {
      is_told[static_cast<size_t>(line)] = true;
      own += lines[static_cast<size_t>(line)] + '\n';
    }
    if (row.problem != nullptr) continue;
    size_t place = 0;
    const Cells written = plainly_read_row(own, place, 1).cells;
    FUZZ_REQUIRE(place == own.size());
    // Empty cells behind the last column are dropped where the file's rows have them; else the
    // row keeps them, and its number of cells tells.
    FUZZ_REQUIRE(written == row.cells || fitted(written, 2, 2) == row.cells);
    if (written.size() != 2) continue;
    for (size_t i = own.find('\n') + 1; i < own.size(); i = own.find('\n', i) + 1) {
      size_t inner = i;
      const Cells cells = plainly_read_row(own, inner, 1).cells;
      FUZZ_REQUIRE(cells.size() != 2 || !is_row(cells));
    }
    for (const std::string& cell : row.cells) {
      FUZZ_REQUIRE(cell.find("\xEF\xBF\xBD") == cell.npos ||
                   decoded->find("\xEF\xBF\xBD") != decoded->npos);
    }
  }
  for (size_t i = 2; i < lines.size(); ++i) {
    const bool is_blank = lines[i].find_first_not_of("\" \t") == std::string::npos;
    FUZZ_REQUIRE(is_told[i] || is_blank);
  }
}

void check(const std::string& bytes) {
  const auto text = decode(bytes);
  const std::optional<Rows> rows = read_rows(bytes);
  FUZZ_REQUIRE(rows.has_value() == text.has_value());
  if (!rows) return;
  FUZZ_REQUIRE(rows == plainly_read_rows(*text));
  const bool is_plain = *text == bytes;
  // Behind a row that makes the reader's first block end inside the text; every fourth input, as it
  // costs. (What a file begins with may say what it is.)
  if (is_plain && bytes.size() % 4 == 1) {
    const size_t before = static_cast<unsigned char>(bytes[0]) % bytes.size();
    const std::string head(kBlockBytes - before - 1, 'x');
    std::optional<Rows> later = read_rows(head + "\n" + bytes);
    FUZZ_REQUIRE(later.has_value());
    later->erase(later->begin());
    FUZZ_REQUIRE(cells_of(*later) == cells_of(*rows));
  }
  if (bytes.find('\r') == bytes.npos) check_lines(bytes);
  Rows good = *rows;
  std::erase_if(good, [](const Row& row) { return row.cells.empty(); });
  const std::string again = quoted(good, "\n");
  if (decode(again) != again) return;
  for (const std::string_view line_break : {"\n", "\r\n", "\r"}) {
    FUZZ_REQUIRE(cells_of(*read_rows(quoted(good, line_break))) == cells_of(good));
  }
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  // Beyond a quarter of a block nothing new happens, and rows stay within the reader's limits.
  if (size < lmc::kBlockBytes / 4) lmc::check(std::string(bytes, bytes + size));
  return 0;
}
