// A table of the report, in the four forms it is read in: on the page, and as Markdown, CSV and
// LaTeX. People see rounded numbers; CSV has them as the record holds them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace lmc::report {

struct Column {
  std::string heading;
  // Of the CSV, as each cell's `exact`; empty: the column is on the page alone.
  std::vector<std::string> keys;
  bool is_text = false;  // else a number, which stands at the right
};

struct Cell {
  std::string shown;               // plain text
  std::vector<std::string> exact;  // one a key of the column
  std::string html = {};           // on the page instead of `shown`
};

struct Table {
  std::string name;  // of its files
  std::string caption;
  std::vector<Column> columns;  // the first one names the row
  std::vector<std::vector<Cell>> rows;
};

Cell text_cell(const std::string& text);
Cell count_cell(int64_t count);
Cell number_cell(std::optional<double> value, int digits);
Cell percent_cell(std::optional<double> share);
// "12.0 to 34.5 %"; as points of percent with their signs when `signed_points`.
Cell interval_cell(const std::optional<std::array<double, 2>>& interval,
                   bool signed_points = false);
Cell points_cell(double difference);  // "-1.5"
Cell p_cell(std::optional<double> p);

// Where a value is not there.
inline constexpr char kNoValue[] = "\xE2\x80\x93";  // an en dash

// Wide tables scroll in their own box; on a phone each row becomes a card. Where rows that follow
// each other have the same first cell, it stands once above them.
std::string table_html(const Table& table);

std::string table_markdown(const Table& table);  // a pipe table under its caption
std::string table_csv(const Table& table);       // RFC 4180
std::string table_latex(const Table& table);     // a table environment; needs the package booktabs

// Writes FOLDER/<name>.md, .csv and .tex of each.
// Errors: InputError, before anything is written, when a file of such a name is another's.
void write_tables(const std::string& folder, const std::vector<Table>& tables);

}  // namespace lmc::report
