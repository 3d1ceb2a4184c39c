#include "tensorio/strict_json.h"

#include <set>
#include <vector>

#include "base/check.h"  // InputError

namespace lmc::tensorio {

SortedJson parse_strict_json(std::string_view text, const std::string& where) {
  constexpr int kMaxDepth = 8;
  std::vector<std::set<std::string>> keys_of_open_objects;
  const auto watch = [&](int depth, SortedJson::parse_event_t event, SortedJson& value) {
    if (depth > kMaxDepth) throw InputError(where, "JSON nested too deeply");
    if (event == SortedJson::parse_event_t::object_start) {
      keys_of_open_objects.emplace_back();
    } else if (event == SortedJson::parse_event_t::object_end) {
      keys_of_open_objects.pop_back();
    } else if (event == SortedJson::parse_event_t::key) {
      const std::string key = value.get<std::string>();
      if (!keys_of_open_objects.back().insert(key).second) {
        throw InputError(where, cat("key ", escaped(key), " appears twice"));
      }
    }
    return true;
  };
  try {
    return SortedJson::parse(text, watch);
  } catch (const SortedJson::parse_error& error) {
    throw InputError(where, cat("not valid JSON at byte ", error.byte, " of ", text.size()));
  } catch (const SortedJson::exception&) {
    throw InputError(where, "JSON holds a number that is out of range");
  }
}

std::string escaped(std::string_view name) { return SortedJson(name).dump(); }

}  // namespace lmc::tensorio
