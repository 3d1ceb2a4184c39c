#include "base/fields.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace lmc {

namespace {

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
  if (const auto* list = std::get_if<std::vector<std::string>*>(&target)) return (*list)->empty();
  return false;
}

}  // namespace

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

void fields_from_json(std::vector<Field> fields, const Json& object, std::string_view where) {
  if (!object.is_object()) throw InputError(where, "expected a JSON object of options");
  for (const auto& [key, value] : object.items()) {
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == key; });
    if (field == fields.end()) {
      std::vector<std::string> names;
      for (const Field& f : fields) names.push_back(f.name);
      const std::string near = nearest_word(key, names);
      throw InputError(where, cat("unknown key \"", key, "\""),
                       near.empty() ? "" : cat("did you mean \"", near, "\"?"));
    }
    std::visit(
        [&](auto* target) {
          using T = std::remove_pointer_t<decltype(target)>;
          const bool is_one_of_list =
              std::is_same_v<T, std::vector<std::string>> && value.is_string();
          *target = json_as<T>(is_one_of_list ? Json::array({value}) : value, where, key);
        },
        field->value);
  }
}

Json fields_to_json(const std::vector<Field>& fields) {
  Json object = Json::object();
  for (const Field& field : fields) {
    std::visit([&](const auto* value) { object[field.name] = *value; }, field.value);
  }
  return object;
}

void check_fields(const std::vector<Field>& fields, std::string_view where) {
  for (const Field& field : fields) {
    if (field.required && is_empty(field.value)) {
      throw InputError(where, cat("--", field.name, " is missing"), field.help);
    }
    const auto* text = std::get_if<std::string*>(&field.value);
    if (text == nullptr || field.choices.empty() || (*text)->empty()) continue;
    if (std::find(field.choices.begin(), field.choices.end(), **text) == field.choices.end()) {
      std::string all;
      for (const std::string& choice : field.choices) all += (all.empty() ? "" : ", ") + choice;
      throw InputError(
          where, cat("--", field.name, ": expected one of ", all, "; found \"", **text, "\""));
    }
  }
}

}  // namespace lmc
