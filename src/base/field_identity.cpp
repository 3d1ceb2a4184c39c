#include "base/field_identity.h"

#include "base/check.h"  // cat

namespace lmc {

namespace {

Json member_of(const Json& object, const std::string& name) {
  return object.is_object() && object.contains(name) ? object[name] : Json();
}

std::string value_text(const Json& value) { return value.is_null() ? "not given" : to_text(value); }

}  // namespace

Json deciding_options(const std::vector<Field>& fields) {
  std::vector<Field> deciding;
  for (const Field& field : fields) {
    if (field.decides) deciding.push_back(field);
  }
  return fields_to_json(deciding);
}

std::vector<std::string> free_options(const std::vector<Field>& fields) {
  std::vector<std::string> names;
  for (const Field& field : fields) {
    if (!field.decides) names.push_back(field.name);
  }
  return names;
}

std::vector<Difference> difference_of(const Json& recorded, const Json& asked) {
  std::vector<Difference> differences;
  for (const auto& [name, before] : recorded.items()) {
    if (before.is_null()) continue;
    const Json now = member_of(asked, name);
    if (now != before) differences.push_back({name, before, now});
  }
  for (const auto& [name, now] : asked.items()) {
    if (member_of(recorded, name).is_null() && !now.is_null()) {
      differences.push_back({name, Json(), now});
    }
  }
  return differences;
}

std::string text_of(const std::vector<Difference>& differences) {
  std::string text;
  for (const Difference& one : differences) {
    text += cat(text.empty() ? "" : "; ", one.name, " was ", value_text(one.recorded), ", is ",
                value_text(one.asked));
  }
  return text;
}

}  // namespace lmc
