#include "data/json_rows.h"

#include <optional>

#include "base/check.h"        // InputError
#include "data/csv.h"          // kLettersLost
#include "data/text_buffer.h"  // TextBuffer

namespace lmc::data {

namespace {

constexpr size_t kMaxItemBytes = size_t{1} << 26U;
constexpr int kEnd = TextBuffer::kEnd;
constexpr char kNanNote[] = "NaN or Infinity was taken as absent (JSON has none)";

bool is_blank(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// With null for NaN, Infinity and -Infinity outside strings; nothing when there is none.
std::optional<std::string> without_nan(std::string_view text) {
  std::string result;
  bool is_string = false;
  bool has_any = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_string && c == '\\' && i + 1 < text.size()) {
      result += c;
      result += text[++i];
      continue;
    }
    if (c == '"') is_string = !is_string;
    bool is_nan = false;
    if (!is_string && (i == 0 || !is_word(text[i - 1]))) {
      for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
        const size_t end = i + word.size();
        if (!text.substr(i).starts_with(word) || (end < text.size() && is_word(text[end])))
          continue;
        result += "null";
        i = end - 1;
        is_nan = has_any = true;
        break;
      }
    }
    if (!is_nan) result += c;
  }
  if (!has_any) return std::nullopt;
  return result;
}

void drop_nulls(Json& value) {
  if (!value.is_object()) return;
  for (auto member = value.begin(); member != value.end();) {
    member = member->is_null() ? value.erase(member) : std::next(member);
  }
}

// Fills in value, problem and notes from the row's text.
void parse(JsonRow& row) {
  if (row.text.find('\0') != row.text.npos || row.text.find("\\u0000") != row.text.npos) {
    row.problem = kNulByte;
    return;
  }
  if (!is_utf8(row.text)) {
    row.problem = kNotUtf8;
    return;
  }
  if (row.text.find("\xEF\xBF\xBD") != row.text.npos) row.notes.push_back(kLettersLost);
  SourceRow place;
  place.first_line = row.first_line;
  place.last_line = row.last_line;
  try {
    row.value = parse_json(row.text, lines_of(place));
  } catch (const InputError& error) {
    row.problem = error.what();
    if (const auto repaired = without_nan(row.text)) {
      try {
        row.value = parse_json(*repaired, "");
        row.problem.clear();
        row.notes.push_back(kNanNote);
      } catch (const InputError&) {  // the first error is told
      }
    }
  }
  drop_nulls(row.value);
}

bool is_object_text(const std::string& text) {
  JsonRow row;
  row.text = text;
  parse(row);
  return row.problem.empty() && row.value.is_object();
}

class Reader {
 public:
  Reader(const std::string& path, const std::function<void(JsonRow&)>& visit)
      : buffer_(path), visit_(visit) {}

  void read() {
    skip_blanks();
    if (buffer_.at(place_) == kEnd) return;
    if (buffer_.at(place_) == '[') return read_list();
    if (buffer_.at(place_) != '{' || !is_spread()) return read_lines();
    read_objects();
  }

 private:
  void skip_blanks() {
    for (int c = buffer_.at(place_); is_blank(c); c = buffer_.at(place_)) {
      if (c == '\n' || c == '\r') {
        place_ = buffer_.after_break(place_);
        ++line_;
      } else {
        ++place_;
      }
    }
  }

  // Whether objects are written over several lines: neither the first line nor the next one is an
  // object by itself.
  bool is_spread() {
    const size_t first_end = buffer_.line_end(place_);
    if (is_object_text(buffer_.text().substr(place_, first_end - place_))) return false;
    size_t next = buffer_.after_break(first_end);
    while (buffer_.at(next) != kEnd && is_blank(buffer_.text()[next])) ++next;
    if (buffer_.at(next) == kEnd) return false;
    const size_t next_end = buffer_.line_end(next);
    return !is_object_text(buffer_.text().substr(next, next_end - next));
  }

  void read_lines() {
    while (buffer_.at(place_) != kEnd) {
      buffer_.drop_before(place_);
      const size_t end = buffer_.line_end(place_);
      JsonRow row;
      row.text = buffer_.text().substr(place_, end - place_);
      row.number = row.first_line = row.last_line = line_;
      place_ = buffer_.after_break(end);
      ++line_;
      if (row.text.find_first_not_of(" \t") == row.text.npos) continue;
      hand_on(row);
    }
    check_one_object();
  }

