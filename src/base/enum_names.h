// An enum whose values have names: in options, in records and in messages.
//
//   enum class Speed { kFast, kSlow };
//   constexpr auto names_of(Speed) {
//     return std::to_array<Named<Speed>>({{Speed::kFast, "fast"}, {Speed::kSlow, "slow"}});
//   }
//
// names_of stands beside the enum, in its namespace, and has every value once, in the order in
// which --help lists them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"  // LMC_CHECK

namespace lmc {

template <class E>
struct Named {
  E value;
  std::string_view name;
};

template <class E>
std::string_view name_of(E value) {
  for (const Named<E>& one : names_of(E{})) {
    if (one.value == value) return one.name;
  }
  LMC_CHECK(false, "no name for value ", static_cast<int64_t>(value));
  return {};
}

template <class E>
std::optional<E> value_named(std::string_view name) {
  for (const Named<E>& one : names_of(E{})) {
    if (one.name == name) return one.value;
  }
  return std::nullopt;
}

template <class E>
std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const Named<E>& one : names_of(E{})) names.emplace_back(one.name);
  return names;
}

}  // namespace lmc
