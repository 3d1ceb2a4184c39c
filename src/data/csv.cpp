#include "data/csv.h"

#include <algorithm>
#include <string_view>

#include "base/ascii_case.h"  // lower_case
#include "base/check.h"       // InputError
#include "data/clean_text.h"  // trim

namespace lmc::data {

namespace {

constexpr int kEnd = TextBuffer::kEnd;
constexpr size_t kMaxRowBytes = size_t{1} << 22U;  // a quote that is not closed ends here at last
// A row that is looked for inside another one; more would make the search quadratic.
constexpr size_t kMaxInnerBytes = size_t{1} << 16U;
constexpr int kMaxRowsBelow = 64;    // that are looked at
constexpr unsigned kEveryBreak = 7;  // of break_before()
constexpr size_t kMaxCells = size_t{1} << 12U;
constexpr std::string_view kSeparators = ",;\t|";

// "sep=;" -> ';', as Excel writes and reads it; 0: another line.
char named_separator(std::string_view line) {
  if (line.size() > 2 && line.front() == '"' && line.back() == '"') {
    line = line.substr(1, line.size() - 2);
  }
  if (line.size() != 5 || !starts_with_any_case(line, "sep=")) return 0;
  const char separator = line[4];
  const char lower = lower_case(line)[4];
  const bool is_word = separator == '"' || separator == '\n' || separator == '\r' ||
                       (separator >= '0' && separator <= '9') || (lower >= 'a' && lower <= 'z');
  return is_word ? '\0' : separator;
}

const char* note_of(char separator) {
  switch (separator) {
    case ';':
      return "cells are separated by semicolons";
    case '\t':
      return "cells are separated by tabulators";
    case '|':
      return "cells are separated by bars";
    case ',':
      return nullptr;
    default:
      return "cells are separated as the line sep= says";
  }
}

}  // namespace

CsvReader::CsvReader(const std::string& path) : buffer_(path) {}
CsvReader::CsvReader(std::istream& stream, std::string name) : buffer_(stream, std::move(name)) {}

// The kind of the line break that ends at `place`, as a bit; 0: none does.
unsigned CsvReader::break_before(size_t place) const {
  if (place == 0 || place > buffer_.text().size()) return 0;
  if (buffer_.text()[place - 1] == '\r') return 1;
  if (buffer_.text()[place - 1] != '\n') return 0;
  return place > 1 && buffer_.text()[place - 2] == '\r' ? 2 : 4;
}

// From behind the opening quote to behind the closing one and the blanks after it.
CsvReader::Record CsvReader::parse_quoted(size_t begin, size_t max_bytes, size_t& place,
                                          std::string& cell) {
  Record record;
  while (buffer_.at(place) != kEnd) {
    const std::string& text = buffer_.text();
    const size_t stop = std::min(text.find_first_of("\"\r\n", place), text.size());
    cell.append(text, place, stop - place);
    place = stop;
    if (place - begin > max_bytes) {
      record.problem = kTooLongRow;
      return record;
    }
    if (place == buffer_.text().size()) continue;
    if (buffer_.text()[place] != '"') {
      place = buffer_.after_break(place);
      cell += '\n';
      ++record.num_breaks;
    } else if (buffer_.at(place + 1) == '"') {
      cell += '"';
      place += 2;
    } else {
      ++place;
      int next = buffer_.at(place);
      while ((next == ' ' || next == '\t') && next != separator_) next = buffer_.at(++place);
      const bool ends = next == separator_ || next == '\n' || next == '\r' || next == kEnd;
      if (!ends) record.problem = kTextAfterQuote;
      return record;
    }
  }
  record.problem = kOpenQuote;
  return record;
}

// A record with a problem ends at the end of the line where it shows; cells are then of no use.
CsvReader::Record CsvReader::parse(size_t begin, size_t max_bytes,
                                   std::vector<std::string>& cells) {
  const char stops[] = {separator_, '\r', '\n', '\0'};
  Record record;
  size_t place = begin;
  size_t count = 0;
  const auto fail = [&](const char* problem) {
    record.problem = problem;
    record.end = buffer_.line_end(place);
    if (buffer_.at(record.end) != kEnd) {
      record.end = buffer_.after_break(record.end);
      ++record.num_breaks;
    }
    cells.clear();
    return record;
  };
  const auto give_up = [&] {
    record.problem = kTooLongRow;
    record.end = place;
    cells.clear();
    return record;
  };
  while (true) {
    if (count == kMaxCells) return fail(kTooManyCells);
    if (cells.size() == count) cells.emplace_back();
    std::string& cell = cells[count++];
    cell.clear();
    if (buffer_.at(place) == '"') {
      ++place;
      const Record quoted = parse_quoted(begin, max_bytes, place, cell);
      record.num_breaks += quoted.num_breaks;
      if (quoted.problem == kTooLongRow) return give_up();
      if (quoted.problem != nullptr) return fail(quoted.problem);
    }
    int next = kEnd;
    while ((next = buffer_.at(place)) != kEnd) {
      const std::string& text = buffer_.text();
      const size_t stop = std::min(text.find_first_of(stops, place, 3), text.size());
      cell.append(text, place, stop - place);
      place = stop;
      if (place - begin > max_bytes) return give_up();
      if (place < buffer_.text().size()) {
        next = static_cast<unsigned char>(buffer_.text()[place]);
        break;
      }
    }
    if (next == static_cast<unsigned char>(separator_)) {
      ++place;
      continue;
    }
    if (next != kEnd) {
      place = buffer_.after_break(place);
      ++record.num_breaks;
    }
    record.end = place;
    cells.resize(count);
    return record;
  }
}

bool CsvReader::fit(std::vector<std::string>& cells) const {
  if (num_cells_ == 0) return true;
  const size_t count = cells.size();
  if (num_row_cells_ != 0 ? count != num_row_cells_ : count < num_named_) return false;
  const auto is_empty = [](const std::string& cell) { return trim(cell).empty(); };
  const auto unnamed = cells.begin() + static_cast<std::ptrdiff_t>(num_named_);
  if (!std::all_of(unnamed, cells.end(), is_empty)) return false;
  cells.resize(num_cells_);
  return true;
}

// An empty cell at the end of a few rows may be that of an empty last column, which a separator
// within a cell has pushed there: most of the rows below must have it too.
bool CsvReader::learn_num_row_cells(const std::vector<std::string>& cells, size_t end) {
  if (num_cells_ == 0 || num_row_cells_ != 0) return true;
  std::vector<std::string> fitted = cells;
  if (!fit(fitted)) return true;
  if (cells.size() > num_named_) {
    int num_same = 0;
    int num_others = 0;
    for (size_t place = end; num_same + num_others < kMaxRowsBelow && buffer_.at(place) != kEnd;) {
      const Record below = parse(place, kMaxInnerBytes, candidate_);
      place = below.end;
      const size_t count = candidate_.size();
      if (below.problem != nullptr || !fit(candidate_)) continue;
      ++(count == cells.size() ? num_same : num_others);
    }
    const bool is_only_row = row_breaks_ == 0 && num_same + num_others == 0;
    if (num_same <= num_others && !is_only_row) return false;
  }
  num_row_cells_ = cells.size();
  return true;
}

CsvReader::Inner CsvReader::find_row_within(size_t begin, const Record& record) {
  Inner found;
  if (num_cells_ == 0) return found;
  // The header may have been written by another program than the rows.
  unsigned row_breaks = row_breaks_ | break_before(record.end);
  if (row_breaks == 0) row_breaks = kEveryBreak;
  size_t place = begin;
  for (int64_t num_breaks = 1; num_breaks <= record.num_breaks; ++num_breaks) {
    const size_t end = buffer_.line_end(place);
    if (end >= record.end) break;
    const size_t next = buffer_.after_break(end);
    if (next >= record.end) break;
    place = next;
    if ((row_breaks & break_before(place)) == 0) continue;
    const Record inner = parse(place, kMaxInnerBytes, candidate_);
    if (inner.problem != nullptr || candidate_.size() < 2 || !fit(candidate_)) continue;
    const RowLikeness likeness = likeness_of_ ? likeness_of_(candidate_) : RowLikeness::kRow;
    if (likeness > found.likeness) found = {likeness, place, num_breaks};
    if (likeness == RowLikeness::kRow) break;
  }
  return found;
}

// Throws away, in pieces, the rest of a line that is too long to be kept.
void CsvReader::skip_long_line(Record& record) {
  size_t place = record.end;
  while (buffer_.at(place) != kEnd) {
    const size_t found = buffer_.text().find_first_of("\r\n", place);
    if (found != buffer_.text().npos) {
      record.end = buffer_.after_break(found);
      ++record.num_breaks;
      return;
    }
    buffer_.drop();
    place = 0;
  }
  record.end = buffer_.text().size();
}

// Of a well-formed row: whether its bytes are text, and what was decoded.
void CsvReader::check_text(std::string_view raw, CsvRow& row) const {
  const TextForm form = buffer_.source().form();
  if (raw.find('\0') != raw.npos) {
    row.problem = kNulByte;
  } else if (form != TextForm::kUtf8 && form != TextForm::kWindows1252 && !is_utf8(raw)) {
    row.problem = kNotUtf8;
  }
  const auto is_beyond_ascii = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (buffer_.source().note() != nullptr &&
      (form != TextForm::kWindows1252 || std::any_of(raw.begin(), raw.end(), is_beyond_ascii))) {
    row.notes.push_back(buffer_.source().note());
  }
  if (const char* note = note_of(separator_)) row.notes.push_back(note);
  if (raw.find("\xEF\xBF\xBD") != raw.npos) row.notes.push_back(kLettersLost);
}

void CsvReader::choose_separator() {
  if (num_cells_ != 0 || is_separator_named_) return;
  size_t most = 0;
  char best = separator_;
  for (const char separator : kSeparators) {
    separator_ = separator;
    if (parse(place_, kMaxRowBytes, candidate_).problem != nullptr) continue;
    if (candidate_.size() > most) {
      most = candidate_.size();
      best = separator;
    }
  }
  separator_ = best;
}

bool CsvReader::next(CsvRow& row) {
  while (buffer_.at(place_) != kEnd) {
    buffer_.drop_before(place_);
    const size_t begin = place_;
    Record record = parse(begin, kMaxRowBytes, row.cells);
    const bool is_blank =
        record.problem == nullptr && row.cells.size() == 1 && row.cells[0].empty();
    if (!is_blank) {
      const bool has_more_lines = record.num_breaks > 1 || record.problem == kTooLongRow ||
                                  (record.num_breaks > 0 && buffer_.at(record.end) == kEnd);
      const Inner inner = has_more_lines ? find_row_within(begin, record) : Inner{};
      if (inner.likeness == RowLikeness::kRow) {
        record = {inner.begin, inner.num_breaks, kSwallowedRows};
      } else if (record.problem == kTooLongRow) {
        skip_long_line(record);
      } else if (inner.likeness == RowLikeness::kMayBeRow && record.problem == nullptr) {
        record.problem = kSwallowedRows;
      }
    }
    if (!is_blank && record.problem == nullptr) {
      const bool fits = learn_num_row_cells(row.cells, record.end) && fit(row.cells);
      // Where the number of cells is another than the header's, who reads the row tells it.
      if (!fits && row.cells.size() == num_cells_) record.problem = kShiftedCells;
    }
    const int64_t first_line = line_;
    line_ += record.num_breaks;
    place_ = record.end;
    if (is_blank) continue;
    const unsigned ending = break_before(place_);
    if (num_cells_ != 0) row_breaks_ |= ending;
    row.first_line = first_line;
    row.last_line = ending != 0 ? line_ - 1 : line_;
    row.problem = record.problem;
    row.notes.clear();
    if (row.problem == nullptr)
      check_text(std::string_view(buffer_.text()).substr(begin, place_ - begin), row);
    if (row.problem != nullptr) row.cells.clear();
    return true;
  }
  return false;
}

CsvRow CsvReader::read_header() {
  // Blank lines before it do not count, nor does what names the separator.
  while (buffer_.at(place_) != kEnd) {
    const size_t end = buffer_.line_end(place_);
    const std::string_view line = std::string_view(buffer_.text()).substr(place_, end - place_);
    const char named = is_separator_named_ ? '\0' : named_separator(line);
    if (named == '\0' && !line.empty()) break;
    if (named != '\0') {
      separator_ = named;
      is_separator_named_ = true;
    }
    place_ = buffer_.at(end) == kEnd ? end : buffer_.after_break(end);
    ++line_;
  }
  choose_separator();
  CsvRow header;
  if (!next(header)) throw InputError(buffer_.source().name(), "the file is empty");
  if (header.problem != nullptr) {
    throw InputError(cat(buffer_.source().name(), ":", header.first_line),
                     cat("the header cannot be read: ", header.problem));
  }
  const std::string_view first = trim(header.cells[0]);
  if (first.starts_with('{') || first.starts_with('[')) {
    throw InputError(buffer_.source().name(), "this is JSON, not a table", "name it by --jsonl");
  }
  num_cells_ = num_named_ = header.cells.size();
  while (num_named_ > 1 && trim(header.cells[num_named_ - 1]).empty()) --num_named_;
  return header;
}

}  // namespace lmc::data
