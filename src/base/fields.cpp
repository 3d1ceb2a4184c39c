#include "base/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <utility>

namespace lmc {

namespace {

using Words = std::vector<std::string>;

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

bool is_empty(const Field::Target& target) {
  if (const auto* text = std::get_if<std::string*>(&target)) return (*text)->empty();
  if (const auto* list = std::get_if<Words*>(&target)) return (*list)->empty();
  return false;
}

// As one would type it: "1000000" and "0.0002", where the shortest forms are "1e+06" and "2e-04".
std::string number_text(double number) {
  char text[32];
  const bool is_whole = number == std::floor(number) && std::abs(number) < 1e15;
  std::snprintf(text, sizeof text, is_whole ? "%.0f" : "%g", number);
  if (std::strtod(text, nullptr) == number || !std::isfinite(number)) return text;
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string listed(const Words& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string default_word(const Field::Target& target, const Words& choices) {
  if (std::holds_alternative<bool*>(target)) return {};
  if (std::holds_alternative<int64_t*>(target)) return "N";
  if (std::holds_alternative<double*>(target)) return "X";
  return choices.empty() ? "TEXT" : "WORD";
}

// The present value; of a heading, which has none, off.
Field::Value value_of(const Field::Target& target) {
  return std::visit(
      [](const auto& value) -> Field::Value {
        if constexpr (std::is_same_v<decltype(value), const EnumTarget&>) {
          return value.name();
        } else {
          return value == nullptr ? Field::Value() : *value;
        }
      },
      target);
}

// What is wrong with a value, and what may have been meant.
struct Problem {
  std::string text;
  std::string hint;
};

[[noreturn]] void fail(std::string_view where, const std::string& name, const Problem& problem) {
  if (where.empty()) throw InputError(name, problem.text, problem.hint);
  throw InputError(where, cat(name, ": ", problem.text), problem.hint);
}

std::optional<Problem> problem_of_choice(const Field& field, const std::string& word) {
  const Words& choices = field.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), word) != choices.end()) {
    return std::nullopt;
  }
  const std::string near = nearest_word(word, choices);
  return Problem{cat("expected one of ", listed(choices), "; found \"", word, "\""),
                 near.empty() ? "" : cat("did you mean \"", near, "\"?")};
}

std::optional<Problem> problem_of_number(const Field& field, double number) {
  if (field.range.contains(number)) return std::nullopt;
  const std::string allowed = field.range.text();
  return Problem{cat("expected ", allowed.empty() ? "a finite number" : allowed, ", found ",
                     number_text(number)),
                 ""};
}

// Whole numbers with a least value alone are counts and sizes. They end where the product of two
// would be none any more.
constexpr int64_t kMaxCount = std::numeric_limits<int32_t>::max();

bool is_count(const Range& range) { return std::isfinite(range.min) && !std::isfinite(range.max); }

// What a whole number may be, in full.
std::string whole_range_text(const Range& range) {
  if (std::isfinite(range.min) && std::isfinite(range.max)) return range.text();
  using Limits = std::numeric_limits<int64_t>;
  const auto least = static_cast<int64_t>(range.min) + (range.excludes_min ? 1 : 0);
  const auto most = static_cast<int64_t>(range.max) - (range.excludes_max ? 1 : 0);
  return cat(std::isfinite(range.min) ? least : Limits::min(), " to ",
             is_count(range)            ? kMaxCount
             : std::isfinite(range.max) ? most
                                        : Limits::max());
}

// A text without a value is as good as none where none is the default.
std::optional<Problem> problem_of(const Field& field) {
  if (const auto* number = std::get_if<int64_t*>(&field.value)) {
    if (is_count(field.range) && **number > kMaxCount) {
      return Problem{cat("expected ", whole_range_text(field.range), ", found ", **number), ""};
    }
    return problem_of_number(field, static_cast<double>(**number));
  }
  if (const auto* number = std::get_if<double*>(&field.value)) {
    return problem_of_number(field, **number);
  }
  if (const auto* text = std::get_if<std::string*>(&field.value)) {
    const auto* initial = std::get_if<std::string>(&field.initial);
    if ((*text)->empty() && initial->empty()) return std::nullopt;
    return problem_of_choice(field, **text);
  }
  if (const auto* list = std::get_if<Words*>(&field.value)) {
    for (const std::string& item : **list) {
      if (const auto problem = problem_of_choice(field, item)) return problem;
    }
  }
  if (const auto* named = std::get_if<EnumTarget>(&field.value)) {
    return problem_of_choice(field, named->name());
  }
  return std::nullopt;
}

void check_value(const Field& field, std::string_view where, const std::string& name) {
  if (const auto problem = problem_of(field)) fail(where, name, *problem);
}

template <class Number>
struct Parsed {
  std::optional<Number> number;
  bool is_beyond = false;  // it is a number that the type does not hold
};

// The whole word as a number in decimal digits.
template <class Number>
Parsed<Number> number_of(std::string_view word) {
  if (word.size() > 1 && word[0] == '+' && word[1] != '-') word.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (end != word.data() + word.size() || error == std::errc::invalid_argument) return {};
  if (error == std::errc::result_out_of_range) return {std::nullopt, true};
  return {number};
}

template <class Number>
void set_number(const Field& field, Number* target, const std::string& word,
                std::string_view where) {
  constexpr bool is_whole = std::is_integral_v<Number>;
  const Parsed<Number> parsed = number_of<Number>(word);
  if (parsed.number) {
    *target = *parsed.number;
    return;
  }
  const std::string allowed = field.range.text();
  if (parsed.is_beyond && is_whole) {
    fail(where, "--" + field.name,
         {cat("expected ", whole_range_text(field.range), ", found ", word), ""});
  }
  fail(where, "--" + field.name,
       {cat("expected a ", is_whole ? "whole number" : "number", allowed.empty() ? "" : ", ",
            allowed, "; found \"", word, "\""),
        ""});
}

// Sets an enum to the value of this name.
void set_named(const Field& field, const EnumTarget& target, const std::string& word,
               std::string_view where, const std::string& name) {
  if (const auto problem = problem_of_choice(field, word)) fail(where, name, *problem);
  target.set(word);
}

void set_from_json(const Field& field, const std::string& key, const Json& value,
                   std::string_view where) {
  const std::string name = cat("key \"", key, "\"");
  // Json would turn it into a negative number.
  if (value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX &&
      std::holds_alternative<int64_t*>(field.value)) {
    fail(where, name,
         {cat("expected ", whole_range_text(field.range), ", found ", value.get<uint64_t>()), ""});
  }
  std::visit(
      [&](const auto& target) {
        using T = std::remove_cvref_t<decltype(target)>;
        if constexpr (std::is_same_v<T, EnumTarget>) {
          set_named(field, target, json_as<std::string>(value, where, key), where, name);
        } else {
          using V = std::remove_pointer_t<T>;
          const bool is_one_of_list = std::is_same_v<V, Words> && value.is_string();
          *target = json_as<V>(is_one_of_list ? Json::array({value}) : value, where, key);
        }
      },
      field.value);
}

}  // namespace

