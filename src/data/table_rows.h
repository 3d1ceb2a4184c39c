// The rows of a table whose header says how to read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"  // InputError
#include "data/csv.h"
#include "data/source_row.h"

namespace lmc::data {

// `make_reader(header cells)` gives what fills in a row: reader.read(cells, row).
// Errors: InputError when the file has no header, and those of make_reader.
template <class MakeReader>
void for_each_table_row(const std::string& path, const MakeReader& make_reader,
                        const VisitRow& visit) {
  CsvReader csv(path);
  std::vector<std::string> cells;
  if (!csv.next(cells)) throw InputError(path, "the file is empty");
  auto reader = make_reader(cells);
  for (int64_t number = 1; csv.next(cells); ++number) {
    SourceRow row;
    row.number = number;
    reader.read(cells, row);
    visit(row);
  }
}

}  // namespace lmc::data
