#include "spec/allow_list.h"

#include "base/check.h"  // InputError

namespace lmc::spec {

bool is_off(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  if (value.is_boolean()) return !value.get<bool>();
  return value.is_null() || (value.is_structured() && value.empty());
}

void refuse_unknown(const Json& object, const std::function<bool(std::string_view)>& is_known,
                    const std::string& where, const std::string& section, std::string_view hint) {
  for (const auto& [key, value] : object.items()) {
    if (is_off(value) || is_known(key)) continue;
    constexpr size_t kMaxText = 80;
    std::string text = to_text(value);
    if (text.size() > kMaxText) text = text.substr(0, kMaxText) + "...";
    throw InputError(where,
                     cat("key \"", section, section.empty() ? "" : ".", key, "\": ", text,
                         " is not known here and could change what is computed"),
                     hint);
  }
}

}  // namespace lmc::spec
