// Header fields of HTTP messages, in the order they came.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lmc::net {

class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void add(std::string name, std::string value);
  // The first field of that name, upper and lower case alike; "" when there is none.
  std::string_view get(std::string_view name) const;
  // How many fields have that name.
  size_t count(std::string_view name) const;
  size_t size() const { return fields_.size(); }

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// "Application/JSON; charset=utf-8" -> "application/json".
std::string media_type_of(std::string_view content_type);

}  // namespace lmc::net