bool Range::contains(double value) const {
  return std::isfinite(value) && (excludes_min ? value > min : value >= min) &&
         (excludes_max ? value < max : value <= max);
}

std::string Range::text() const {
  if (std::isfinite(min) && std::isfinite(max)) {
    return cat(excludes_min ? "above " : "", number_text(min), excludes_max ? " to below " : " to ",
               number_text(max));
  }
  if (std::isfinite(min)) {
    return excludes_min ? "more than " + number_text(min) : number_text(min) + " or more";
  }
  if (std::isfinite(max)) {
    return excludes_max ? "less than " + number_text(max) : number_text(max) + " or less";
  }
  return {};
}

Range at_least(double min) {
  Range range;
  range.min = min;
  return range;
}

Range more_than(double min) {
  Range range = at_least(min);
  range.excludes_min = true;
  return range;
}

Range from_to(double min, double max) { return {min, max}; }
Range from_to_below(double min, double end) { return {min, end, false, true}; }
Range above_to(double start, double max) { return {start, max, true, false}; }

Field::Field(std::string field_name, std::string help_text, FieldValue where, bool is_required,
             std::vector<std::string> allowed)
    : name(std::move(field_name)),
      help(std::move(help_text)),
      value(where.target),
      required(is_required),
      choices(std::move(allowed)),
      decides(where.decides),
      aliases(std::move(where.aliases)),
      initial(value_of(value)) {
  const auto* named = std::get_if<EnumTarget>(&value);
  if (named != nullptr && choices.empty()) choices = named->names();
  word = where.word.empty() ? default_word(value, choices) : std::move(where.word);
}

