#include "record/json_lines.h"

#include <optional>

#include "base/input_file.h"  // open_input, read_line

namespace lmc::record {

namespace {

bool ends_with_line_break(const std::string& path) {
  std::ifstream in = open_input(path);
  if (!in.seekg(-1, std::ios::end)) return true;  // it is empty
  return in.get() == '\n';
}

// What a line that is no JSON object probably is, for the error's hint; empty: not known.
const char* hint_of(std::string_view line, size_t number) {
  const size_t begin = line.find_first_not_of(" \t");
  const char first = begin == line.npos ? ' ' : line[begin];
  if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")) {
    return "the file is UTF-16; save it as UTF-8";
  }
  if (line.starts_with("version https://git-lfs")) return "a git-lfs pointer: git lfs pull";
  if (first == '<') return "a web page, not the file?";
  if (line.find("NaN") != line.npos || line.find("Infinity") != line.npos) {
    return "JSON has no NaN and no Infinity; write null";
  }
  if (number == 1 && first == '{') {
    return "one object a line is needed; objects of several lines are joined by: jq -c .";
  }
  return "";
}

// How a file is mended whose line `number` is none of the above.
std::string mending_of(size_t number, LastLine last_line) {
  if (last_line == LastLine::kIsWhole) return cat("sed -n ", number, "p FILE shows the line");
  return cat(
      "head -n ", number - 1,
      " FILE has the lines before it, from which the work goes on; of a ledger it is enough to "
      "delete this one (sed -i ",
      number, "d FILE)");
}

Json parse_line(const std::string& line, size_t number, LastLine last_line,
                const std::string& where) {
  try {
    return parse_json(line, where);
  } catch (const InputError& error) {
    const std::string_view hint = hint_of(line, number);
    throw InputError("", error.what(),
                     hint.empty() ? mending_of(number, last_line) : std::string(hint));
  }
}

void check_schema(const Json& record, const std::string& where) {
  const auto schema = json_get_or<int64_t>(record, "schema", where, 1);
  if (schema < 1 || schema > kSchema) {
    throw InputError(where, cat("expected schema ", kSchema, " or older, found ", schema),
                     "use the version of litemedcot that wrote the file, or a newer one");
  }
}

}  // namespace

void for_each_record_at(
    const std::string& path, LastLine last_line,
    const std::function<void(const Json&, const std::string& where, uint64_t offset)>& visit) {
  std::ifstream in = open_input(path);
  std::optional<InputError> unreadable;
  std::string line;
  uint64_t offset = 0;
  for (size_t number = 1; read_line(in, line, path); ++number) {
    const uint64_t begin = offset;
    offset += line.size() + 1;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    if (unreadable) throw *unreadable;
    const std::string where = cat(path, ":", number);
    Json record;
    try {
      record = parse_line(line, number, last_line, where);
    } catch (const InputError& error) {
      unreadable = error;  // an error unless this proves to be the last line, and cut short
      continue;
    }
    if (record.is_array()) {
      throw InputError(where, "expected an object, found a list",
                       "one object a line is needed; a list is taken apart by: jq -c '.[]'");
    }
    check_schema(record, where);
    visit(record, where, begin);
  }
  if (!unreadable) return;
  if (last_line == LastLine::kIsWhole || ends_with_line_break(path)) throw *unreadable;
}

void for_each_record(const std::string& path, LastLine last_line,
                     const std::function<void(const Json&, const std::string& where)>& visit) {
  for_each_record_at(path, last_line, [&](const Json& record, const std::string& where, uint64_t) {
    visit(record, where);
  });
}

LineReader::LineReader(const std::string& path) : path_(path), in_(open_input(path)) {}

std::string LineReader::line_at(uint64_t offset) {
  std::string line;
  in_.clear();
  in_.seekg(static_cast<std::streamoff>(offset));
  if (!read_line(in_, line, path_)) {
    throw InputError(path_, cat("no line at byte ", offset, "; the file has changed"));
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Json LineReader::record_at(uint64_t offset) {
  return parse_json(line_at(offset), cat(path_, " at byte ", offset));
}

}  // namespace lmc::record
