// Any bytes as a table: the reader agrees with a slow one that knows no blocks, and rows that are
// quoted by RFC 4180 and read again are the same rows.
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"  // InputError
#include "data/csv.h"    // CsvReader
#include "require.h"

namespace lmc {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr size_t kBlockBytes = size_t{1} << 16U;  // as the reader's

// Nothing: an error in the table.
std::optional<Rows> read_rows(const std::string& text) {
  std::istringstream stream(text);
  try {
    data::CsvReader reader(stream, "fuzz.csv");
    Rows rows;
    std::vector<std::string> cells;
    int64_t line = 0;
    while (reader.next(cells)) {
      FUZZ_REQUIRE(reader.line() > line);  // every row begins on a line of its own
      line = reader.line();
      rows.push_back(cells);
    }
    return rows;
  } catch (const InputError&) {
    return std::nullopt;
  }
}

// The same format byte by byte, in the plainest way. Nothing: a quote stays open.
std::optional<Rows> plainly_read_rows(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string lines;  // with LF alone
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      lines += text[i];
    } else if (text.substr(i, 2) != "\r\n") {
      lines += '\n';
    }
  }
  Rows rows(1, {""});
  bool cell_begins = true;
  bool is_quoted = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string& cell = rows.back().back();
    const char c = lines[i];
    if (is_quoted && c == '"' && lines.substr(i, 2) == "\"\"") {
      cell += lines[++i];
    } else if (is_quoted && c == '"') {
      is_quoted = false;
    } else if (is_quoted) {
      cell += c;
    } else if (c == '"' && cell_begins) {
      is_quoted = true;
    } else if (c == ',') {
      rows.back().emplace_back();
    } else if (c == '\n') {
      rows.push_back({""});
    } else {
      cell += c;
    }
    cell_begins = !is_quoted && (c == ',' || c == '\n');
  }
  if (is_quoted) return std::nullopt;
  std::erase(rows, std::vector<std::string>{""});
  return rows;
}

std::string quoted(const Rows& rows, std::string_view line_break) {
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      text += '"';
      for (const char c : row[i]) text += c == '"' ? "\"\"" : std::string(1, c);
      text += '"';
    }
    text += line_break;
  }
  return text;
}

void check(const std::string& text) {
  const std::optional<Rows> rows = read_rows(text);
  FUZZ_REQUIRE(rows == plainly_read_rows(text));
  // Behind a row that makes the reader's first block end inside the text; every fourth input, as it
  // costs. (A byte order mark counts at the head alone.)
  if (text.size() % 4 == 1 && !text.starts_with("\xEF")) {
    const size_t before = static_cast<unsigned char>(text[0]) % text.size();
    const std::string head(kBlockBytes - before - 1, 'x');
    std::optional<Rows> later = read_rows(head + "\n" + text);
    FUZZ_REQUIRE(later.has_value() == rows.has_value());
    if (later) {
      later->erase(later->begin());
      FUZZ_REQUIRE(later == rows);
    }
  }
  if (!rows) return;
  for (const std::string_view line_break : {"\n", "\r\n", "\r"}) {
    FUZZ_REQUIRE(read_rows(quoted(*rows, line_break)) == rows);
  }
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  // Beyond a quarter of a block nothing new happens, and rows stay within the reader's limits.
  if (size < lmc::kBlockBytes / 4) lmc::check(std::string(bytes, bytes + size));
  return 0;
}
