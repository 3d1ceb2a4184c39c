// The rows of a table whose header says how to read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"  // cat
#include "data/csv.h"
#include "data/source_row.h"

namespace lmc::data {

// How much cells that have options and a gold answer look like a row, by the cell of the image:
// `is_name`: as other images' names do. Behind a comma in prose stands a blank.
inline RowLikeness likeness_by_image(const std::string& cell, bool is_name) {
  if (is_name) return RowLikeness::kRow;
  return cell.starts_with(' ') ? RowLikeness::kNoRow : RowLikeness::kMayBeRow;
}

// `make_reader(header cells, "path:line")` gives what knows the columns: reader.read(cells, row)
// fills in a row, and reader.likeness(cells) tells whether cells are a row by what they say.
// Errors: InputError when the file has no header, and those of make_reader.
template <class MakeReader>
void for_each_table_row(const std::string& path, const MakeReader& make_reader,
                        const VisitRow& visit) {
  CsvReader csv(path);
  const CsvRow header = csv.read_header();
  auto reader = make_reader(header.cells, cat(path, ":", header.first_line));
  csv.set_likeness([&](const std::vector<std::string>& cells) { return reader.likeness(cells); });
  CsvRow lines;
  for (int64_t number = 1; csv.next(lines); ++number) {
    SourceRow row;
    row.number = number;
    row.first_line = lines.first_line;
    row.last_line = lines.last_line;
    if (lines.problem != nullptr) {
      row.reject(lines.problem, lines_of(row));
    } else {
      row.notes = lines.notes;
      reader.read(lines.cells, row);
    }
    visit(row);
  }
}

}  // namespace lmc::data
