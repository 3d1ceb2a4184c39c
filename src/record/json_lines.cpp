#include "record/json_lines.h"

#include <fstream>
#include <optional>

#include "base/files.h"  // for_each_line

namespace lmc::record {

namespace {

bool ends_with_line_break(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() <= 0) return true;
  in.seekg(-1, std::ios::end);
  return in.get() == '\n';
}

void check_schema(const Json& record, const std::string& where) {
  const auto schema = json_get_or<int64_t>(record, "schema", where, 1);
  if (schema < 1 || schema > kSchema) {
    throw InputError(where, cat("expected schema ", kSchema, " or older, found ", schema),
                     "use the version of litemedcot that wrote the file, or a newer one");
  }
}

}  // namespace

Json parse_record(std::string_view line, const std::string& where) {
  Json record = parse_json(line, where);
  check_schema(record, where);
  return record;
}

void for_each_record(const std::string& path, LastLine last_line,
                     const std::function<void(const Json&, const std::string& where)>& visit) {
  std::optional<InputError> unreadable;
  for_each_line(path, [&](size_t number, std::string_view line) {
    if (unreadable) throw *unreadable;
    const std::string where = cat(path, ":", number);
    Json record;
    try {
      record = parse_json(line, where);
    } catch (const InputError& error) {
      unreadable = error;  // an error unless this proves to be the last line, and cut short
      return;
    }
    check_schema(record, where);
    visit(record, where);
  });
  if (!unreadable) return;
  if (last_line == LastLine::kIsWhole || ends_with_line_break(path)) throw *unreadable;
}

}  // namespace lmc::record