Field::Field(std::string field_name, std::string help_text, FieldValue where, Range allowed)
    : Field(std::move(field_name), std::move(help_text), std::move(where)) {
  range = allowed;
}

FieldValue free_to_change(FieldValue value) {
  value.decides = false;
  return value;
}

FieldValue formerly(std::string name, FieldValue value) {
  value.aliases.push_back(std::move(name));
  return value;
}

Field under(const std::string& heading) {
  bool* nothing = nullptr;
  Field marker("", "", nothing);
  marker.heading = heading;
  return marker;
}

std::vector<Field> grouped(std::vector<Field> fields) {
  std::vector<Field> all;
  std::string heading;
  for (Field& field : fields) {
    if (field.name.empty()) {
      heading = field.heading;
    } else {
      append_fields(all, heading, {std::move(field)});
    }
  }
  return all;
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

void append_fields(std::vector<Field>& to, const std::string& heading, std::vector<Field> fields) {
  for (Field& field : fields) {
    field.heading = heading;
    to.push_back(std::move(field));
  }
}

std::string value_text(const Field::Value& value) {
  if (const auto* is_on = std::get_if<bool>(&value)) return *is_on ? "on" : "off";
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  std::string all;
  for (const std::string& item : std::get<Words>(value)) all += (all.empty() ? "" : " ") + item;
  return all;
}

bool is_named(const Field& field, std::string_view name) {
  return field.name == name ||
         std::find(field.aliases.begin(), field.aliases.end(), name) != field.aliases.end();
}

void fields_from_json(std::vector<Field> fields, const Json& object, std::string_view where) {
  if (!object.is_object()) throw InputError(where, "expected a JSON object of options");
  for (const auto& member : object.items()) {
    const std::string& key = member.key();
    const Json& value = member.value();
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& f) { return is_named(f, key); });
    if (field == fields.end()) {
      Words names;
      for (const Field& f : fields) names.push_back(f.name);
      const std::string near = nearest_word(key, names);
      throw InputError(where, cat("unknown key \"", key, "\""),
                       near.empty() ? "" : cat("did you mean \"", near, "\"?"));
    }
    set_from_json(*field, key, value, where);
    check_value(*field, where, cat("key \"", key, "\""));
  }
}

Json fields_to_json(const std::vector<Field>& fields) {
  Json object = Json::object();
  for (const Field& field : fields) {
    std::visit([&](const auto& value) { object[field.name] = value; }, value_of(field.value));
  }
  return object;
}

void field_from_words(const Field& field, std::span<const std::string> words,
                      std::string_view where) {
  std::visit(
      [&](const auto& target) {
        using T = std::remove_pointer_t<std::remove_cvref_t<decltype(target)>>;
        if constexpr (std::is_same_v<T, EnumTarget>) {
          set_named(field, target, words[0], where, "--" + field.name);
        } else if constexpr (std::is_same_v<T, Words>) {
          target->assign(words.begin(), words.end());
        } else if constexpr (std::is_same_v<T, std::string>) {
          *target = words[0];
        } else if constexpr (!std::is_same_v<T, bool>) {
          set_number(field, target, words[0], where);
        }
      },
      field.value);
  check_value(field, where, "--" + field.name);
}

void check_fields(const std::vector<Field>& fields, std::string_view where) {
  for (const Field& field : fields) {
    const std::string flag = "--" + field.name;
    if (field.required && is_empty(field.value)) {
      if (where.empty()) throw InputError(flag, "is missing", field.help);
      throw InputError(where, flag + " is missing", field.help);
    }
    check_value(field, where, flag);
  }
}

}  // namespace lmc
