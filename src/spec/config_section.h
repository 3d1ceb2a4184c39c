// One object of config.json ("text_config") with the place that errors name.
// Errors: InputError naming the file, the path of the key, what was expected and found.
#pragma once

#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"       // InputError
#include "base/json.h"        // Json
#include "spec/allow_list.h"  // is_off

namespace lmc::spec {

class Section {
 public:
  Section(const Json& json, std::string where, std::string path)
      : json_(json), where_(std::move(where)), path_(std::move(path)) {
    if (!json_.is_object()) {
      throw InputError(where_, cat(path_.empty() ? "file" : path_, ": expected object, found ",
                                   json_type_name(json_)));
    }
  }

  bool has(const std::string& key) const {
    const auto found = json_.find(key);
    return found != json_.end() && !found->is_null();
  }

  template <class T>
  T get(const std::string& key) const {
    if (!has(key)) throw InputError(where_, cat("key \"", path_of(key), "\" is missing"));
    return json_as<T>(json_.at(key), where_, path_of(key));
  }

  bool is_off(const std::string& key) const { return !has(key) || spec::is_off(json_.at(key)); }

  int64_t size(const std::string& key, int64_t max) const {
    const auto value = get<int64_t>(key);
    check(value >= 1 && value <= max, key, cat("a number from 1 to ", max), value);
    return value;
  }

  double positive(const std::string& key) const {
    const auto value = get<double>(key);
    check(std::isfinite(value) && value > 0, key, "a number above 0", value);
    return value;
  }

  // A setting of which this program implements one value.
  template <class T>
  void require(const std::string& key, const T& supported) const {
    const T value = get<T>(key);
    check(value == supported, key, cat(std::boolalpha, supported), value);
  }

  Section section(const std::string& key) const {
    if (!has(key)) throw InputError(where_, cat("key \"", path_of(key), "\" is missing"));
    return {json_.at(key), where_, path_of(key)};
  }

  // As require(); absent is as good as the value.
  template <class T>
  void require_if_there(const std::string& key, const T& supported) const {
    if (has(key)) require<T>(key, supported);
  }

  // Errors: InputError when a key is on that is neither in `known` nor common to all of
  // transformers' configurations (allow_list.h).
  void refuse_others(std::initializer_list<std::string_view> known) const;

  template <class T>
  void check(bool holds, const std::string& key, std::string_view expected, const T& found) const {
    if (holds) return;
    throw InputError(where_, cat(std::boolalpha, "key \"", path_of(key), "\": expected ", expected,
                                 ", found ", found));
  }

 private:
  std::string path_of(const std::string& key) const {
    return path_.empty() ? key : cat(path_, ".", key);
  }

  const Json& json_;
  std::string where_;
  std::string path_;
};

}  // namespace lmc::spec