  // Lists that were put one behind the other are read as one.
  void read_list() {
    ++place_;
    for (int64_t number = 1;; ++number) {
      skip_blanks();
      while (buffer_.at(place_) == ']') {
        ++place_;
        skip_blanks();
        if (buffer_.at(place_) == kEnd) return release();
        if (buffer_.at(place_) != '[') fail("text follows the list");
        ++place_;
        skip_blanks();
      }
      read_item(number);
      skip_blanks();
      if (buffer_.at(place_) == ',') {
        ++place_;
      } else if (buffer_.at(place_) != ']') {
        fail(cat("the list breaks off after ", number, " items"));
      }
    }
  }

  void read_objects() {
    for (int64_t number = 1;; ++number) {
      skip_blanks();
      while (buffer_.at(place_) == ',') {
        ++place_;
        skip_blanks();
      }
      if (buffer_.at(place_) == kEnd) break;
      if (buffer_.at(place_) != '{') {
        fail(cat("after ", number - 1, " objects, no object follows"));
      }
      read_item(number);
    }
    check_one_object();
  }

  // One value, up to where its brackets close.
  void read_item(int64_t number) {
    buffer_.drop_before(place_);
    JsonRow row;
    row.number = number;
    row.first_line = line_;
    const size_t begin = place_;
    int depth = 0;
    bool is_string = false;
    while (true) {
      const int c = buffer_.at(place_);
      if (c == kEnd) fail(cat("item ", number, " is never closed"));
      if (place_ - begin > kMaxItemBytes) fail(cat("item ", number, " is larger than 64 MiB"));
      if (c == '\n' || (c == '\r' && buffer_.at(place_ + 1) != '\n')) ++line_;
      if (is_string) {
        if (c == '\\' && buffer_.at(place_ + 1) != kEnd) ++place_;
        if (c == '"') is_string = false;
      } else if (c == '"') {
        is_string = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (depth == 0 && (c == ',' || c == ']')) {
        break;  // a bare value ends here
      } else if (c == '}' || c == ']') {
        --depth;
        if (depth <= 0) {
          ++place_;
          break;
        }
      }
      ++place_;
    }
    row.last_line = line_;
    row.text = buffer_.text().substr(begin, place_ - begin);
    while (!row.text.empty() && is_blank(row.text.back())) row.text.pop_back();
    hand_on(row);
  }

  void hand_on(JsonRow& row) {
    parse(row);
    if (buffer_.source().note() != nullptr) row.notes.push_back(buffer_.source().note());
    ++num_rows_;
    if (num_rows_ == 1 && row.value.is_object() && !row.value.contains("question")) {
      held_ = std::move(row);  // told from a row when the next one comes
      return;
    }
    release();
    visit_(row);
  }

  void release() {
    if (!held_) return;
    visit_(*held_);
    held_.reset();
  }

  // A file that is one object without a question is of another form.
  void check_one_object() {
    if (!held_) return;
    std::string keys;
    for (const auto& [key, value] : held_->value.items()) {
      if (keys.size() > 60) break;
      keys += (keys.empty() ? "\"" : ", \"") + key + "\"";
    }
    throw InputError(buffer_.source().name(),
                     cat("expected a list of questions, or one question a line; found one object",
                         keys.empty() ? "" : " with the keys ", keys),
                     "a list under a key is taken out by: jq '.KEY' ; columns are turned into rows "
                     "by pandas' to_json(orient=\"records\")");
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw InputError(cat(buffer_.source().name(), ":", line_), cat("not valid JSON: ", problem));
  }

  TextBuffer buffer_;
  const std::function<void(JsonRow&)>& visit_;
  size_t place_ = 0;
  int64_t line_ = 1;
  int64_t num_rows_ = 0;
  std::optional<JsonRow> held_;
};

}  // namespace

void for_each_json_row(const std::string& path, const std::function<void(JsonRow& row)>& visit) {
  Reader(path, visit).read();
}

void for_each_json_source_row(const std::string& path,
                              const std::function<void(JsonRow& json, SourceRow& row)>& read,
                              const VisitRow& visit) {
  for_each_json_row(path, [&](JsonRow& json) {
    SourceRow row;
    row.number = json.number;
    row.first_line = json.first_line;
    row.last_line = json.last_line;
    row.notes = json.notes;
    if (json.problem.empty()) {
      read(json, row);
    } else {
      row.reject(json.problem == kNulByte || json.problem == kNotUtf8 ? json.problem : kNotJson,
                 json.problem);
    }
    visit(row);
  });
}

std::optional<std::string> text_in(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) return std::nullopt;
  std::string text = value.dump();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

}  // namespace lmc::data
