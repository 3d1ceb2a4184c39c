#include "archive/dicom_json.h"

#include <algorithm>
#include <charconv>

namespace lmc::archive {

namespace {

std::string as_text(const LargeJson& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return std::to_string(value.get<int64_t>());
  if (value.is_number()) return value.dump();
  if (value.is_object()) {
    for (const char* script : kNameScripts) {
      const auto found = value.find(script);
      if (found != value.end() && found->is_string()) return found->get<std::string>();
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> values_of(const LargeJson& dataset, const char* tag) {
  std::vector<std::string> values;
  if (!dataset.is_object()) return values;
  const auto attribute = dataset.find(tag);
  if (attribute == dataset.end() || !attribute->is_object()) return values;
  const auto list = attribute->find("Value");
  if (list == attribute->end() || !list->is_array()) return values;
  for (const LargeJson& value : *list) values.push_back(as_text(value));
  return values;
}

std::string value_of(const LargeJson& dataset, const char* tag) {
  const std::vector<std::string> values = values_of(dataset, tag);
  return values.empty() ? std::string() : values[0];
}

// Some servers send whole numbers as text.
int64_t number_of(const LargeJson& dataset, const char* tag) {
  const std::string text = value_of(dataset, tag);
  int64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() ? number : 0;
}

bool is_uid(std::string_view text) {
  constexpr size_t kMaxLength = 64;  // PS3.5 section 9.1
  return !text.empty() && text.size() <= kMaxLength &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '.'; }) &&
         text.find("..") == text.npos;
}

}  // namespace lmc::archive
